/**
 * The first difference of two dumpfiles: the line, its path, and the field.
 * @module
 */

import { byteString } from '../../../reference/bytes.ts';
import type { Difference } from './difference.ts';
import { type DumpfilePart, definingRequirement } from './dumpfile-fields.ts';

const fields = [
  'PATH',
  'SIZE',
  'MODE',
  'NLINK',
  'UID',
  'GID',
  'RDEV',
  'MTIME',
  'PAYLOAD',
  'CONTENT',
  'DIGEST',
] as const;

/** The column of MODE. */
const MODE = fields.indexOf('MODE');

/** The characters shown of a text. */
const SHOWN_CHARACTERS = 160;

/** A difference in a part of a dumpfile. */
export interface DumpfileDifference extends Difference {
  readonly requirement: string;
  readonly part: DumpfilePart;
}

/** The first difference of two dumpfiles. `got` is the beginning of the actual dumpfile, which has `size` bytes. */
export function dumpfileDifference(
  name: string,
  expected: Uint8Array,
  got: Uint8Array,
  size: number,
): DumpfileDifference | undefined {
  if (size === expected.length && Buffer.compare(expected, got) === 0) return undefined;
  const wanted = lines(expected);
  const found = lines(got);
  const at = wanted.findIndex((text, i) => text !== found[i]);
  if (at < 0) {
    const where = `line ${wanted.length}`;
    return {
      ...partOf('end of file'),
      name,
      where,
      expected: 'no more bytes',
      got: `${size - expected.length}`,
    };
  }
  const want = split(wanted[at] ?? '');
  const have = split(found[at] ?? '');
  const where = `line ${at + 1} ${readable(want.fields[0] ?? '')}`;
  if (found[at] === undefined) {
    return { ...partOf('line'), name, where, expected: shown(want.text), got: 'end of file' };
  }
  const most = Math.max(want.fields.length, have.fields.length);
  const column = Array.from({ length: most }, (_, i) => i).find(i => want.fields[i] !== have.fields[i]);
  if (column === undefined) {
    return {
      ...partOf('end of line'),
      name,
      where,
      expected: ending(want.newline),
      got: ending(have.newline),
    };
  }
  // A second space makes an empty field, and moves all fields behind it.
  if (have.fields.includes('') && !want.fields.includes('')) {
    return { ...partOf('spaces'), name, where, expected: shown(want.text), got: shown(have.text) };
  }
  if (column === 0)
    return { ...partOf('PATH'), name, where, expected: shown(want.text), got: shown(have.text) };
  const field = fields[column] ?? 'xattr';
  const isHardLink = want.fields[MODE]?.startsWith('@') || have.fields[MODE]?.startsWith('@');
  return {
    ...partOf(isHardLink ? 'hard link' : field),
    name,
    where,
    field,
    expected: shown(want.fields[column]),
    got: shown(have.fields[column]),
  };
}

/** The members of a difference that follow from its part. */
function partOf(part: DumpfilePart): Pick<DumpfileDifference, 'part' | 'field' | 'requirement'> {
  return { part, field: part, requirement: definingRequirement[part] };
}

/** All lines with their newlines, so that a missing newline is a difference. */
function lines(bytes: Uint8Array): string[] {
  return byteString(bytes).match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function split(line: string): {
  readonly text: string;
  readonly fields: string[];
  readonly newline: boolean;
} {
  const newline = line.endsWith('\n');
  const text = newline ? line.slice(0, -1) : line;
  return { text, fields: text.split(' '), newline };
}

function ending(newline: boolean): string {
  return newline ? 'a newline' : 'end of file';
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'no field';
  const all = readable(text);
  return `"${all.length <= SHOWN_CHARACTERS ? all : `${all.slice(0, SHOWN_CHARACTERS)}…`}"`;
}

/** `text` as in the file, with unprintable characters as escapes of a dumpfile. */
function readable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
