/**
 * The streams of a store (spec/storage.md, "Streams"), read by the runner itself: what a stream says, and whether it
 * has the form in which a store writes it.
 * @module
 */

import { createHash } from 'node:crypto';
import { decompress } from '../../../reference/oci/compression.ts';

/** A stream as text: the same for all streams that say the same, whatever their compression. */
export interface DescribedStream {
  /** Content type, length, and records. */
  readonly content: readonly string[];
  /** The named references, and the digests of the objects that they lead to. */
  readonly names: readonly (readonly [name: string, digest: string])[];
  /** How the form differs from the one that STORE-100 to STORE-104 require of a writer; empty if it does not. */
  readonly form: readonly string[];
}

/** Thrown for a stream that is malformed. */
export class MalformedStream extends Error {}

const MAGIC = 'SplitStream';
const HEADER = 112;
/** More than the streams of any case have. */
const SECTION_MAX = 64 * 1024 * 1024;

/** Whether an object begins like a stream. */
export function isStream(object: Uint8Array): boolean {
  const start = Buffer.from(object.subarray(0, 32)).toString('latin1');
  return start.startsWith(MAGIC) || start.startsWith(MAGIC, 18);
}

/** Describes a stream with digests of `digestSize` bytes. */
export async function describeStream(object: Uint8Array, digestSize: number): Promise<DescribedStream> {
  const bytes = Buffer.from(object);
  const form: string[] = [];
  const isCurrent = bytes.toString('latin1', 0, 11) === MAGIC;
  if (!isCurrent) form.push('STORE-100: the header has the older form');
  const info = range(bytes, isCurrent ? 16 : 0);
  if (info.end - info.start < HEADER - 32) throw new MalformedStream('the info block is too short');
  if (info.start !== 32 || info.end !== HEADER) form.push('STORE-100: the info block is not from 32 to 112');
  const [streamRange, objectRange, recordRange, nameRange] = [0, 16, 32, 48].map(at =>
    range(bytes, info.start + at),
  );
  if (!streamRange || !objectRange || !recordRange || !nameRange)
    throw new MalformedStream('a section is missing');
  const order = [{ start: HEADER, end: HEADER }, streamRange, objectRange, nameRange, recordRange];
  const gaps = order.some(({ start }, i) => start !== (order[i - 1]?.end ?? start));
  if (gaps || recordRange.end !== bytes.length)
    form.push('STORE-100: the sections are not in order and without gaps');

  const section = ({ start, end }: Range) => bytes.subarray(start, end);
  const streams = digests(section(streamRange), digestSize);
  const objects = digests(section(objectRange), digestSize);
  if (new Set(streams).size < streams.length) form.push('STORE-101: a stream reference is repeated');
  const nameText = (await content(section(nameRange), form)).toString('latin1');
  const names = namesOf(nameText, streams);
  const ordered = names.map(([name]) => name).sort();
  if (names.some(([name], i) => name !== ordered[i]))
    form.push('STORE-102: the names are not in bytewise order');

  const { lines, used, divided } = recordsOf(await content(section(recordRange), form), objects);
  if (divided) form.push('STORE-103: inline bytes are divided into several records');
  if (used.length !== objects.length || used.some((digest, i) => digest !== objects[i]))
    form.push(
      'STORE-101: the object references are not those of the records in the order of their first use',
    );
  const type = bytes.toString('latin1', info.start + 64, info.start + 72);
  const size = bytes.readBigUInt64LE(info.start + 72);
  return { content: [`type ${type}`, `size ${size}`, ...lines], names: names.sort(), form };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function range(bytes: Buffer, at: number): Range {
  if (at + 16 > bytes.length) throw new MalformedStream('the header is incomplete');
  const [start, end] = [Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8))];
  if (start > end || end > bytes.length)
    throw new MalformedStream(`the range at byte ${at} is not in the stream`);
  return { start, end };
}

function digests(section: Buffer, size: number): string[] {
  if (section.length % size !== 0) throw new MalformedStream('a reference is incomplete');
  return Array.from({ length: section.length / size }, (_, i) =>
    section.toString('hex', i * size, (i + 1) * size),
  );
}

function namesOf(text: string, streams: readonly string[]): [string, string][] {
  if (text !== '' && !text.endsWith('\0')) throw new MalformedStream('a named reference has no end');
  return text
    .split('\0')
    .slice(0, -1)
    .map(item => {
      const [, number = '', name = ''] = /^([0-9]+):(.*)$/s.exec(item) ?? [];
      const digest = streams[Number(number)];
      if (number === '' || digest === undefined) throw new MalformedStream('a named reference leads nowhere');
      return [name, digest];
    });
}

/** The records as lines, with consecutive inline bytes as one, and the objects in the order of their first use. */
function recordsOf(records: Buffer, objects: readonly string[]) {
  const lines: string[] = [];
  const used = new Set<string>();
  let inline: Buffer[] = [];
  let divided = false;
  const flush = () => {
    if (inline.length === 0) return;
    divided ||= inline.length > 1;
    const whole = Buffer.concat(inline);
    lines.push(`${whole.length} bytes with SHA-256 ${createHash('sha256').update(whole).digest('hex')}`);
    inline = [];
  };
  for (let at = 0; at < records.length; ) {
    if (at + 8 > records.length) throw new MalformedStream('a record is incomplete');
    const number = records.readBigInt64LE(at);
    at += 8;
    if (number < 0n) {
      const length = Number(-number);
      if (at + length > records.length) throw new MalformedStream('a record is incomplete');
      inline.push(records.subarray(at, at + length));
      at += length;
      continue;
    }
    flush();
    const digest = objects[Number(number)];
    if (digest === undefined) throw new MalformedStream('a record has the number of no object');
    used.add(digest);
    lines.push(`object ${digest}`);
  }
  flush();
  return { lines, used: [...used], divided };
}

/** The content of the zstd frames in a section. */
async function content(section: Buffer, form: string[]): Promise<Buffer> {
  if (section.length === 0) throw new MalformedStream('a compressed section is empty');
  if (windowOf(section) > 8 * 1024 * 1024) form.push('STORE-104: a frame has a window of more than 8 MiB');
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of decompress(once(section), 'zstd', {})) {
      size += chunk.length;
      if (size > SECTION_MAX) throw new MalformedStream(`a section has more than ${SECTION_MAX} bytes`);
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (error instanceof MalformedStream) throw error;
    throw new MalformedStream(`a section is not zstd: ${error instanceof Error ? error.message : error}`);
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The window of the first frame, or the length of its content if it is a single segment (RFC 8878, 3.1.1.1). */
function windowOf(frame: Buffer): number {
  const descriptor = frame[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const byte = frame[5] ?? 0;
    const base = 2 ** (10 + (byte >> 3));
    return base + (base / 8) * (byte & 7);
  }
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const field = frame.subarray(at, at + 8);
  switch (descriptor >> 6) {
    case 0:
      return field[0] ?? 0;
    case 1:
      return field.length < 2 ? 0 : field.readUInt16LE() + 256;
    case 2:
      return field.length < 4 ? 0 : field.readUInt32LE();
    default:
      return field.length < 8 ? 0 : Number(field.readBigUInt64LE());
  }
}
