/**
 * Builders of the dumpfile recipes: lines of text, and the three kinds of cases.
 * @module
 */

import type { GeneratedBytes } from '../../../suite/case.ts';
import { type Draft, either, type MayReject, type Recipe } from '../../recipe.ts';

/** Links that several cases share. */
export const links = {
  cParser: 'https://github.com/composefs/composefs/blob/v1.0.8/tools/mkcomposefs.c',
  rsParser: 'https://github.com/composefs/composefs-rs/blob/v0.9.0/crates/composefs/src/dumpfile_parse.rs',
  rsTree: 'https://github.com/composefs/composefs-rs/blob/v0.9.0/crates/composefs/src/dumpfile.rs',
  manual: 'https://github.com/composefs/composefs/blob/v1.0.8/man/composefs-dump.md',
} as const;

/** Default witnesses: both writers write the same image, byte for byte, or reject the dumpfile. */
export const bothWriters = ['mkcomposefs 1.0.8', 'composefs-rs 0.9.0'];

/** A rejection that not both writers confirm, by the writers that accept the dumpfile. */
export const acceptedBy = {
  c: { class: 'KNOWN_BUG', links: [links.cParser], confirmedBy: ['composefs-rs 0.9.0'] },
  rust: { class: 'KNOWN_BUG', links: [links.rsParser], confirmedBy: ['mkcomposefs 1.0.8'] },
  both: { class: 'KNOWN_BUG', links: [links.cParser, links.rsParser], confirmedBy: [] },
} as const;

/** The line of a root with default attributes and no subdirectories. */
export const root = line({ path: '/', mode: '40755', nlink: '2' });

/** The fields of a line. */
export interface Fields {
  readonly path?: string;
  readonly size?: string;
  readonly mode?: string;
  readonly nlink?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly rdev?: string;
  readonly mtime?: string;
  readonly payload?: string;
  readonly content?: string;
  readonly digest?: string;
  /** Extended attributes, separated by single spaces. */
  readonly xattrs?: string;
}

/** A line with its newline. The defaults are those of an empty file `/a`. */
export function line(fields: Fields): string {
  const { path = '/a', size = '0', mode = '100644', nlink = '1', uid = '0', gid = '0', rdev = '0' } = fields;
  const { mtime = '0.0', payload = '-', content = '-', digest = '-', xattrs } = fields;
  const all = [path, size, mode, nlink, uid, gid, rdev, mtime, payload, content, digest, xattrs];
  return `${all.filter(field => field !== undefined).join(' ')}\n`;
}

/** The bytes of a text in which each character is one byte. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}

/** Members that every dumpfile case can set. */
type More = Pick<Draft, 'class' | 'links' | 'tags' | 'confirmedBy'>;

/** A dumpfile and its canonical form. Default: `input` itself. */
export interface Canonical extends More {
  readonly title: string;
  readonly requirements: readonly string[];
  readonly input: string;
  readonly canonical?: string;
}

/** The case `dumpfile/<slug>`: the canonical form of `input`. */
export function canonical(slug: string, { input, canonical: expected = input, ...rest }: Canonical): Recipe {
  return {
    id: `dumpfile/${slug}`,
    make: () => ({
      op: 'dumpfile.canonical',
      input: { dumpfile: 'in/dumpfile' },
      params: {},
      expect: { outcome: 'accept', files: { dumpfile: 'expect/dumpfile' } },
      files: { 'in/dumpfile': bytes(input), 'expect/dumpfile': bytes(expected) },
      ...rest,
    }),
  };
}

/** The request of the cases about the parser: an image of the dumpfile. */
const written = {
  op: 'erofs.write',
  input: { dumpfile: 'in/dumpfile' },
  params: { format: 'v1', algorithm: 'fsverity-sha256-12' },
} as const;

/** A dumpfile, and the digest of the image of its tree. */
export interface Read extends More {
  readonly title: string;
  readonly requirements: readonly string[];
  readonly input: string;
  readonly digest: string;
  /** Why and how a parser may reject the dumpfile, if it may. */
  readonly optional?: MayReject;
  /** If `optional` is set: slug of the nearest dumpfile that every parser has to accept. */
  readonly control?: string;
}

/** The case `dumpfile/<slug>`: the parser reads `input` as the tree whose image has `digest`. */
export function reads(slug: string, { input, digest, optional, control, ...rest }: Read): Recipe {
  const expected = { values: { digest } };
  return {
    id: `dumpfile/${slug}`,
    make: () => ({
      ...written,
      expect: optional === undefined ? { outcome: 'accept', ...expected } : either(optional, expected),
      files: { 'in/dumpfile': bytes(input) },
      confirmedBy: bothWriters,
      ...(control === undefined ? {} : { control: `dumpfile/${control}` }),
      ...rest,
    }),
  };
}

/** A dumpfile that is rejected, and its control. */
export interface Rejected extends More {
  readonly title: string;
  readonly requirements: readonly string[];
  readonly input: string | GeneratedBytes;
  readonly reasons: readonly string[];
  /** Slug of the control. Default: `one-file`. */
  readonly control?: string;
}

/** The case `dumpfile/<slug>`: the parser rejects `input`. */
export function rejects(slug: string, { input, reasons, control = 'one-file', ...rest }: Rejected): Recipe {
  const stored: Draft['files'] = typeof input === 'string' ? { 'in/dumpfile': bytes(input) } : {};
  return {
    id: `dumpfile/${slug}`,
    make: () => ({
      ...written,
      input: { dumpfile: typeof input === 'string' ? 'in/dumpfile' : input },
      expect: { outcome: 'reject', stage: 'dumpfile', reasons },
      control: `dumpfile/${control}`,
      files: stored,
      confirmedBy: bothWriters,
      ...rest,
    }),
  };
}
