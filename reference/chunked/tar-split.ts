/**
 * Tar-split data: the bytes of an archive without the contents of its files (spec/chunked.md, "Tar-split data").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { Crc64 } from './crc64.ts';
import {
  anyValue,
  base64,
  decodedBase64,
  number,
  type Reader,
  readMembers,
  rejectWith,
  strictJson,
  textAs,
  utf8Bytes,
} from './members.ts';

/** The longest line: a header with its extended headers, or 1 MiB after the end of the archive, in base64 (TOC-048). */
const LINE_MAX = 4 * 1024 * 1024;
const LINE_FEED = 0x0a;
const FILE = 1;
const SEGMENT = 2;

/** A line for an entry of the archive. */
export interface TarSplitFile {
  /** Where its content is in the archive, even if it has none. */
  readonly at: number;
  readonly name: ByteString;
  readonly size: number;
}

type Line =
  | { readonly kind: 'segment'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'file';
      readonly name: ByteString;
      readonly size: number;
      readonly checksum: Uint8Array;
    };

/** Compares the archive that tar-split data rebuilds with the archive of the layer, as both arrive. */
export class TarSplitComparison {
  /** The lines for entries, so far; at most one more than there are entries. */
  readonly files: TarSplitFile[] = [];
  readonly #lines: AsyncGenerator<Line, void, undefined>;
  readonly #entries: number;
  readonly #location: Location;
  #line: Line | undefined;
  /** Bytes of the current line that were compared. */
  #done = 0;
  #crc = new Crc64();
  #at = 0;

  /** `data` is the decompressed tar-split data, and `entries` the number of entries that it has to have. */
  constructor(data: AsyncIterable<Uint8Array>, entries: number, location: Location) {
    this.#lines = readLines(data, location);
    this.#entries = entries;
    this.#location = location;
  }

  /** Compares the next bytes of the archive. Rejects with TOC_TARSPLIT if they differ (TOC-044). */
  async push(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const line = this.#line ?? (await this.#next());
      if (line === undefined) throw this.#rejected('the tar-split data ends before the archive');
      const used = this.#compare(line, rest);
      this.#at += used;
      rest = rest.subarray(used);
    }
  }

  /** Rejects data that goes on after the end of the archive. */
  async finish(): Promise<void> {
    if (this.#line !== undefined || (await this.#next()) !== undefined) {
      throw this.#rejected('the tar-split data goes on after the end of the archive');
    }
  }

  async close(): Promise<void> {
    await this.#lines.return();
  }

  /** The next line; lines without bytes are taken at once, with no current line after them. */
  async #next(): Promise<Line | undefined> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) return undefined;
      const line = value as Line;
      // Lines that are too many are not kept, because there can be many millions of them.
      if (line.kind === 'file' && this.files.length <= this.#entries) {
        this.files.push({ at: this.#at, name: line.name, size: line.size });
      }
      this.#done = 0;
      this.#crc = new Crc64();
      if (lengthOf(line) === 0) continue;
      this.#line = line;
      return line;
    }
  }

  /** Compares what `bytes` has of the current line, and returns its length. */
  #compare(line: Line, bytes: Uint8Array): number {
    const part = bytes.subarray(0, lengthOf(line) - this.#done);
    if (line.kind === 'file') this.#crc.update(part);
    else {
      for (const [i, byte] of part.entries()) {
        if (line.bytes[this.#done + i] !== byte) {
          throw this.#rejected('the tar-split data has a different byte here', this.#at + i);
        }
      }
    }
    this.#done += part.length;
    if (this.#done < lengthOf(line)) return part.length;
    if (line.kind === 'file' && byteString(this.#crc.digest()) !== byteString(line.checksum)) {
      throw new ComposefsError(
        'TOC_TARSPLIT',
        'the checksum in the tar-split data is not that of the content',
        {
          ...this.#location,
          entry: line.name,
        },
      );
    }
    this.#line = undefined;
    return part.length;
  }

  #rejected(detail: string, offset = this.#at): ComposefsError {
    return new ComposefsError('TOC_TARSPLIT', detail, { ...this.#location, offset });
  }
}

function lengthOf(line: Line): number {
  return line.kind === 'file' ? line.size : line.bytes.length;
}

/** The lines of tar-split data. Rejects malformed ones with TOC_TARSPLIT, and long ones with TOC_LIMIT. */
async function* readLines(
  data: AsyncIterable<Uint8Array>,
  location: Location,
): AsyncGenerator<Line, void, undefined> {
  let rest: Uint8Array = new Uint8Array(0);
  let number = 0;
  for await (const chunk of data) {
    let bytes = joined(rest, chunk);
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
      if (end > LINE_MAX) throw tooLong(location);
      yield parseLine(bytes.subarray(0, end), number++, location);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > LINE_MAX) throw tooLong(location);
    rest = bytes;
  }
  if (rest.length > 0) {
    throw new ComposefsError('TOC_TARSPLIT', 'the last line of the tar-split data does not end', location);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function tooLong(location: Location): ComposefsError {
  const detail = `a line of tar-split data is longer than ${LINE_MAX} bytes`;
  return new ComposefsError('TOC_LIMIT', detail, location);
}

const base64OrNull: Reader<Uint8Array | undefined> = (members, name) =>
  members.value(name) === null ? undefined : base64(members, name);

const lineMembers = {
  type: anyValue,
  name: textAs(utf8Bytes),
  name_raw: textAs((written, reject) => byteString(decodedBase64(written, reject))),
  size: number,
  payload: base64OrNull,
  position: anyValue,
} as const;

/** TOC-043 */
function parseLine(line: Uint8Array, lineNumber: number, location: Location): Line {
  const reject = rejectWith('TOC_TARSPLIT', location);
  const { type, name, name_raw, size, payload, position } = readMembers(
    strictJson(line, reject),
    lineMembers,
    reject,
  );
  if (position !== lineNumber) throw reject(`line ${lineNumber} has a different position`);
  switch (type) {
    case SEGMENT:
      if (payload === undefined) throw reject(`line ${lineNumber} is a segment without a payload`);
      return { kind: 'segment', bytes: payload };
    case FILE: {
      const [found, second] = [name, name_raw].filter(each => each !== undefined);
      if (found === undefined || second !== undefined) throw reject(`line ${lineNumber} has no name, or two`);
      if (size === 0 && payload !== undefined)
        throw reject(`line ${lineNumber} has a checksum of no content`);
      return { kind: 'file', name: found, size, checksum: payload ?? new Uint8Array(0) };
    }
    default:
      throw reject(`line ${lineNumber} has an unknown type`);
  }
}
