/**
 * The program: its commands, and how errors are reported.
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
 * Loads the function that adds each command to the program. Only the requested command is loaded: loading all of them
 * takes longer than reading most images.
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

/** The exit codes that the help lists. */
const exit = { ok: 0, rejected: 1, usage: 2, internal: 70, brokenPipe: 141 } as const;

const help = `
Each command has its own help, with examples: composefs-oci COMMAND --help

Examples:
  Get an image, for example from a registry with skopeo:
  $ skopeo copy docker://docker.io/library/debian:stable oci:./layout:latest

  Print its digest, and its file system as text:
  $ composefs-oci digest oci:./layout:latest
  $ composefs-oci tree oci:./layout:latest | less

  Write its EROFS image, read the image back, and check it:
  $ composefs-oci mkfs oci:./layout:latest --output image.erofs
  $ composefs-oci dump image.erofs | less
  $ composefs-oci fsck image.erofs

  Publish its digest in its manifest, and verify the result:
  $ composefs-oci seal oci:./layout:latest --mode inline --output oci:./sealed:latest
  $ composefs-oci verify oci:./sealed:latest

Images:
  oci:DIR[:TAG] is the image with the tag TAG in the directory DIR, an OCI image layout as skopeo, umoci, buildah and
  docker buildx write it. DIR ends at the first colon. Without TAG, the layout must have exactly one image.
  Only 'seal' writes to a layout, and only to the one that --output names.

Exit codes:
  0    success
  1    the input was rejected: one line on stderr gives the stage, the location and the error code;
       fsck: an image is not canonical
  2    the command line is wrong
  70   internal error: a bug in composefs-oci
  141  the reader of stdout closed it early

With --json, stdout carries one JSON object: the result, or {"error":{"code","stage","message",…}}.
`;

/** Runs the program with `argv` (as `process.argv`), and returns its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  // Failed writes are handled where they are awaited.
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

/** The program for a command line whose first argument is `first`. */
async function program(first = ''): Promise<Command> {
  const program = new Command('composefs-oci')
    .description(
      'Turn OCI images into composefs images: compute, write, check, publish and verify their trees, EROFS images and fs-verity digests.',
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError('Run it again with --help to see its usage and examples.')
    .addHelpText('after', help);
  const requested = commands.get(first);
  for (const load of requested === undefined ? commands.values() : [requested]) (await load())(program);
  return program;
}

/** Reports an error, and returns the exit code. */
async function report(error: unknown, json: boolean): Promise<number> {
  if (isBrokenPipe(error)) return exit.brokenPipe;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exit.ok;
    // Commander has already written the message to stderr.
    const message = error.message.replace(/^error: /, '');
    if (json) await writeJson({ code: 'USAGE', stage: 'usage', message });
    return exit.usage;
  }
  if (error instanceof ComposefsError) {
    await write(process.stderr, `error: ${error.message}\n`);
    if (json) await writeJson(rejectionJson(error));
    return exit.rejected;
  }
  if (error instanceof FailureReported) return exit.rejected;
  if (error instanceof ProtocolError) {
    await write(process.stderr, `error: ${error.message}\n`);
    return exit.rejected;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await write(
    process.stderr,
    `internal error: ${message}\nThis is a bug in composefs-oci ${version}: please report it with the command line and the input.\n`,
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
