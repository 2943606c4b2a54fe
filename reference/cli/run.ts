/**
 * The program: its commands, and how errors are reported.
 * @module
 */

import { Command, CommanderError } from 'commander';
import { shortened } from '../bytes.ts';
import { type ExitCode, exit, report } from './failure.ts';
import { write } from './output.ts';
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
  ['labels', async () => (await import('./labels.ts')).addLabels],
  ['ddi', async () => (await import('./ddi.ts')).addDdi],
  ['store', async () => (await import('./store.ts')).addStore],
  ['chunked', async () => (await import('./chunked.ts')).addChunked],
  ['lint', async () => (await import('./lint.ts')).addLint],
  ['completion', async () => (await import('./completion.ts')).addCompletion],
  ['man', async () => (await import('./man.ts')).addMan],
  ['adapter', async () => (await import('./adapter.ts')).addAdapter],
]);

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

  Write a disk image for dm-verity that holds its EROFS image:
  $ composefs-oci ddi image.erofs --output image.raw

Images:
  oci:DIR[:TAG] is the image with the tag TAG in the directory DIR, an OCI image layout as skopeo, umoci, buildah and
  docker buildx write it. DIR ends at the first colon. Without TAG, the layout must have exactly one image.
  oci-archive:FILE[:TAG] is a layout in a tar archive, and docker-archive:FILE[:NAME:TAG] what 'docker save' writes.
  Both are read in place. A manifest has to be made for the latter, so that its digest is not that of a registry.
  Only 'seal' writes to a layout, and only to the one that --output names.

Exit codes:
  0    success
  1    the input was rejected: one line on stderr gives the stage, the location and the error code;
       fsck: an image is not canonical
  2    the command line is wrong
  70   internal error: a bug in composefs-oci
  71   the process lacks memory, threads or open files; the input was not judged
  74   reading or writing failed, for example because a disk is full; the input was not judged
  141  the reader of stdout closed it early

With --json, stdout carries one JSON object: the result, or {"error":{"code","stage","message",…}}.
`;

/** Runs the program with `argv` (as `process.argv`), and returns its exit code. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  const printed: string[] = [];
  try {
    checkArguments(argv);
    await (await program(argv[2], text => printed.push(text))).parseAsync(argv);
    return exit.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help or the version. Commander does not wait until it is written.
    for (const text of printed) await write(process.stdout, text);
    if (error.exitCode === 0) return exit.ok;
    // Commander has already written the message to stderr.
    const message = error.message.replace(/^error: /, '');
    const json = { code: 'USAGE', stage: 'usage', message };
    return report({ exitCode: exit.usage, json }, argv.includes('--json'));
  }
}

/** Node replaces bytes of an argument that are not UTF-8 by U+FFFD, with which another file would be opened. */
function checkArguments(argv: readonly string[]): void {
  const wrong = argv.slice(2).find(argument => argument.includes('\ufffd'));
  if (wrong === undefined) return;
  const message = `${JSON.stringify(shortened(wrong))} is not UTF-8 (or has U+FFFD), and Node cannot pass it on: use a symbolic link with a name in UTF-8, or stdin`;
  process.stderr.write(`error: ${message}\n`);
  throw new CommanderError(exit.usage, 'composefs-oci.utf8', message);
}

/** The commands that print something about all commands. */
const needAll: ReadonlySet<string> = new Set(['completion', 'man']);

/** The program for a command line whose first argument is `first`. It passes its help to `print`. */
async function program(first = '', print: (text: string) => void): Promise<Command> {
  const program = new Command('composefs-oci')
    .description(
      'Turn OCI images into composefs images: compute, write, check, publish and verify their trees, EROFS images and fs-verity digests.',
    )
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: print })
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError('Run it again with --help to see its usage and examples.')
    .addHelpText('after', help);
  const requested = needAll.has(first) ? undefined : commands.get(first);
  for (const load of requested === undefined ? commands.values() : [requested]) (await load())(program);
  return program;
}
