/**
 * What the adapters for `mkcomposefs` and `composefs-info` have in common: both implementations of the two tools
 * are asked by the same arguments.
 *
 * What an adapter declares is what the tools do themselves:
 *
 * - `erofs.write` is `mkcomposefs --from-file` in the format that is asked for;
 * - `erofs.read` is `composefs-info dump`, spelled canonically;
 * - `fsverity.digest` is `composefs-info measure-file`.
 *
 * `dumpfile.canonical` is not declared: no tool turns a dumpfile into another one. To write an image and dump it
 * would ask the writer and the reader as well, and a wrong answer could be any of the three.
 *
 * A tool rejects where it says so: exit code 1 and a message of its own about the input. A tool that crashes takes
 * the adapter with it, so that the runner sees a crash. Everything else that is not success is an error.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelloMessage, ImplementationName, RunMessage } from '../runner/protocol/messages.ts';
import { broken, digestIn, type Ended, refusal, run } from './run-program.ts';
import { type Adapter, inputPath, type Outcome, serve } from './serve.ts';

/** The two tools of one implementation. */
export interface ComposefsTools {
  /** Who they are. Ends the process where the tools are not there: the runner then says that it could not start. */
  readonly implementation: () => ImplementationName;
  /** The program of a tool and the arguments that come first. */
  readonly command: (tool: 'mkcomposefs' | 'composefs-info') => readonly [program: string, ...args: string[]];
  /** Variables that the tools run with, beside the adapter's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** How the message begins that refuses a dumpfile, a tree, an image. */
  readonly refuses: { readonly dumpfile: RegExp; readonly tree: RegExp; readonly image: RegExp };
  /** Exit codes of a crash. */
  readonly crashCodes?: readonly number[];
  /** The text of `composefs-info dump` as a canonical dumpfile. Throws an Error where it is none. */
  readonly canonical: (dump: string) => string;
}

/** Formats of the standard, and what the tools call them. */
const versions: Readonly<Record<string, number>> = { v0: 0, v1: 1 };

/** What an adapter has beside the tools. */
export interface More {
  readonly operations: Adapter['operations'];
  readonly features: readonly string[];
}

/** Serves the operations with `tools`, and `more`. */
export function serveTools(tools: ComposefsTools, more?: More): Promise<void> {
  const hello = (): HelloMessage => ({
    ...{ type: 'hello', protocol: 1, implementation: tools.implementation(), specVersions: ['1.0'] },
    operations: Object.keys(operations),
    features: [
      'digest.sha256-12',
      ...Object.keys(versions).map(format => `format.${format}`),
      ...(more?.features ?? []),
    ],
  });
  const operations = {
    'erofs.write': (request: RunMessage) => write(tools, request),
    'erofs.read': (request: RunMessage) => read(tools, request),
    'fsverity.digest': (request: RunMessage) => measure(tools, request),
    ...more?.operations,
  };
  return serve({ hello, operations });
}

async function write(tools: ComposefsTools, request: RunMessage): Promise<Outcome> {
  const unsupported = unsupportedParameter(request);
  if (unsupported !== undefined) return unsupported;
  const image = 'image.erofs';
  const version = versions[request.params['format'] ?? ''];
  const format = [`--min-version=${version}`, `--max-version=${version}`];
  const paths = [inputPath(request, 'dumpfile'), join(request.outDir, image)];
  const ended = await runTool(tools, 'mkcomposefs', ['--from-file', ...format, '--print-digest', ...paths]);
  const digest = digestIn(ended);
  if (digest !== undefined) return { status: 'ok', values: { digest }, files: { image } };
  const { dumpfile, tree } = tools.refuses;
  return refusal(ended, 'dumpfile', dumpfile) ?? refusal(ended, 'erofs', tree) ?? broken(ended);
}

async function read(tools: ComposefsTools, request: RunMessage): Promise<Outcome> {
  const ended = await runTool(tools, 'composefs-info', ['dump', inputPath(request, 'image')]);
  if (ended.code !== 0) return refusal(ended, 'erofs', tools.refuses.image) ?? broken(ended);
  const dumpfile = 'tree.dump';
  await writeFile(join(request.outDir, dumpfile), tools.canonical(ended.stdout), 'latin1');
  return { status: 'ok', files: { dumpfile } };
}

async function measure(tools: ComposefsTools, request: RunMessage): Promise<Outcome> {
  const unsupported = unsupportedParameter(request);
  if (unsupported !== undefined) return unsupported;
  const ended = await runTool(tools, 'composefs-info', ['measure-file', inputPath(request, 'data')]);
  const digest = digestIn(ended);
  return digest === undefined ? broken(ended) : { status: 'ok', values: { digest } };
}

/** The tools know two formats, and one algorithm. */
function unsupportedParameter({ params }: RunMessage): Outcome | undefined {
  const { format = 'v1', algorithm = 'fsverity-sha256-12' } = params;
  if (!Object.hasOwn(versions, format)) return { status: 'unsupported', feature: `format.${format}` };
  if (algorithm === 'fsverity-sha256-12') return undefined;
  return { status: 'unsupported', feature: `digest.${algorithm.replace(/^fsverity-/, '')}` };
}

function runTool(
  { command, ...how }: ComposefsTools,
  tool: 'mkcomposefs' | 'composefs-info',
  args: readonly string[],
): Promise<Ended> {
  return run({ ...how, name: tool, command: command(tool) }, args);
}
