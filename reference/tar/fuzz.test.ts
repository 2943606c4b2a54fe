/**
 * Random input is read or rejected, with the same result for chunks of every size.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { ComposefsError } from '../errors.ts';
import { readTar } from './read.ts';

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

async function outcome(bytes: Uint8Array, step: number): Promise<unknown> {
  const seen: unknown[] = [];
  try {
    for await (const entry of readTar(cut(bytes, step))) {
      if (entry.kind !== 'file') {
        seen.push(entry);
        continue;
      }
      const { content, ...rest } = entry;
      let length = 0;
      for await (const part of content) length += part.length;
      seen.push({ ...rest, length });
    }
  } catch (error) {
    if (error instanceof ComposefsError) return { seen, code: error.code, location: error.location };
    throw error;
  }
  return seen;
}

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const text = fc.constantFrom('', 'f', 'd/', './a//b', '..', '/', 'a/.', 'x\0y', 'ä', 'n'.repeat(300));
const number = fc.oneof(
  fc.nat(0o7777777),
  bytes(12),
  fc.bigInt({ min: -5n, max: 2n ** 70n }).map(n => tar.base256(n, 12)),
  fc.constantFrom('', '7 ', ' 7', '8', '-1', '\x007'),
);
const type = fc.oneof(fc.constantFrom(...'0\x007123456xgLKSZ'), bytes(1));
const magic = fc.constantFrom(tar.USTAR, tar.GNU, tar.V7, 'ustar\0\0\0');

const header = fc
  .record(
    {
      name: fc.oneof(text, bytes(100)),
      mode: number,
      uid: number,
      gid: number,
      size: fc.oneof(fc.nat(2000), number),
      mtime: number,
      type,
      link: text,
      magic,
      major: number,
      minor: number,
      prefix: fc.oneof(fc.constant(''), text),
    },
    { requiredKeys: ['type'] },
  )
  .map(fields => tar.header(fields));

const keyword = fc.constantFrom(
  'path',
  'linkpath',
  'size',
  'uid',
  'gid',
  'mtime',
  'SCHILY.xattr.user.a',
  'SCHILY.xattr.',
  'GNU.sparse.map',
  'comment',
);
const value = fc.oneof(text, fc.nat().map(String), bytes(20), fc.constantFrom('1.5', '-1', '+1', '1.x'));
const pax = fc
  .tuple(fc.array(fc.tuple(keyword, value), { maxLength: 4 }), fc.oneof(fc.constant(''), bytes(10)))
  .map(([records, rest]) => tar.paxRaw(tar.concat(...records.map(([key, v]) => tar.record(key, v)), rest)));
const good = fc.constantFrom(
  tar.file('f', 'hello'),
  tar.directory('d/'),
  tar.symlink('s', 't'),
  tar.longName('long'),
  tar.longLink('link'),
  tar.zeros(1),
);

const archive = fc
  .tuple(fc.array(fc.oneof(header, pax, good, bytes(600)), { maxLength: 6 }), fc.nat(3))
  .map(([parts, end]) => tar.concat(...parts, tar.zeros(end)));

describe('readTar', () => {
  it('reads or rejects any input', async () => {
    await fc.assert(
      fc.asyncProperty(archive, fc.integer({ min: 1, max: 1500 }), async (input, step) => {
        expect(await outcome(input, step)).toEqual(await outcome(input, input.length + 1));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});
