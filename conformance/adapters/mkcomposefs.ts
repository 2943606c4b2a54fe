#!/usr/bin/env node
/**
 * The adapter for the C tools, mkcomposefs and composefs-info: it speaks the protocol of `conformance/README.md`
 * on one side and runs a tool for every request on the other.
 *
 * What it declares is what the tools do themselves:
 *
 * - `erofs.write` is `mkcomposefs --from-file` in the format of the standard;
 * - `erofs.read` is `composefs-info dump`, spelled canonically (`mkcomposefs-dump.ts` says what that is);
 * - `fsverity.digest` is `composefs-info measure-file`.
 *
 * `dumpfile.canonical` is not declared: no tool turns a dumpfile into another one. To write an image and dump it
 * would ask the writer and the reader as well, and a wrong answer could be any of the three.
 *
 * A tool rejects where it says so: exit code 1 and a message of its own about the input. Everything else that is
 * not success, a signal above all, is an error.
 * @module
 */

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Peer, peerPath, peerVersion } from '../peers/paths.ts';
import type { Done, FromRunner, Hello, RunMessage } from '../protocol/messages.ts';
import { canonicalSpelling } from './mkcomposefs-dump.ts';

/** The answer to a request, without what every answer has. */
type Outcome = Done extends infer D ? (D extends Done ? Omit<D, 'type' | 'id'> : never) : never;

/** How a tool ended. */
interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How mkcomposefs begins each message about a dumpfile (tools/mkcomposefs.c). */
const parserMessages =
  /^mkcomposefs: (?:Can't|Directories|Inline content|Invalid|Missing|No |Parent|Path|Root|Self-referential|Too many|Unsupported)/m;
/** How it begins the one about a tree that it can not write. */
const writerMessages = /^mkcomposefs: cannot write file: /m;
/** How composefs-info begins the one about an image that it can not read (tools/composefs-info.c). */
const readerMessages = /^composefs-info: Failed to load /m;

const operations: Readonly<Record<string, (request: RunMessage) => Promise<Outcome>>> = {
  'erofs.write': async request => {
    const unsupported = unsupportedParameter(request);
    if (unsupported !== undefined) return unsupported;
    const image = 'image.erofs';
    const format = ['--min-version=1', '--max-version=1'];
    const paths = [input(request, 'dumpfile'), join(request.outDir, image)];
    const ended = await run('mkcomposefs', ['--from-file', ...format, '--print-digest', ...paths]);
    const digest = digestIn(ended);
    if (digest !== undefined) return { status: 'ok', values: { digest }, files: { image } };
    return (
      refusal(ended, 'dumpfile', parserMessages) ?? refusal(ended, 'erofs', writerMessages) ?? broken(ended)
    );
  },

  'erofs.read': async request => {
    const ended = await run('composefs-info', ['dump', input(request, 'image')]);
    if (ended.code !== 0) return refusal(ended, 'erofs', readerMessages) ?? broken(ended);
    const dumpfile = 'tree.dump';
    await writeFile(join(request.outDir, dumpfile), canonicalSpelling(ended.stdout), 'latin1');
    return { status: 'ok', files: { dumpfile } };
  },

  'fsverity.digest': async request => {
    const unsupported = unsupportedParameter(request);
    if (unsupported !== undefined) return unsupported;
    const ended = await run('composefs-info', ['measure-file', input(request, 'data')]);
    const digest = digestIn(ended);
    return digest === undefined ? broken(ended) : { status: 'ok', values: { digest } };
  },
};

/** The tools know one format of the standard and one digest. */
function unsupportedParameter({ params }: RunMessage): Outcome | undefined {
  const { format = 'v1', algorithm = 'fsverity-sha256-12' } = params;
  if (format !== 'v1') return { status: 'unsupported', feature: `format.${format}` };
  if (algorithm === 'fsverity-sha256-12') return undefined;
  return { status: 'unsupported', feature: `digest.${algorithm.replace(/^fsverity-/, '')}` };
}

function input({ input }: RunMessage, name: string): string {
  const path = input[name];
  if (typeof path !== 'string') throw new Error(`the request has no input "${name}"`);
  return path;
}

function digestIn({ code, stdout }: Ended): string | undefined {
  return code === 0 ? /^([0-9a-f]{64})\n$/.exec(stdout)?.[1] : undefined;
}

function refusal({ code, stderr }: Ended, stage: string, messages: RegExp): Outcome | undefined {
  if (code !== 1 || !messages.test(stderr)) return undefined;
  return { status: 'rejected', stage, message: stderr.trim() };
}

function broken({ code, signal, stderr }: Ended): Outcome {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return { status: 'error', message: `${how}: ${stderr.trim()}` };
}

/** Runs a tool to its end. Its output is ASCII, but a broken one may say anything. */
function run(peer: Peer, args: readonly string[]): Promise<Ended> {
  // Messages in one language, and the tool as it is without a switch that its manual does not have.
  const { CFS_PARSE_STRICT: _, ...own } = process.env;
  const env = { ...own, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    const child = spawn(needed(peer), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('latin1').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The program of a peer. Ends this one where it is not there: the runner then says that it could not start. */
function needed(peer: Peer): string {
  const path = peerPath(peer);
  if (path !== undefined) return path;
  console.error(`${peer} is not there: run "npm run peers" once`);
  process.exit(1);
}

async function answer(request: RunMessage): Promise<Outcome> {
  try {
    const operation = operations[request.op];
    if (operation === undefined) return { status: 'error', message: `${request.op} was not declared` };
    return await operation(request);
  } catch (error) {
    return { status: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}

function send(message: Hello | Done): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function hello(): Hello {
  needed('mkcomposefs');
  needed('composefs-info');
  return {
    type: 'hello',
    protocol: 1,
    implementation: {
      name: 'mkcomposefs',
      version: peerVersion('mkcomposefs') ?? 'unknown',
      language: 'C',
      url: 'https://github.com/composefs/composefs',
    },
    specVersions: ['1.0'],
    operations: Object.keys(operations),
    features: ['digest.sha256-12', 'format.v1'],
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line) as FromRunner;
  if (message.type === 'hello') send(hello());
  else if (message.type === 'run') send({ type: 'done', id: message.id, ...(await answer(message)) });
  else break;
}
