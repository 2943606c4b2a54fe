/**
 * Builds streams of a store byte by byte, well-formed and malformed ones (spec/storage.md, "Streams").
 * @module
 */

import { storedZstd } from './compression.ts';
import { type Bytes, bytes, concat } from './tar.ts';

/** Content types by the kind in the names of streams. */
export const contentTypes = {
  manifest: 'ocimanif',
  config: 'ociconfg',
  layer: 'ocilayer',
  blob: 'oci_blob',
} as const;

/** A part of the content of a stream. */
export type StreamRecord = { readonly inline: Bytes } | { readonly object: string; readonly size: number };

/** A stream. Absent members have the value that a writer gives them. */
export interface Stream {
  readonly hash: 'sha256' | 'sha512';
  /** 8 characters. */
  readonly type: string;
  readonly records: readonly StreamRecord[];
  /** Digests by name. */
  readonly names?: Readonly<Record<string, string>>;
  /** The order of the sections after the info block. */
  readonly order?: readonly Section[];
  /** Bytes between the sections. */
  readonly gap?: number;
  /** The older form of the header. */
  readonly older?: boolean;
  readonly size?: bigint;
  /** Compressed sections, or references, as other bytes. */
  readonly sections?: Partial<Readonly<Record<Section, Uint8Array>>>;
  /** Bytes of the stream, by offset: written last. */
  readonly at?: Readonly<Record<number, Bytes>>;
  /** The length at which the stream is cut off. */
  readonly end?: number;
}

export type Section = 'streams' | 'objects' | 'names' | 'records';

const INFO_AT = 32;
const HEADER = 112;

/** A number in 8 bytes. */
export function little64(value: bigint): Uint8Array {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt.asUintN(64, value));
  return field;
}

/** A record of inline bytes. */
export function inlineRecord(content: Bytes): Uint8Array {
  const array = bytes(content);
  return concat(little64(-BigInt(array.length)), array);
}

/** A record with the number of an object reference. */
export function objectRecord(number: number): Uint8Array {
  return little64(BigInt(number));
}

/** The bytes of a stream. */
export function streamBytes(stream: Stream): Uint8Array {
  const { records, names = {}, order = ['streams', 'objects', 'names', 'records'], gap = 0 } = stream;
  const objects = [...new Set(records.flatMap(record => ('object' in record ? [record.object] : [])))];
  const sortedNames = Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1));
  const streams = [...new Set(sortedNames.map(([, digest]) => digest))];
  const sections: Record<Section, Uint8Array> = {
    streams: Buffer.from(streams.join(''), 'hex'),
    objects: Buffer.from(objects.join(''), 'hex'),
    names: storedZstd(
      concat(
        ...sortedNames.map(([name, digest]) =>
          concat(`${streams.indexOf(digest)}:`, Buffer.from(name, 'latin1'), '\0'),
        ),
      ),
    ),
    records: storedZstd(
      concat(
        ...records.map(record =>
          'object' in record ? objectRecord(objects.indexOf(record.object)) : inlineRecord(record.inline),
        ),
      ),
    ),
    ...stream.sections,
  };
  const ranges: Record<string, Uint8Array> = {};
  const parts: Uint8Array[] = [];
  let at = HEADER;
  for (const name of order) {
    at += gap;
    const section = sections[name];
    ranges[name] = range(at, at + section.length);
    parts.push(new Uint8Array(gap), section);
    at += section.length;
  }
  const size = records.reduce(
    (sum, record) => sum + BigInt('object' in record ? record.size : bytes(record.inline).length),
    0n,
  );
  const whole = concat(
    start(stream),
    ranges['streams'] ?? '',
    ranges['objects'] ?? '',
    ranges['records'] ?? '',
    ranges['names'] ?? '',
    stream.type,
    little64(stream.size ?? size),
    ...parts,
  );
  for (const [offset, value] of Object.entries(stream.at ?? {})) whole.set(bytes(value), Number(offset));
  return whole.subarray(0, stream.end);
}

function range(start: number, end: number): Uint8Array {
  return concat(little64(BigInt(start)), little64(BigInt(end)));
}

/** The first 32 bytes. */
function start({ hash, older = false }: Stream): Uint8Array {
  const info = range(INFO_AT, HEADER);
  const flags = new Uint8Array(2);
  const parameters = Uint8Array.of(hash === 'sha256' ? 1 : 2, 12);
  const magic = concat('SplitStream', Uint8Array.of(0));
  return older ? concat(info, flags, magic, parameters) : concat(magic, flags, parameters, info);
}
