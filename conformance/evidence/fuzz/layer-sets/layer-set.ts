/**
 * Layers as they are generated and shrunk: headers and their fields, and functions that write them as archives.
 * @module
 */

import { ascii, type ByteString, bytesOf } from '../../../../reference/bytes.ts';
import type { XattrPolicy } from '../../../../reference/tree/options.ts';
import { storedGzip, storedZstd } from '../../../generate/builder/compression.ts';
import {
  base256,
  concat,
  entry as entryBytes,
  type Fields,
  GNU,
  longLink,
  longName,
  octal,
  paxRaw,
  record,
  USTAR,
  V7,
  zeros,
} from '../../../generate/builder/tar.ts';

/** Layers, the base first, and the parameters of the request. */
export interface LayerSet {
  role: 'merged' | 'merged.bootable';
  xattrs: XattrPolicy;
  layers: TarLayer[];
}

/** One layer: an archive, and how it is compressed. */
export interface TarLayer {
  packed: Packed;
  end: End;
  entries: TarEntry[];
}

export const packings = ['none', 'gzip', 'zstd'] as const;
export type Packed = (typeof packings)[number];

/** The end of an archive: two blocks of zeros, many, two followed by other bytes, one, or none. */
export const ends = ['two', 'record', 'more', 'one', 'none'] as const;
export type End = (typeof ends)[number];

/** What precedes the header of an entry. */
export type Extension =
  /** PAX records, and after the last of them `rest`. */
  | { kind: 'pax' | 'global'; records: PaxRecord[]; rest?: ByteString }
  /** GNU tar's long name or long link target. */
  | { kind: 'name' | 'link'; text: ByteString }
  /** A block of zeros. */
  | { kind: 'zeros' };

export type PaxRecord = readonly [key: ByteString, value: ByteString];

export const forms = ['ustar', 'gnu', 'v7'] as const;
export type Form = (typeof forms)[number];

/** How the numbers of a header are written. A number that is too large or negative is always written in base-256. */
export const spellings = [
  'octal',
  'spaces',
  'base-256',
  'plus',
  'tab',
  'nul-first',
  'blank',
  'rest',
] as const;
export type Spelling = (typeof spellings)[number];

/** One entry: the fields of its header, what precedes the header, and its content. */
export interface TarEntry {
  extensions: Extension[];
  form: Form;
  /** The type flag, one byte. */
  type: ByteString;
  name: ByteString;
  prefix: ByteString;
  link: ByteString;
  spelling: Spelling;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
  major: number;
  minor: number;
  content: ByteString;
  /** The size in the header, if it is not the length of the content. */
  size?: number;
}

/** An entry with default values. */
export function plainEntry(type: string, name: ByteString): TarEntry {
  return {
    ...{ extensions: [], form: 'ustar', type: ascii(type), name, prefix: ascii(''), link: ascii('') },
    ...{ spelling: 'octal', mode: type === '5' ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 0n },
    ...{ major: 0, minor: 0, content: ascii('') },
  };
}

/** A copy whose changes do not affect the original. Records are shared, since they are never changed in place. */
export function copyLayers({ layers, ...params }: LayerSet): LayerSet {
  return {
    ...params,
    layers: layers.map(({ entries, ...layer }) => ({ ...layer, entries: entries.map(copyEntry) })),
  };
}

function copyEntry(entry: TarEntry): TarEntry {
  const extensions = entry.extensions.map(extension =>
    'records' in extension ? { ...extension, records: [...extension.records] } : { ...extension },
  );
  return { ...entry, extensions };
}

const suffixes: { readonly [P in Packed]: string } = { none: '', gzip: '+gzip', zstd: '+zstd' };
const pack = { none: (tar: Uint8Array) => tar, gzip: storedGzip, zstd: storedZstd };

/** The blob of a layer, and its media type. */
export function blobOf(layer: TarLayer): { readonly bytes: Uint8Array; readonly mediaType: string } {
  return {
    bytes: pack[layer.packed](archiveOf(layer)),
    mediaType: `application/vnd.oci.image.layer.v1.tar${suffixes[layer.packed]}`,
  };
}

const endings: { readonly [E in End]: Uint8Array } = {
  two: zeros(2),
  record: zeros(20),
  more: concat(zeros(2), 'x'.repeat(512)),
  one: zeros(1),
  none: zeros(0),
};

function archiveOf({ entries, end }: TarLayer): Uint8Array {
  return concat(...entries.map(partsOf), endings[end]);
}

const magics: { readonly [F in Form]: string } = { ustar: USTAR, gnu: GNU, v7: V7 };

function partsOf(entry: TarEntry): Uint8Array {
  const { name, prefix, link, type, form, spelling, mode, uid, gid, mtime, major, minor, content } = entry;
  const number = (value: number | bigint, width: number) => numeral(BigInt(value), width, spelling);
  const fields: Fields = {
    ...{ name: bytesOf(name), type: bytesOf(type), link: bytesOf(link), magic: magics[form] },
    ...{ mode: number(mode, 8), uid: number(uid, 8), gid: number(gid, 8), mtime: number(mtime, 12) },
    size: number(entry.size ?? content.length, 12),
    ...(form !== 'v7' && { major: octal(major, 8), minor: octal(minor, 8) }),
    ...(prefix !== '' && { prefix: bytesOf(prefix) }),
  };
  const extensions = entry.extensions.map(extension => extensionBytes(extension, form));
  return concat(...extensions, entryBytes(fields, bytesOf(content)));
}

function extensionBytes(extension: Extension, form: Form): Uint8Array {
  // Without a magic it would not be an extended header.
  const magic = form === 'v7' ? USTAR : magics[form];
  switch (extension.kind) {
    case 'zeros':
      return zeros(1);
    case 'name':
      return longName(bytesOf(extension.text), { magic });
    case 'link':
      return longLink(bytesOf(extension.text), { magic });
    case 'pax':
    case 'global': {
      const { records, rest = ascii('') } = extension;
      const content = concat(
        ...records.map(([key, value]) => record(bytesOf(key), bytesOf(value))),
        bytesOf(rest),
      );
      return paxRaw(content, { magic, type: extension.kind === 'pax' ? 'x' : 'g' });
    }
  }
}

function numeral(value: bigint, width: number, spelling: Spelling): Uint8Array {
  const digits = value.toString(8);
  if (value < 0n || digits.length >= width || spelling === 'base-256') return base256(value, width);
  const text = {
    octal: `${digits.padStart(width - 1, '0')}\0`,
    spaces: `${digits.padStart(width - 1, ' ')} `,
    plus: `+${digits}\0`,
    tab: `\t${digits}\0`,
    'nul-first': `\0${digits}`,
    blank: ' '.repeat(width),
    rest: `${digits}\0 1`,
  }[spelling];
  return concat(text.slice(0, width));
}
