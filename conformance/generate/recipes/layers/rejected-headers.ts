/**
 * Header blocks that are rejected: numbers, checksums, prefixes, types, devices.
 * @module
 */

import {
  base256,
  block,
  bytes,
  character,
  concat,
  directory,
  entry,
  type Field,
  file,
  GNU,
  header,
  longName,
  pax,
  V7,
} from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { rejects } from './parts.ts';

const GO_PREFIX = 'https://github.com/golang/go/issues/12594';

/** A header whose checksum is one too high. */
function oneTooHigh(): Uint8Array {
  const block = header({ name: 'f', mode: 0o644, size: 0 });
  const sum = Number.parseInt(new TextDecoder().decode(block.subarray(148, 154)), 8);
  block.set(bytes((sum + 1).toString(8).padStart(6, '0')), 148);
  return block;
}

/** A file whose uid field has this content. */
function uid(field: Field): Uint8Array[] {
  return [file('f', '', { uid: field })];
}

const spellings: readonly (readonly [slug: string, title: string, field: Field])[] = [
  ['blank', 'A number that consists of spaces is rejected', '        '],
  ['nul-first', 'A number with a NUL before its digits is rejected', '\x000017'],
  ['eight', 'An octal number with the digit 8 is rejected', '0000018'],
  ['minus', 'An octal number with a minus sign is rejected', '-17'],
  ['plus', 'An octal number with a plus sign is rejected', '+17'],
  ['tab', 'An octal number with a leading tab is rejected', '\t17'],
  ['gap', 'A number with a space between its digits is rejected', '1 7'],
  ['rest', 'A number with digits after its end is rejected', '17\x0012'],
  [
    'base-256-head',
    'A base-256 number with bits in its first byte is rejected',
    Uint8Array.of(0x81, 0, 0, 0, 0, 0, 0, 1),
  ],
];

/** A prefix that is one byte longer than that of star, which has numbers after it. */
const starPrefix = 'p'.repeat(131);

export const recipes: readonly Recipe[] = [
  ...spellings.map(([slug, title, field]) =>
    rejects(`number-${slug}`, {
      title,
      requirements: ['LAYER-051'],
      layer: uid(field),
      code: 'TAR_NUMBER',
      control: slug === 'base-256-head' ? 'base-256' : 'number-spellings',
    }),
  ),
  rejects('number-overridden', {
    title: 'A malformed number that a PAX record overrides is rejected',
    requirements: ['LAYER-051'],
    layer: [pax({ uid: '5' }), file('f', '', { uid: 'zz' })],
    code: 'TAR_NUMBER',
    control: 'pax-numbers',
  }),
  rejects('number-overridden-size', {
    title: 'A malformed size that a PAX record overrides is rejected',
    requirements: ['LAYER-051'],
    layer: [pax({ size: '5' }), file('f', 'hello', { size: 'zz' })],
    code: 'TAR_NUMBER',
    control: 'pax-numbers',
  }),
  rejects('number-of-no-device', {
    title: 'A malformed device number of a regular file is rejected',
    requirements: ['LAYER-051'],
    layer: [file('f', '', { major: 'zz' })],
    code: 'TAR_NUMBER',
    control: 'every-type',
  }),
  rejects('device-base-256', {
    title: 'A device number in base-256 is rejected',
    requirements: ['LAYER-051'],
    layer: [entry({ name: 'c', mode: 0o600, type: '3', major: base256(1n, 8), minor: base256(3n, 8) })],
    code: 'TAR_NUMBER',
    control: 'every-type',
  }),
  rejects('device-negative', {
    title: 'A device number that begins with 0xff is malformed',
    requirements: ['LAYER-051', 'LAYER-052'],
    layer: [entry({ name: 'c', mode: 0o600, type: '3', major: base256(-1n, 8), minor: 3 })],
    code: 'TAR_NUMBER',
    control: 'every-type',
  }),
  rejects('uid-negative', {
    title: 'A negative uid is rejected',
    requirements: ['LAYER-052'],
    layer: uid(base256(-1n, 8)),
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('mtime-negative', {
    title: 'An mtime before 1970 is rejected',
    requirements: ['LAYER-052'],
    layer: [file('f', '', { mtime: base256(-5n, 12) })],
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('mtime-too-large', {
    title: 'An mtime of 2^63 is rejected',
    requirements: ['LAYER-052'],
    class: 'LIMIT',
    layer: [file('f', '', { mtime: base256(2n ** 63n, 12) })],
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('size-negative', {
    title: 'A negative size is rejected',
    requirements: ['LAYER-052'],
    class: 'HOSTILE',
    layer: [file('f', '', { size: base256(-5n, 12) })],
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('size-too-large', {
    title: 'A size of 2^64-1 is rejected',
    requirements: ['LAYER-052'],
    class: 'HOSTILE',
    layer: [file('f', '', { size: base256(2n ** 64n - 1n, 12) })],
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('mode-too-large', {
    title: 'A mode of 2^53 is rejected',
    requirements: ['LAYER-052'],
    class: 'LIMIT',
    layer: [file('f', '', { mode: base256(2n ** 53n, 8) })],
    code: 'TAR_RANGE',
    control: 'largest-numbers',
  }),
  rejects('uid-too-large', {
    title: 'A uid of 2^32 is rejected',
    requirements: ['LAYER-090'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/tar.rs'],
    layer: uid(base256(2n ** 32n, 8)),
    code: 'TAR_RANGE',
    control: 'base-256',
  }),
  rejects('gid-too-large', {
    title: 'A gid of 2^32 in a PAX record is rejected',
    requirements: ['LAYER-090'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs-oci/src/tar.rs'],
    layer: [pax({ gid: '4294967296' }), file('f')],
    code: 'TAR_RANGE',
    control: 'pax-numbers',
  }),
  rejects('checksum-wrong', {
    title: 'A header whose checksum is one too high is rejected',
    requirements: ['LAYER-053'],
    layer: [oneTooHigh()],
    code: 'TAR_CHECKSUM',
    control: 'end-of-two-blocks',
  }),
  rejects('checksum-blank', {
    title: 'A header with a blank checksum is rejected',
    requirements: ['LAYER-053'],
    layer: [file('f', '', { checksum: '        ' })],
    code: 'TAR_CHECKSUM',
    control: 'end-of-two-blocks',
  }),
  rejects('gnu-prefix', {
    title: 'A GNU header with a prefix is rejected',
    requirements: ['LAYER-047'],
    class: 'HOSTILE',
    links: [GO_PREFIX],
    layer: [file('f', '', { magic: GNU, prefix: 'pre' })],
    code: 'TAR_HEADER',
    control: 'gnu-headers',
  }),
  ...(
    [
      ['negative', 'a negative access time', { 345: base256(-5n, 12) }],
      ['access-too-large', 'an access time of 2^63', { 345: base256(2n ** 63n, 12) }],
      ['rest', 'a byte after its times in base-256', { 345: concat(base256(5n, 12), base256(7n, 12), 'x') }],
      ['too-large', 'a change time of 2^63', { 345: base256(5n, 12), 357: base256(2n ** 63n, 12) }],
    ] as const
  ).map(([slug, what, at]) =>
    rejects(`gnu-time-${slug}`, {
      title: `A GNU header with ${what} is rejected`,
      requirements: ['LAYER-047'],
      class: 'HOSTILE',
      links: [GO_PREFIX],
      layer: [file('f', '', { magic: GNU, at })],
      code: 'TAR_HEADER',
      control: 'gnu-times',
    }),
  ),
  rejects('gnu-sparse-map', {
    title: 'A GNU header of a plain file with a sparse map is rejected',
    requirements: ['LAYER-047'],
    class: 'HOSTILE',
    layer: [file('f', '', { magic: GNU, at: { 386: '00000000000\0' } })],
    code: 'TAR_HEADER',
    control: 'gnu-times',
  }),
  rejects('v7-times', {
    title: 'A v7 header with an access time is rejected',
    requirements: ['LAYER-047'],
    class: 'HOSTILE',
    layer: [file('f', '', { magic: V7, at: { 345: '00000002322\0' } })],
    code: 'TAR_HEADER',
    control: 'v7-headers',
  }),
  ...(
    [
      ['v7', V7],
      ['gnu', GNU],
    ] as const
  ).map(([form, magic]) =>
    rejects(`${form}-prefix-last-byte`, {
      title: `A ${form === 'v7' ? 'v7' : 'GNU'} header with the last byte of a prefix is rejected`,
      requirements: ['LAYER-047'],
      class: 'LIMIT',
      layer: [file('a', 'hello', { magic, at: { 499: 'x' } })],
      code: 'TAR_HEADER',
      control: 'bytes-behind-prefix',
    }),
  ),
  ...(
    [
      ['space', 'a magic of "ustar", two spaces and "0"', 'ustar  0'],
      ['digit', 'a magic of "ustar000"', 'ustar000'],
    ] as const
  ).map(([slug, what, magic]) =>
    rejects(`magic-with-${slug}-prefix`, {
      title: `A prefix is rejected with ${what}`,
      requirements: ['LAYER-046', 'LAYER-047'],
      class: 'HOSTILE',
      layer: [file('f', '', { magic, prefix: 'pre' })],
      code: 'TAR_HEADER',
      control: 'unknown-magic-prefix',
    }),
  ),
  rejects('magic-with-space-device', {
    title: 'A device is rejected with a magic of "ustar", two spaces and "0"',
    requirements: ['LAYER-046', 'LAYER-059'],
    class: 'HOSTILE',
    layer: [character('c', 1, 3, { magic: 'ustar  0' })],
    code: 'TAR_DEVICE',
    control: 'gnu-headers',
  }),
  rejects('unknown-version-major', {
    title: 'A malformed major is rejected if the version is unknown',
    requirements: ['LAYER-046', 'LAYER-051'],
    layer: [file('f', '', { magic: 'ustar\x0011', major: 'zz' })],
    code: 'TAR_NUMBER',
    control: 'unknown-version',
  }),
  rejects('star-prefix-131', {
    title: 'A header with the mark of star and a prefix of 131 bytes is rejected',
    requirements: ['LAYER-048'],
    class: 'LIMIT',
    layer: [
      longName(`${starPrefix}/`),
      directory('short/'),
      file('f', 'hello', {
        prefix: starPrefix,
        at: { 476: '00000000077\x0000000000077\0', 508: 'tar\0' },
      }),
    ],
    code: 'TAR_HEADER',
    control: 'star-prefix-limit',
  }),
  rejects('star-prefix-131-without-times', {
    title: 'The mark of star and a prefix of 131 bytes are rejected without times',
    requirements: ['LAYER-048'],
    class: 'LIMIT',
    layer: [
      longName(`${starPrefix}/`),
      directory('short/'),
      file('f', 'hello', { prefix: starPrefix, at: { 508: 'tar\0' } }),
    ],
    code: 'TAR_HEADER',
    control: 'star-prefix-limit',
  }),
  rejects('star-prefix', {
    title: 'A header with the mark of star and a long prefix is rejected',
    requirements: ['LAYER-048'],
    class: 'HOSTILE',
    layer: [
      longName(`${'p'.repeat(140)}/`),
      directory('short/'),
      file('f', '', { prefix: 'p'.repeat(140), at: { 508: 'tar\0' } }),
    ],
    code: 'TAR_HEADER',
    control: 'star-headers',
  }),
  ...[...'8AZVMDNX'].map(type =>
    rejects(`type-${type.toLowerCase()}`, {
      title: `An entry of type ${type} is rejected`,
      requirements: ['LAYER-055'],
      layer: [entry({ name: type === 'D' ? 'd/' : 'f', mode: 0o644, type })],
      code: 'TAR_TYPE',
      control: 'every-type',
    }),
  ),
  rejects('sparse-gnu', {
    title: 'A sparse entry of GNU tar is rejected',
    requirements: ['LAYER-056'],
    layer: [file('f', '', { type: 'S', magic: GNU })],
    code: 'TAR_SPARSE',
    control: 'gnu-headers',
  }),
  rejects('device-v7', {
    title: 'A device with a v7 header is rejected',
    requirements: ['LAYER-059'],
    layer: [character('c', 1, 3, { magic: V7 })],
    code: 'TAR_DEVICE',
    control: 'gnu-headers',
  }),
  rejects('major-too-large', {
    title: 'A major device number of 4096 is rejected',
    requirements: ['LAYER-059'],
    class: 'LIMIT',
    layer: [block('b', 4096, 0)],
    code: 'TAR_DEVICE',
    control: 'largest-device',
  }),
  rejects('minor-too-large', {
    title: 'A minor device number of 1048576 is rejected',
    requirements: ['LAYER-059'],
    class: 'LIMIT',
    layer: [block('b', 0, 1048576)],
    code: 'TAR_DEVICE',
    control: 'largest-device',
  }),
  rejects('device-records', {
    title: 'A device with a PAX record for its number is rejected',
    requirements: ['LAYER-059'],
    class: 'HOSTILE',
    layer: [pax({ 'SCHILY.devmajor': '9' }), character('c', 1, 3)],
    code: 'TAR_DEVICE',
    control: 'every-type',
  }),
  rejects('device-record-minor', {
    title: 'A block device with a PAX record for its minor alone is rejected',
    requirements: ['LAYER-059'],
    class: 'HOSTILE',
    layer: [pax({ 'SCHILY.devminor': '3' }), block('b', 1, 3)],
    code: 'TAR_DEVICE',
    control: 'every-type',
  }),
];
