/**
 * `composefs-oci inspect`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { byteString, hex, printable } from '../bytes.ts';
import { numberOf } from '../erofs/inspect/decode-structures.ts';
import {
  type InspectedField,
  type InspectedStructure,
  inspectErofs,
  inspectInode,
  structureName,
  valueText,
} from '../erofs/inspect.ts';
import { readErofs } from '../erofs/read.ts';
import { ComposefsError } from '../errors.ts';
import { readImageFile } from './image-file.ts';
import { addJson, exitCodes } from './options.ts';
import { write, writeStdout } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';

const help = `
Prints every byte of the image. Below the name of each structure and of its inode there is one line for each field:
its offset and size, its name in Linux and in the standard, its value, and the meaning of the value.

A broken image is printed as far as it can be decoded, with a mark (^) below the field at which a reader rejects it.
Bytes that belong to no structure are called a gap; in a valid image they are zeros.

Examples:
  Print all of an image:
  $ composefs-oci inspect image.erofs | less

  Print what belongs to one file:
  $ composefs-oci inspect image.erofs --path /etc/passwd

  Print the superblock as JSON:
  $ composefs-oci inspect image.erofs --json | jq '.structures[] | select(.kind == "superblock")'
${exitCodes(
  "a reader accepts the image; 'composefs-oci fsck' says whether it is canonical too",
  'a reader rejects the image: stderr says why',
  'the image has no such path, or the command line is wrong',
)}`;

/** Adds the command. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('Print an EROFS image field by field, even if it is broken.')
    .addArgument(createArgument('<image>', 'an EROFS image, or - for stdin'))
    .option('--path <path>', 'print only the inode at this path, and everything that belongs to it');
  addJson(command)
    .addHelpText('after', help)
    .action(async (file: string) => {
      const { path, json } = command.opts<{ path?: string; json?: boolean }>();
      const image = await readAt(file);
      const structures =
        path === undefined ? inspectErofs(image) : inspectInode(image, byteString(Buffer.from(path)));
      if (structures === undefined)
        return command.error(`error: ${file} has no path ${path}`, { exitCode: 2 });
      const rejection = rejectionOf(image, file);
      if (json) await writeStdout(jsonText(image, structures, { file, rejection }));
      else await writeStdout(text(image, structures, { file, rejection }));
      if (rejection === undefined) return;
      if (!json) throw rejection;
      await write(process.stderr, `error: ${rejection.message}\n`);
      throw new FailureReported();
    });
}

/** Reads `file`, whose name is added to a rejection. */
async function readAt(file: string): Promise<Uint8Array> {
  try {
    return await readImageFile(file);
  } catch (error) {
    throw error instanceof ComposefsError ? error.at({ file }) : error;
  }
}

function rejectionOf(image: Uint8Array, file: string): ComposefsError | undefined {
  try {
    readErofs(image);
    return undefined;
  } catch (error) {
    if (error instanceof ComposefsError) return error.at({ file });
    throw error;
  }
}

/** The inspected file, and why a reader rejects it. */
interface InspectedFile {
  readonly file: string;
  readonly rejection: ComposefsError | undefined;
}

function* text(
  image: Uint8Array,
  structures: Iterable<InspectedStructure>,
  { file, rejection }: InspectedFile,
): Generator<Uint8Array> {
  yield Buffer.from(`${file}: ${image.length} bytes\n`);
  let last: string | undefined;
  for (const structure of structures) {
    const name = groupName(structure);
    const lines: string[] = [];
    if (name !== last) lines.push('', name);
    last = name;
    for (const field of structure.fields) {
      lines.push(fieldText(image, field));
      if (rejection !== undefined && contains(field, rejection))
        lines.push(`  ^ ${rejection.code}: ${rejection.detail}`);
    }
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

/** The heading above the fields; all names in a directory have one heading. */
function groupName(structure: InspectedStructure): string {
  const { part: _, ...owner } = structure;
  return structure.kind === 'entry name' ? `${structureName(owner)}, names` : structureName(structure);
}

function contains({ at, size }: InspectedField, { location: { offset } }: ComposefsError): boolean {
  return offset !== undefined && offset >= at && offset < at + size;
}

function fieldText(image: Uint8Array, { at, size, name, shown, meaning }: InspectedField): string {
  const bytes = image.subarray(at, at + size);
  const value = name === 'zero' ? '' : valueText(bytes, shown, { most: 32 });
  const columns = [
    at.toString(16).padStart(8, '0'),
    String(size).padStart(5),
    name.padEnd(17),
    value.padEnd(12),
    meaning ?? '',
  ];
  return `  ${columns.join('  ').trimEnd()}`;
}

function* jsonText(
  image: Uint8Array,
  structures: Iterable<InspectedStructure>,
  { file, rejection }: InspectedFile,
): Generator<Uint8Array> {
  yield Buffer.from(`{"file":${JSON.stringify(file)},"size":${image.length},"structures":[`);
  let separator = '\n';
  for (const { kind, inode, path, part, fields } of structures) {
    const structure = {
      kind,
      inode,
      path: path === undefined ? undefined : printable(path),
      part,
      fields: fields.map(({ at, size, name, shown, meaning }) => {
        const bytes = image.subarray(at, at + size);
        return { at, size, name, value: jsonValue(bytes, shown), meaning };
      }),
    };
    yield Buffer.from(`${separator}${JSON.stringify(structure)}`);
    separator = ',\n';
  }
  const error = rejection === undefined ? '' : `,"error":${JSON.stringify(rejectionJson(rejection))}`;
  yield Buffer.from(`\n]${error}}\n`);
}

/** A number, or its digits if JSON parsers would round it; text; or bytes in hexadecimal. */
function jsonValue(bytes: Uint8Array, shown: InspectedField['shown']): number | string {
  if (shown === 'text') return printable(byteString(bytes));
  if (shown === 'bytes') return hex(bytes);
  const number = numberOf(bytes);
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number.toString();
}
