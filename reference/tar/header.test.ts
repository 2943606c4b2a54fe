import { describe, expect, it } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { example } from '../../spec/tool/example.ts';
import { ComposefsError } from '../errors.ts';
import { attributesOf, formOf, fullName, linkField, sizeField, typeOf } from './header.ts';

/** The uid in a field of these bytes, or the error code of the rejection. */
function uid(field: tar.Field): number | string {
  try {
    return attributesOf(tar.header({ uid: field }), 'ustar', {}).uid;
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

describe('the header', () => {
  it('has its fields at the offsets of the chapter', () => {
    const fields = example('tar-header')
      .trimEnd()
      .split('\n')
      .map(line => line.trim().split(/ +/));
    const values: Record<string, string> = {
      name: 'N',
      mode: '1',
      uid: '2',
      gid: '3',
      size: '4',
      mtime: '5',
      checksum: '',
      type: 'T',
      link: 'L',
      magic: 'ustar\x0000',
      major: '6',
      minor: '7',
      prefix: 'P',
    };
    const header = new Uint8Array(512);
    for (const [at, , name] of fields) header.set(tar.bytes(values[name ?? ''] ?? '?'), Number(at));
    expect(fields.map(([, , name]) => name)).toEqual(Object.keys(values));
    expect(formOf(header)).toBe('ustar');
    expect(fullName(header, 'ustar')).toBe('P/N');
    expect(linkField(header)).toBe('L');
    expect(typeOf(header)).toBe(0x54);
    expect(sizeField(header, {})).toBe(4);
    expect(attributesOf(header, 'ustar', {})).toEqual({
      mode: 1,
      uid: 2,
      gid: 3,
      mtime: { sec: 5n, nsec: 0 },
      device: { major: 6, minor: 7 },
    });
  });

  it.each<readonly [string, tar.Field, number | string]>([
    ['digits and a NUL', '0000017\0', 15],
    ['digits and a space', '000017 \0', 15],
    ['digits only', '00000017', 15],
    ['spaces and digits', '    17 ', 15],
    ['NULs', '', 0],
    ['spaces', '        ', 'TAR_NUMBER'],
    ['a NUL and digits', '\x0017', 'TAR_NUMBER'],
    ['a digit that is not octal', '0000018', 'TAR_NUMBER'],
    ['a sign', '-17', 'TAR_NUMBER'],
    ['a tab', '\t17', 'TAR_NUMBER'],
    ['a gap', '1 7', 'TAR_NUMBER'],
    ['bytes after the end of the number', '17\x0012', 'TAR_NUMBER'],
    ['base-256', tar.base256(3000000000n, 8), 3000000000],
    ['base-256 of 2^53-1', tar.base256(2n ** 53n - 1n, 8), 2 ** 53 - 1],
    ['base-256 of 2^53', tar.base256(2n ** 53n, 8), 'TAR_RANGE'],
    ['negative base-256', tar.base256(-1n, 8), 'TAR_RANGE'],
    [
      'base-256 with bits of the number in the first byte',
      Uint8Array.of(0x81, 0, 0, 0, 0, 0, 0, 1),
      'TAR_NUMBER',
    ],
  ])('reads or rejects %s', (_, field, expected) => {
    expect(uid(field)).toBe(expected);
  });
});
