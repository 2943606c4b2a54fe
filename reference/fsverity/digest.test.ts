import { describe, expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { algorithm, algorithms } from './algorithm.ts';
import { FsVerity, fsverityDigest } from './digest.ts';
import { formattedDigest } from './formatted.ts';
import { parseSalt } from './salt.ts';

const encoder = new TextEncoder();

/** `size` bytes, all the letter a. */
function letters(size: number): Uint8Array {
  return new Uint8Array(size).fill(0x61);
}

/** Output of `fsverity digest` of fsverity-utils 1.6. */
const known = [
  ['fsverity-sha256-12', 0, '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95'],
  ['fsverity-sha256-12', 4096, 'a2a808ddaced77f0b6b3068f47b14b5a1fb3fc43674993ab11b8e7e6f2d089e2'],
  ['fsverity-sha256-12', 4097, '18b155c0b6e054f3f7d22488ed15340e74dc161ce2d123e13eb685c3ce565f70'],
  ['fsverity-sha256-12', 524_288, '35ce0df2a57eb54aeba7969570bac9dfadfac295ec181a03f13ac7a7da54909e'],
  ['fsverity-sha256-12', 524_289, 'cc4f297494cf9e0b6f159db6d30a62d3fcc219fc9c0cbc2d8792bd264da4d9cb'],
  ['fsverity-sha256-12', 67_108_865, '4941c3476d3858778456d8719299de3d84d4541237c259b3ed4bcc96ed0fd828'],
  [
    'fsverity-sha512-12',
    0,
    'ccf9e5aea1c2a64efa2f2354a6024b90dffde6bbc017825045dce374474e13d10adb9dadcc6ca8e17a3c075fbd31336e8f266ae6fa93a6c3bed66f9e784e5abf',
  ],
  [
    'fsverity-sha512-12',
    4096,
    '36b837c9d8c1c3f992c5be7feed967217668a847866b42eebcdb1ae81239ff856e93ebfac147adc058f5136202836273fc86771c1bcf598aaf9a4529f9e13cd3',
  ],
  [
    'fsverity-sha512-12',
    262_144,
    '2328f25279bc64639d2ecffdf896fe6ef7b5964696e221d96d25a25a4916b41693a4dd835c4f6ecb0df9a8f5b9df64fd80baeb9e42ab816312dc61e7acc1bf01',
  ],
  [
    'fsverity-sha512-12',
    262_145,
    '9ee7c2479abdcaa2149871324c5da9816c2ee097e9952967f92cbf0d2e2638b274748a2fed14cc934d2143f16cb353b967c8e073d3a871a96154ce7b93c97c75',
  ],
  ['fsverity-sha256-16', 0, '37a711c20e34543da6c1507ccc4e04258a1725cc672518b1c6d5d03104fb9e95'],
  ['fsverity-sha256-16', 65_536, '0710f8a78d333f60cbaaa69d3a26188a7fcd3e03df5bcc4c4ccf52238b6c1c54'],
  ['fsverity-sha256-16', 65_537, '68ca84786a90fc5cc61b0d76be70978e3cb16ad1ae9cdb3a6f1a26f77df74219'],
  [
    'fsverity-sha512-16',
    65_537,
    'b2e8ba7c2ed5b21fd44d579c1c2c9d3307902c0825136d71740c88df956baa16e28b42d20d25631eb7f7eb21b6a39c7bac32f8757dac6a37971abe627bb3db55',
  ],
] as const;

/** Its output with `--salt=0102`. */
const salted = [
  ['fsverity-sha256-12', 0, 'cfe5dc74b782bf15688e75d21bdb5d870944d5d359a5bb93453d6df3bee9e573'],
  ['fsverity-sha256-12', 65_537, '29b5027d592bfb409773a6cacfe79386f36814f583fb67418eca27ee387a95d3'],
  ['fsverity-sha256-16', 65_537, '729ac7d7b1200276388f672532deeb6636436029ebb6627b4c7a48d12b067925'],
  [
    'fsverity-sha512-12',
    65_537,
    'ab873253c83893eeda9bdb60147321feef24510044d3e67cda8bb5365989b71d55ab26ddd44ea918db14185e1dd2bb4303b4c7fa00f51563559a2e5a3601e830',
  ],
] as const;

describe('fs-verity digest', () => {
  test.each(known)('%s of %d bytes', (name, size, digest) => {
    expect(hex(fsverityDigest(letters(size), name, nodeSha2))).toBe(digest);
  });

  test.each(salted)('%s of %d bytes with a salt', (name, size, digest) => {
    const salt = parseSalt('0102');
    expect(hex(fsverityDigest(letters(size), name, nodeSha2, salt))).toBe(digest);
    expect(hex(fsverityDigest(letters(size), name, undefined, salt))).toBe(digest);
  });

  test('a salt is rejected if it is too long or not hexadecimal', () => {
    expect(() => fsverityDigest(letters(1), 'fsverity-sha256-12', nodeSha2, new Uint8Array(33))).toThrow(
      /REQUEST_SALT/,
    );
    for (const text of ['0', '0g', 'FF', ' 00', '00'.repeat(33)]) {
      expect(() => parseSalt(text)).toThrow(/REQUEST_SALT/);
    }
  });

  test('the formatted digest is that of the example', () => {
    const digest = fsverityDigest(encoder.encode('hello world'), 'fsverity-sha256-12', nodeSha2);
    const expected = example('fsverity-formatted').replace(/\s/g, '');
    expect(hex(formattedDigest(digest, 'fsverity-sha256-12'))).toBe(expected);
    expect(() => formattedDigest(digest, 'fsverity-sha512-12')).toThrow(RangeError);
  });

  test.each(algorithms)('%s is the same for pieces of any size', name => {
    const bytes = letters(3 * 4096 + 17);
    const whole = hex(fsverityDigest(bytes, name));
    for (const step of [1, 7, 4095, 4096, 4097, 8192, 10_000]) {
      const verity = new FsVerity(name, nodeSha2);
      for (let at = 0; at < bytes.length; at += step) verity.update(bytes.subarray(at, at + step));
      expect(hex(verity.digest())).toBe(whole);
    }
  });

  test('one object computes the digests of several files', () => {
    const verity = new FsVerity('fsverity-sha256-12', nodeSha2);
    for (const size of [0, 300 * 4096, 1, 0, 4096, 129 * 4096 + 5, 128 * 4096, 2 * 4096]) {
      const bytes = letters(size);
      verity.update(bytes);
      expect(hex(verity.digest())).toBe(hex(fsverityDigest(bytes, 'fsverity-sha256-12')));
    }
  });

  test('the example of the chapter', () => {
    const [data, block, root, descriptor, digest] = example('fsverity-hello')
      .trimEnd()
      .split('\n')
      .map(line => {
        const [, size = '', start = ''] = /(\d+) {2,}([0-9a-f]+)/.exec(line) ?? [];
        return start.padEnd(2 * Number(size), '0');
      });
    const sha256 = (text = ''): string => hex(nodeSha2.hash('sha256', Buffer.from(text, 'hex')));
    expect(data).toBe(hex(encoder.encode('hello world')));
    expect(sha256(block)).toBe(root);
    expect(descriptor).toContain(root);
    expect(sha256(descriptor)).toBe(digest);
    expect(hex(fsverityDigest(encoder.encode('hello world'), 'fsverity-sha256-12'))).toBe(digest);
  });

  test('an unknown algorithm is rejected', () => {
    expect(() => algorithm('fsverity-sha256-14')).toThrow(/REQUEST_ALGORITHM/);
  });
});
