/**
 * The program: its commands, and what becomes of an error.
 * @module
 */

import { Command, CommanderError } from 'commander';
import { printable } from '../bytes.ts';
import { ComposefsError, codes } from '../errors.ts';
import { isSystemError } from '../oci/file.ts';
import { ProtocolError } from './adapter/serve.ts';
import { addAdapter } from './adapter.ts';
import { addDigest } from './digest.ts';
import { addDump } from './dump.ts';
import { addMkfs } from './mkfs.ts';
import { write } from './output.ts';
import { addTree } from './tree.ts';
import { version } from './version.ts';

/** Exit codes, as the help lists them. */
const exit = { ok: 0, refused: 1, usage: 2, internal: 70, brokenPipe: 141 } as const;

const help = `
Examples:
  $ composefs-oci digest oci:./layout:latest
  $ composefs-oci tree oci:./layout:latest --output image.dump
  $ composefs-oci mkfs image.dump --output image.erofs
  $ composefs-oci dump image.erofs | less

Images:
  oci:DIR[:TAG] is an OCI image layout, as skopeo, umoci, buildah and docker buildx write it. DIR ends at the
  first colon. Without TAG the layout must have one image. Nothing is written into a layout.

Exit codes:
  0    done
  1    the input was refused: one line on stderr names the stage, the place and the code
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
    await program().parseAsync(argv);
    return exit.ok;
  } catch (error) {
    try {
      return await report(error, json);
    } catch (failure) {
      return isBrokenPipe(failure) ? exit.brokenPipe : exit.internal;
    }
  }
}

function program(): Command {
  const program = new Command('composefs-oci')
    .description('OCI images as composefs images: trees, EROFS images and their fs-verity digests.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureHelp({ helpWidth: 110 })
    .showHelpAfterError("Run it with --help to see how it's used.")
    .addHelpText('after', help);
  addDigest(program);
  addTree(program);
  addMkfs(program);
  addDump(program);
  addAdapter(program);
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
    if (json) await writeJson(describe(error));
    return exit.refused;
  }
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

/** A refusal as JSON: what the code says, and the place in its parts. */
function describe({ code, stage, message, detail, place }: ComposefsError): Record<string, unknown> {
  const { file, layer, entry, offset, line } = place;
  return {
    code,
    stage,
    message,
    meaning: codes[code],
    detail,
    file,
    layer,
    entry: entry === undefined ? undefined : printable(entry),
    offset: offset === undefined ? undefined : Number(offset),
    line,
  };
}

function writeJson(error: Record<string, unknown>): Promise<void> {
  return write(process.stdout, `${JSON.stringify({ error })}\n`);
}

function isBrokenPipe(error: unknown): boolean {
  return isSystemError(error) && error.code === 'EPIPE';
}
