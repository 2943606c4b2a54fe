/**
 * Known differences on PAX records.
 * @module
 */

import type { KnownDifference } from '../../../generate/random-trees/known-differences.ts';
import type { LayerSet } from '../layer-sets/layer-set.ts';
import { changeRecords, dropRecords, eachEntry, implementations, isDevice, source } from './changes.ts';

export const recordDifferences: readonly KnownDifference<LayerSet>[] = [
  {
    name: 'record-numbers',
    about: 'a record with a number contains only digits',
    implementations,
    link: source.parser,
    cases: ['layers/pax-number-plus'],
    remove: eachEntry(entry =>
      changeRecords(entry, /^(?:[ug]id|size)$/, (_, value) => value.replace(/^\+/, '')),
    ),
  },
  {
    name: 'record-mtime-twice',
    about: 'two mtime records are rejected',
    implementations,
    link: source.tar,
    cases: ['layers/pax-mtime-twice'],
    remove: eachEntry(entry =>
      dropRecords(entry, (key, _, later) => key === 'mtime' && later.some(([each]) => each === 'mtime')),
    ),
  },
  {
    name: 'record-mtime-forms',
    about: 'an mtime record is digits, optionally followed by a dot and digits, up to 2^63 - 1 seconds',
    implementations,
    link: source.tar,
    cases: [
      'layers/pax-mtime-plus',
      'layers/pax-mtime-letters',
      'layers/pax-mtime-non-ascii',
      'layers/pax-mtime-too-large',
    ],
    remove: eachEntry(entry =>
      changeRecords(entry, /^mtime$/, (_, value) => {
        const seconds = /^\+?(\d+)(?:\.|$)/.exec(value)?.[1];
        if (seconds === undefined) return value;
        const right = /^\d+(?:\.\d*)?$/.test(value) && BigInt(seconds) < 2n ** 63n;
        return right ? value : '5';
      }),
    ),
  },
  {
    name: 'record-keywords',
    about: 'a keyword that is empty or contains a NUL is rejected',
    implementations,
    link: source.header,
    cases: ['layers/pax-keyword-empty', 'layers/pax-keyword-nul'],
    remove: eachEntry(entry => dropRecords(entry, key => key === '' || key.includes('\0'))),
  },
  {
    name: 'records-malformed',
    about: 'extended headers with anything but well-formed records are rejected, global headers included',
    implementations,
    link: source.header,
    cases: [
      'layers/pax-rest',
      'layers/pax-length-missing',
      'layers/pax-length-sign',
      'layers/global-malformed',
    ],
    remove: eachEntry(entry => {
      const found = entry.extensions.filter(each => 'rest' in each);
      for (const each of found) if ('rest' in each) delete each.rest;
      return found.length > 0;
    }),
  },
  {
    name: 'record-linkpath-empty',
    about: 'an empty linkpath record is rejected',
    implementations,
    link: source.parser,
    cases: ['layers/pax-linkpath-empty', 'layers/pax-linkpath-emptied'],
    remove: eachEntry(entry => dropRecords(entry, (key, value) => key === 'linkpath' && value === '')),
  },
  {
    name: 'record-path-empty',
    about: 'an empty path record is rejected, even if another one follows',
    implementations,
    link: source.parser,
    cases: ['layers/pax-path-emptied'],
    remove: eachEntry(entry =>
      dropRecords(
        entry,
        (key, value, later) => key === 'path' && value === '' && later.some(([each]) => each === 'path'),
      ),
    ),
  },
  {
    name: 'sparse-records',
    about: 'any record of a sparse file makes the entry sparse, and it is rejected',
    implementations,
    link: source.parser,
    cases: [
      'layers/sparse-pax-major',
      'layers/sparse-pax-name',
      'layers/sparse-pax-realsize',
      'layers/sparse-pax-holes',
    ],
    remove: eachEntry(entry =>
      dropRecords(entry, key => /^(?:GNU\.sparse\..*|SCHILY\.realsize|SUN\.holesdata)$/.test(key)),
    ),
  },
  {
    name: 'device-records',
    about: 'records with device numbers are rejected',
    implementations,
    link: source.parser,
    cases: ['layers/device-records'],
    remove: eachEntry(
      entry => isDevice(entry) && dropRecords(entry, key => /^SCHILY\.dev(?:major|minor)$/.test(key)),
    ),
  },
  {
    name: 'xattr-names',
    about: 'the name of an extended attribute is unique, has 1 to 255 bytes, and does not contain %25 or %3D',
    implementations,
    link: source.tar,
    cases: [
      ...['layers/xattr-twice', 'layers/xattr-name-empty', 'layers/xattr-escaped-percent'],
      ...['layers/xattr-escaped-equals', 'layers/xattr-name-too-long'],
    ],
    remove: eachEntry(entry =>
      dropRecords(entry, (key, _, later) => {
        const name = /^SCHILY\.xattr\.(.*)$/s.exec(key)?.[1];
        if (name === undefined) return false;
        return /^$|%25|%3D/.test(name) || name.length > 255 || later.some(([each]) => each === key);
      }),
    ),
  },
];
