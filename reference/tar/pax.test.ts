import { describe, expect, it } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { example } from '../../spec/tool/example.ts';
import { ComposefsError } from '../errors.ts';
import { checkGlobalHeader, type PaxRecords, parsePax } from './pax.ts';

const parse = (content: tar.Bytes): PaxRecords => parsePax(tar.bytes(content), {}, () => true);

/** The error code of the rejection, or 'accepted'. */
function code(content: tar.Bytes): string {
  try {
    parse(content);
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('parsePax', () => {
  it('reads the example of the chapter', () => {
    expect(parse(example('pax-records'))).toEqual({
      mtime: { sec: 1700000000n, nsec: 123456789 },
      path: 'etc/motd',
      uid: 100000,
      xattrs: new Map([['user.note', 'a']]),
      sparse: false,
      device: false,
    });
  });

  it.each([
    '99 path=x\n',
    '5 path=x\n',
    '10 path=xyz',
    '8 pathx\n',
    ' 10 path=x\n',
    '+10 path=x\n',
    '10\tpath=x\n',
    '0 path=x\n',
    '5 =x\n',
    '3 \n',
    '3',
    '3 ',
    '99999999999999999999999999 path=x\n',
    '10 path=x\n\n',
    '10 path=x\n\0\0\0',
  ])('rejects %j', content => {
    expect(code(content)).toBe('TAR_PAX');
    expect(() => checkGlobalHeader(tar.bytes(content), {})).toThrow(ComposefsError);
  });

  it('rejects a keyword that is not UTF-8 or has a NUL', () => {
    expect(code(tar.record('a\0b', 'c'))).toBe('TAR_PAX');
    expect(code(tar.record(Uint8Array.of(0xff), 'c'))).toBe('TAR_PAX');
    expect(code(tar.record('ä', 'c'))).toBe('accepted');
  });

  it.each<readonly [string, bigint, number]>([
    ['0', 0n, 0],
    ['007', 7n, 0],
    ['1.', 1n, 0],
    ['1.5', 1n, 500000000],
    ['1.000000001', 1n, 1],
    ['1.1234567899', 1n, 123456789],
    ['9223372036854775807', 2n ** 63n - 1n, 0],
    [`${'0'.repeat(100)}5.${'0'.repeat(100)}`, 5n, 0],
  ])('reads the time %s', (value, sec, nsec) => {
    expect(parse(tar.record('mtime', value)).mtime).toEqual({ sec, nsec });
  });

  it.each(['', ' 1', '1 ', '+1', '.5', '1e3', '1.5.5', '1,5', '1.-5', '0x1', '1\n', '--1'])(
    'rejects the time %j',
    value => {
      expect(code(tar.record('mtime', value))).toBe('TAR_NUMBER');
    },
  );

  it.each(['-1', '-0', '-1.5', '9223372036854775808', '9'.repeat(1000)])(
    'rejects the time %s as out of range',
    value => {
      expect(code(tar.record('mtime', value))).toBe('TAR_RANGE');
    },
  );

  it('uses the last of several records, except for times and extended attributes', () => {
    const twice = (key: string): Uint8Array => tar.concat(tar.record(key, '1'), tar.record(key, '2'));
    expect(parse(tar.concat(...['path', 'linkpath', 'size', 'uid', 'gid'].map(twice)))).toMatchObject({
      path: '2',
      linkpath: '2',
      size: 2,
      uid: 2,
      gid: 2,
    });
    expect(code(twice('mtime'))).toBe('TAR_PAX');
    expect(code(twice('SCHILY.xattr.user.a'))).toBe('TAR_XATTR');
  });

  it('accepts extended attributes up to the limits, and rejects longer ones', () => {
    const name = (length: number): string => `SCHILY.xattr.${'n'.repeat(length)}`;
    expect(code(tar.record(name(255), 'v'))).toBe('accepted');
    expect(code(tar.record(name(256), 'v'))).toBe('TAR_LIMIT');
    expect(code(tar.record(name(1), 'v'.repeat(65535)))).toBe('accepted');
    expect(code(tar.record(name(1), 'v'.repeat(65536)))).toBe('TAR_LIMIT');
  });
});
