/**
 * What the adapters for `mkcomposefs` and `composefs-info` have in common: both implementations of the two tools take
 * the same arguments.
 *
 * An adapter declares only operations that the tools have themselves:
 *
 * - `erofs.write` is `mkcomposefs --from-file` in the requested format;
 * - `erofs.read` is `composefs-info dump`, turned into a canonical dumpfile;
 * - `fsverity.digest` is `composefs-info measure-file`.
 *
 * `dumpfile.canonical` is not declared: neither tool turns a dumpfile into another one. Writing an image and dumping it
 * would also run the writer and the reader, and a wrong answer could come from any of the three.
 *
 * A tool rejects its input if it exits with code 1 and prints one of its messages about the input. If a tool crashes,
 * the adapter exits too, so that the runner reports a crash. Any other failure is an error.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelloMessage, ImplementationName, RunMessage } from '../runner/protocol/messages.ts';
import { type ProgramResult, printedDigest, rejection, runProgram, unexpectedExit } from './run-program.ts';
import { type Adapter, inputPath, type OperationOutcome, serve } from './serve.ts';

/** The two tools of one implementation. */
export interface ComposefsTools {
  /** Name and version. Exits if the tools are not installed: the runner then reports that the adapter did not start. */
  readonly implementation: () => ImplementationName;
  /** The program of a tool and the arguments that come first. */
  readonly command: (tool: 'mkcomposefs' | 'composefs-info') => readonly [program: string, ...args: string[]];
  /** Environment variables to add to those of the adapter. */
  readonly env?: NodeJS.ProcessEnv;
  /** The messages with which the tools reject a dumpfile, a tree, an image. */
  readonly rejectionMessages: { readonly dumpfile: RegExp; readonly tree: RegExp; readonly image: RegExp };
  /** Exit codes that mean a crash. */
  readonly crashCodes?: readonly number[];
  /** Turns the output of `composefs-info dump` into a canonical dumpfile. Throws an Error if it is not a dumpfile. */
  readonly toCanonicalDumpfile: (dump: string) => string;
}

/** Formats of the standard, and their numbers in the tools. */
const versions: Readonly<Record<string, number>> = { v0: 0, v1: 1 };

/** Operations of an adapter besides those of the two tools, and the features that they add. */
export interface ExtraOperations {
  readonly operations: Adapter['operations'];
  readonly features: readonly string[];
}

/** Serves the operations of `tools`, and those of `extra`. */
export function serveTools(tools: ComposefsTools, extra?: ExtraOperations): Promise<void> {
  const hello = (): HelloMessage => ({
    ...{ type: 'hello', protocol: 1, implementation: tools.implementation(), specVersions: ['1.0'] },
    operations: Object.keys(operations),
    features: [
      'digest.sha256-12',
      ...Object.keys(versions).map(format => `format.${format}`),
      ...(extra?.features ?? []),
    ],
  });
  const operations = {
    'erofs.write': (request: RunMessage) => writeImage(tools, request),
    'erofs.read': (request: RunMessage) => readImage(tools, request),
    'fsverity.digest': (request: RunMessage) => measureFile(tools, request),
    ...extra?.operations,
  };
  return serve({ hello, operations });
}

async function writeImage(tools: ComposefsTools, request: RunMessage): Promise<OperationOutcome> {
  const unsupported = unsupportedParameter(request);
  if (unsupported !== undefined) return unsupported;
  const image = 'image.erofs';
  const version = versions[request.params['format'] ?? ''];
  const format = [`--min-version=${version}`, `--max-version=${version}`];
  const paths = [inputPath(request, 'dumpfile'), join(request.outDir, image)];
  const result = await runTool(tools, 'mkcomposefs', ['--from-file', ...format, '--print-digest', ...paths]);
  const digest = printedDigest(result);
  if (digest !== undefined) return { status: 'ok', values: { digest }, files: { image } };
  const { dumpfile, tree } = tools.rejectionMessages;
  return (
    rejection(result, 'dumpfile', dumpfile) ?? rejection(result, 'erofs', tree) ?? unexpectedExit(result)
  );
}

async function readImage(tools: ComposefsTools, request: RunMessage): Promise<OperationOutcome> {
  const result = await runTool(tools, 'composefs-info', ['dump', inputPath(request, 'image')]);
  if (result.code !== 0)
    return rejection(result, 'erofs', tools.rejectionMessages.image) ?? unexpectedExit(result);
  const dumpfile = 'tree.dump';
  await writeFile(join(request.outDir, dumpfile), tools.toCanonicalDumpfile(result.stdout), 'latin1');
  return { status: 'ok', files: { dumpfile } };
}

async function measureFile(tools: ComposefsTools, request: RunMessage): Promise<OperationOutcome> {
  const unsupported = unsupportedParameter(request);
  if (unsupported !== undefined) return unsupported;
  const result = await runTool(tools, 'composefs-info', ['measure-file', inputPath(request, 'data')]);
  const digest = printedDigest(result);
  return digest === undefined ? unexpectedExit(result) : { status: 'ok', values: { digest } };
}

/** Whether the request needs more than the two formats and the one algorithm of the tools. */
function unsupportedParameter({ params }: RunMessage): OperationOutcome | undefined {
  const { format = 'v1', algorithm = 'fsverity-sha256-12' } = params;
  if (!Object.hasOwn(versions, format)) return { status: 'unsupported', feature: `format.${format}` };
  if (algorithm === 'fsverity-sha256-12') return undefined;
  return { status: 'unsupported', feature: `digest.${algorithm.replace(/^fsverity-/, '')}` };
}

function runTool(
  { command, ...runOptions }: ComposefsTools,
  tool: 'mkcomposefs' | 'composefs-info',
  args: readonly string[],
): Promise<ProgramResult> {
  return runProgram({ ...runOptions, name: tool, command: command(tool) }, args);
}
