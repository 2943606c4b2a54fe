/**
 * Warnings about the headers of an archive: about what an entry does not tell, once it is read.
 * @module
 */

import { hasGnuTimes, hasOtherVersion, hasSignedChecksum, sizeField, typeOf } from '../tar/header.ts';
import { splitRecords } from '../tar/pax.ts';
import type { HeaderObserver } from '../tar/read.ts';
import type { WarningCode } from './warnings.ts';

const type = (letter: string) => letter.charCodeAt(0);
const PAX = type('x');
const GLOBAL = type('g');
const LONG_NAME = type('L');
const LONG_LINK = type('K');
/** Types of entries whose size in the header is ignored (LAYER-130). */
const WITHOUT_SIZE: readonly number[] = [type('1'), type('5')];

const XATTR = 'SCHILY.xattr.';
const LIBARCHIVE_XATTR = 'LIBARCHIVE.xattr.';

/** Collects the warnings about the headers of one entry. */
export class HeaderLinter implements HeaderObserver {
  #found = new Set<WarningCode>();
  /** The type of the last header. */
  #type = 0;
  /** Keywords of the PAX records of the entry. */
  #keywords: string[] = [];
  #hasLongName = false;

  header(block: Uint8Array): void {
    this.#type = typeOf(block);
    if (hasOtherVersion(block)) this.#found.add('header-version');
    if (hasSignedChecksum(block)) this.#found.add('checksum-signed');
    switch (this.#type) {
      case LONG_NAME:
        this.#hasLongName = true;
        break;
      case PAX:
      case LONG_LINK:
      case GLOBAL:
        break;
      default:
        this.#entryHeader(block);
    }
  }

  extended(content: Uint8Array): void {
    if (this.#type !== PAX && this.#type !== GLOBAL) return;
    const keywords = [...splitRecords(content, {})].map(({ keyword }) => keyword);
    if (this.#type === PAX) this.#keywords = keywords;
    else if (keywords.some(keyword => keyword !== 'comment')) this.#found.add('global-header');
  }

  /** The warnings since the last call. */
  take(): Iterable<WarningCode> {
    const found = this.#found;
    this.#found = new Set();
    this.#keywords = [];
    this.#hasLongName = false;
    return found;
  }

  #entryHeader(block: Uint8Array): void {
    if (hasGnuTimes(block) && !this.#hasLongName && !this.#keywords.includes('path')) {
      this.#found.add('header-times');
    }
    const ignoresSize = WITHOUT_SIZE.includes(this.#type) && !this.#keywords.includes('size');
    if (ignoresSize && sizeField(block, {}) !== 0) this.#found.add('size-ignored');
    if (this.#keywords.some(keyword => this.#isOtherRecord(keyword))) this.#found.add('xattr-record');
  }

  /** Whether a record is one of LAYER-094, and not next to one with the same attribute that is read. */
  #isOtherRecord(keyword: string): boolean {
    if (keyword.startsWith(LIBARCHIVE_XATTR)) {
      return !this.#keywords.includes(XATTR + keyword.slice(LIBARCHIVE_XATTR.length));
    }
    return keyword === 'RHT.security.selinux' || keyword.startsWith('SCHILY.acl.');
  }
}
