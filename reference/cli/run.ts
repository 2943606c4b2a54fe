/**
 * The program: its commands, and what becomes of an error.
 * @module
 */

import { Command, CommanderError } from 'commander';
import { ComposefsError } from '../errors.ts';
import { isSystemError } from '../oci/file.ts';
import { ProtocolError } from './adapter/protocol-error.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';
import { version } from './version.ts';

/**
 * What adds each command to the program. Only the one that was asked for is loaded: all of them take longer than
 * most images do.
 */
const commands: ReadonlyMap<string, () => Promise<(program: Command) => void>> = new Map([
  ['digest', async () => (await import('./digest.ts')).addDigest],
  ['tree', async () => (await import('./tree.ts')).addTree],
  ['mkfs', async () => (await import('./mkfs.ts')).addMkfs],
  ['dump', async () => (await import('./dump.ts')).addDump],
  ['inspect', async () => (await import('./inspect.ts')).addInspect],
  ['fsck', async () => (await import('./fsck.ts')).addFsck],
  ['fsverity', async () => (await import('./fsverity.ts')).addFsverity],
  ['seal', async () => (await import('./seal.ts')).addSeal],
  ['verify', async () => (await import('./verify.ts')).addVerify],
  ['lint', async () => (await import('./lint.ts')).addLint],
  ['adapter', async () => (await import('./adapter.ts')).addAdapter],
]);

/** Exit codes, as the help lists them. */
const exit = { ok: 0, refused: 1, usage: 2, internal: 70, brokenPipe: 141 } as const;

const help = `
Examples:
  $ composefs-oci digest oci:./layout:latest
  $ composefs-oci tree oci:./layout:latest --output image.dump
  $ composefs-oci mkfs image.dump --output image.erofs
  $ composefs-oci dump image.erofs | less
  $ composefs-oci seal oci:./layout:latest --mode inline --output oci:./sealed:latest
  $ composefs-oci verify oci:./sealed:latest
  $ composefs-oci fsck image.erofs
  $ composefs-oci fsverity image.erofs

Images:
  oci:DIR[:TAG] is an OCI image layout, as skopeo, umoci, buildah and docker buildx write it. DIR ends at the
  first colon. Without TAG the layout must have one image. Only 'seal' writes into a layout, and only
  into the one that --output names.

Exit codes:
  0    done
  1    the input was refused: one line on stderr names the stage, the place and the code; of fsck: not canonical
  2    the command line was wrong
  70   internal error: a bug
  141  the reader of stdout went away

With --json, stdout carries one JSON object: the result, or {"error":{"code","stage","message",…}}.
`;

/** Runs the program on `argv` (as `process.argv`), and gives its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  // Failed writes are seen where they are awaited.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  try {
    await (await program(argv[2])).parseAsync(argv);
    return exit.ok;
  } catch (error) {
    try {
      return await report(error, json);
    } catch (failure) {
      return isBrokenPipe(failure) ? exit.brokenPipe : exit.internal;
    }
  }
}

/** The program for a command line that begins with `first`. */
async function program(first = ''): Promise<Command> {
  const program = new Command('composefs-oci')
    .description('OCI images as composefs images: trees, EROFS images and their fs-verity digests.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError("Run it with --help to see how it's used.")
    .addHelpText('after', help);
  const asked = commands.get(first);
  for (const load of asked === undefined ? commands.values() : [asked]) (await load())(program);
  return program;
}

/** Says what went wrong, and gives the exit code. */
async function report(error: unknown, json: boolean): Promise<number> {
  if (isBrokenPipe(error)) return exit.brokenPipe;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exit.ok;
    // Commander has written its line.
    const message = error.message.replace(/^error: /, '');
    if (json) await writeJson({ code: 'USAGE', stage: 'usage', message });
    return exit.usage;
  }
  if (error instanceof ComposefsError) {
    await write(process.stderr, `error: ${error.message}\n`);
    if (json) await writeJson(rejectionJson(error));
    return exit.refused;
  }
  if (error instanceof FailureReported) return exit.refused;
  if (error instanceof ProtocolError) {
    await write(process.stderr, `error: ${error.message}\n`);
    return exit.refused;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await write(
    process.stderr,
    `internal error: ${message}\nThis is a bug in composefs-oci ${version}: please report it, with the command and its input.\n`,
  );
  if (json) await writeJson({ code: 'INTERNAL', stage: 'internal', message: String(error) });
  return exit.internal;
}

function writeJson(error: Record<string, unknown>): Promise<void> {
  return write(process.stdout, `${JSON.stringify({ error })}\n`);
}

function isBrokenPipe(error: unknown): boolean {
  return isSystemError(error) && error.code === 'EPIPE';
}
