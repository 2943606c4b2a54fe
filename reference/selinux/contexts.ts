/**
 * Lines that give labels to patterns of paths (spec/selinux.md, "Lines").
 * @module
 */

import { type ByteString, excerpt } from '../bytes.ts';
import type { Inode } from '../tree/inode.ts';
import { malformed, type WordLine, wordLinesOf } from './lines.ts';
import { exactPath, PATTERN_MAX, parsePattern } from './pattern.ts';

/** The longest label in bytes (SELINUX-012). */
const LABEL_MAX = 4000;
const NO_LABEL = '<<none>>';

/** A type of inode, as a line names it. */
export type LineType = '--' | '-d' | '-l' | '-c' | '-b' | '-p' | '-s';

const lineTypes: ReadonlySet<string> = new Set<LineType>(['--', '-d', '-l', '-c', '-b', '-p', '-s']);

/** The type of each kind of inode. */
export const lineTypeOf: Readonly<Record<Inode['kind'], LineType>> = {
  inline: '--',
  external: '--',
  directory: '-d',
  symlink: '-l',
  character: '-c',
  block: '-b',
  fifo: '-p',
  socket: '-s',
};

/** A line of a policy that gives a label. A policy can have millions of them. */
export interface ContextLine {
  /** Position in the order of `by the last line`. */
  readonly index: number;
  readonly file: ByteString;
  /** Number of the line in its file, counted from 1. */
  readonly number: number;
  readonly pattern: ByteString;
  /** Undefined: every type. */
  readonly type: LineType | undefined;
  /** Undefined: `<<none>>`. */
  readonly label: ByteString | undefined;
  /** The path that an exact line fits. */
  readonly exact: ByteString | undefined;
}

/** Adds the lines of the file at `path` to `lines`. Rejects with TRANSFORM_SELINUX. */
export function addContextLines(text: ByteString, path: ByteString, lines: ContextLine[]): void {
  /** Equal labels are one string, which compares faster and takes less memory. */
  const labels = new Map<ByteString, ByteString>();
  for (const line of wordLinesOf(text, path)) {
    const { pattern, type, label } = contextOf(line);
    const known = labels.get(label) ?? label;
    labels.set(label, known);
    lines.push({
      index: lines.length,
      file: path,
      number: line.location.line,
      pattern,
      type,
      label: known === NO_LABEL ? undefined : known,
      exact: exactPath(parsePattern(pattern, line.location)),
    });
  }
}

/** SELINUX-012 */
function contextOf({ words, location }: WordLine) {
  const [pattern, second] = words;
  const label = words.at(-1) as ByteString;
  if (words.length !== 2 && words.length !== 3) {
    throw malformed(`the number of words is ${words.length}, and must be 2 or 3`, location);
  }
  if (words.length === 3 && !lineTypes.has(second ?? '')) {
    throw malformed(`"${excerpt(second as ByteString)}" is not a type of inode`, location);
  }
  if (pattern.length > PATTERN_MAX) {
    throw malformed(`the pattern has ${pattern.length} bytes, more than ${PATTERN_MAX}`, location);
  }
  if (label.length > LABEL_MAX) {
    throw malformed(`the label has ${label.length} bytes, more than ${LABEL_MAX}`, location);
  }
  if (label.startsWith('-')) throw malformed(`the label "${excerpt(label)}" begins with -`, location);
  return { pattern, label, type: words.length === 3 ? (second as unknown as LineType) : undefined };
}
