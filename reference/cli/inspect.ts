/**
 * `composefs-oci inspect`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { byteString, hex, printable } from '../bytes.ts';
import { numberOf } from '../erofs/inspect/structures.ts';
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
import { addJson } from './options.ts';
import { write, writeStdout } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';
import { readWhole } from './source.ts';

const help = `
Prints every byte of the image: the structure and the inode that it belongs to, then one line a field with its
offset, its size, its name as Linux and the standard call it, its value, and what that says.

An image that is broken is printed as far as it can be told, with a line below the field where a reader stops. What
no structure has is called a gap; in a sound image its bytes are zero.

Examples:
  $ composefs-oci inspect image.erofs | less
  $ composefs-oci inspect image.erofs --path /etc/passwd
  $ composefs-oci inspect image.erofs --json | jq '.structures[] | select(.kind == "superblock")'

Exit codes:
  0  a reader accepts the image; 'composefs-oci fsck' says whether it is canonical too
  1  a reader refuses it: stderr says why
  2  there is no such path, or the command line was wrong
`;

/** Adds the command. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('Print an EROFS image structure by structure and field by field, also one that is broken.')
    .addArgument(createArgument('<image>', 'an EROFS image, - for stdin'))
    .option('--path <path>', 'only the inode that has this path, with all that belongs to it');
  addJson(command)
    .addHelpText('after', help)
    .action(async (file: string) => {
      const { path, json } = command.opts<{ path?: string; json?: boolean }>();
      const image = await readWhole(file);
      const structures =
        path === undefined ? inspectErofs(image) : inspectInode(image, byteString(Buffer.from(path)));
      if (structures === undefined) return command.error(`error: ${file} has no ${path}`, { exitCode: 2 });
      const refusal = refusalOf(image, file);
      if (json) await writeStdout(jsonText(image, structures, { file, refusal }));
      else await writeStdout(text(image, structures, { file, refusal }));
      if (refusal === undefined) return;
      if (!json) throw refusal;
      await write(process.stderr, `error: ${refusal.message}\n`);
      throw new FailureReported();
    });
}

function refusalOf(image: Uint8Array, file: string): ComposefsError | undefined {
  try {
    readErofs(image);
    return undefined;
  } catch (error) {
    if (error instanceof ComposefsError) return error.at({ file });
    throw error;
  }
}

interface About {
  readonly file: string;
  readonly refusal: ComposefsError | undefined;
}

function* text(
  image: Uint8Array,
  structures: Iterable<InspectedStructure>,
  { file, refusal }: About,
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
      if (refusal !== undefined && holds(field, refusal))
        lines.push(`  ^ ${refusal.code}: ${refusal.detail}`);
    }
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

/** What stands above the fields: the names in a directory stand together. */
function groupName(structure: InspectedStructure): string {
  const { part: _, ...owner } = structure;
  return structure.kind === 'entry name' ? `${structureName(owner)}, names` : structureName(structure);
}

function holds({ at, size }: InspectedField, { location: { offset } }: ComposefsError): boolean {
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
  { file, refusal }: About,
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
  const error = refusal === undefined ? '' : `,"error":${JSON.stringify(rejectionJson(refusal))}`;
  yield Buffer.from(`\n]${error}}\n`);
}

/** A number; the digits of one that JSON's readers would round; text; or bytes in hex. */
function jsonValue(bytes: Uint8Array, shown: InspectedField['shown']): number | string {
  if (shown === 'text') return printable(byteString(bytes));
  if (shown === 'bytes') return hex(bytes);
  const number = numberOf(bytes);
  return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number.toString();
}
