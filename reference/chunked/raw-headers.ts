/**
 * What a table of contents says about an entry, and a tree does not: the fields of its headers as they are
 * (spec/chunked.md, "Entries").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { formOf, linkField, typeOf } from '../tar/header.ts';
import { type NumberField, readBigNumber, readNumber } from '../tar/numbers.ts';
import { splitRecords } from '../tar/pax.ts';
import type { HeaderObserver } from '../tar/read.ts';

const MODE: NumberField = { name: 'the mode', at: 100, width: 8 };
const PAX = 0x78;
const LONG_LINK = 0x4b;

/** A time in nanoseconds, none, or one that is malformed and that no table of contents can agree with. */
export type RawTime = bigint | undefined | 'malformed';

/** Fields of the headers of one entry. */
export interface RawFields {
  /** All bits of the mode field. */
  readonly mode: number;
  readonly link: ByteString;
  readonly accesstime: RawTime;
  readonly changetime: RawTime;
}

/** Collects the headers of each entry of an archive that is read. */
export class RawHeaders implements HeaderObserver {
  #header = new Uint8Array(0);
  #type = 0;
  #link: ByteString | undefined;
  #times = new Map<string, RawTime>();

  header(block: Uint8Array): void {
    this.#header = block.slice();
    this.#type = typeOf(block);
  }

  extended(content: Uint8Array): void {
    if (this.#type === LONG_LINK) {
      this.#link = byteString(content.at(-1) === 0 ? content.subarray(0, -1) : content);
    }
    if (this.#type !== PAX) return;
    for (const { keyword, value } of splitRecords(content, {})) {
      if (keyword === 'linkpath') this.#link = byteString(value);
      if (keyword === 'atime' || keyword === 'ctime') this.#times.set(keyword, recordTime(byteString(value)));
    }
  }

  /** The fields of the entry that was read last; forgets them. */
  take(): RawFields {
    const fields: RawFields = {
      mode: readNumber(this.#header, MODE, {}),
      link: this.#link ?? linkField(this.#header),
      accesstime: this.#time('atime', 0),
      changetime: this.#time('ctime', 1),
    };
    this.#link = undefined;
    this.#times.clear();
    return fields;
  }

  #time(record: 'atime' | 'ctime', which: 0 | 1): RawTime {
    if (this.#times.has(record)) return this.#times.get(record);
    const at = timesAt(this.#header);
    return at === undefined ? undefined : fieldTime(this.#header, at + 12 * which);
  }
}

/** Where a header has its access time, with the change time after it, if it has them (TOC-032). */
function timesAt(header: Uint8Array): number | undefined {
  switch (formOf(header)) {
    case 'gnu':
      return 345;
    case 'ustar':
      return byteString(header.subarray(508, 512)) === 'tar\0' ? 476 : undefined;
    case 'v7':
      return undefined;
  }
}

function fieldTime(header: Uint8Array, at: number): RawTime {
  if (header[at] === 0) return undefined;
  try {
    return present(readBigNumber(header, { name: 'a time', at, width: 12 }, {}) * NANO);
  } catch {
    return 'malformed';
  }
}

const NANO = 1000000000n;

/** Seconds, also with leading zeros or negative, and an optional fraction of which nine digits count (TOC-032). */
function recordTime(text: string): RawTime {
  const match = /^(-?)0*([0-9]{1,19})(?:\.([0-9]*))?$/.exec(text);
  if (match === null) return 'malformed';
  const [, sign, seconds = '', fraction = ''] = match;
  const time = BigInt(seconds) * NANO + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return present(sign === '-' ? -time : time);
}

/** TOC-032: the first second of 1970 means no time. */
export function present(time: bigint): bigint | undefined {
  return time === 0n ? undefined : time;
}
