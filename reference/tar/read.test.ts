import { describe, expect, it } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { printable } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { readTar } from './read.ts';

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

/** The entries, one per line; if `read` is false, contents are not read. */
async function entries(bytes: Uint8Array, step = bytes.length + 1, read = true): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of readTar(cut(bytes, step))) {
    const { kind, path, offset, mode, uid, gid, mtime } = entry;
    let line = `${offset} ${kind} ${path.map(printable).join('/')} ${mode.toString(8)} ${uid}:${gid} ${mtime.sec}.${mtime.nsec}`;
    if (entry.kind === 'symlink') line += ` -> ${printable(entry.target)}`;
    if (entry.kind === 'hardlink') line += ` => ${entry.target.map(printable).join('/')}`;
    if (entry.kind === 'character' || entry.kind === 'block') line += ` ${entry.rdev}`;
    for (const [name, value] of entry.xattrs) line += ` ${printable(name)}=${printable(value)}`;
    if (entry.kind === 'file') {
      line += ` ${entry.size}`;
      if (read) {
        const parts: Uint8Array[] = [];
        for await (const part of entry.content) parts.push(part);
        const content = Buffer.concat(parts);
        expect(content.length).toBe(entry.size);
        line += ` ${content.subarray(0, 20).toString('latin1')}`;
      }
    }
    lines.push(line);
  }
  return lines;
}

async function rejection(bytes: Uint8Array): Promise<ComposefsError> {
  try {
    await entries(bytes);
  } catch (error) {
    if (error instanceof ComposefsError) return error;
    throw error;
  }
  throw new Error('the archive is not rejected');
}

const mixed = tar.archive(
  tar.pax({ comment: 'for all' }, { type: 'g' }),
  tar.directory('etc/', { mtime: 5, uid: 7, gid: 8 }),
  tar.file('etc/large', 'x'.repeat(1300)),
  tar.file('etc/even', 'y'.repeat(1024)),
  tar.file('etc/none'),
  tar.pax({ path: 'etc/one', mtime: '9.25', 'SCHILY.xattr.user.a': Uint8Array.of(0, 255, 61, 10) }),
  tar.file('short', 'hello'),
  tar.longName(`deep/${'n'.repeat(120)}`),
  tar.longLink('t'.repeat(120)),
  tar.symlink('short', 'short', { magic: tar.GNU }),
  tar.hardlink('link', './etc//one'),
  tar.character('null', 1, 3),
  tar.block('disk', 259, 65537),
  tar.fifo('pipe'),
);
const listing = [
  '1024 directory etc 755 7:8 5.0',
  '1536 file etc/large 644 0:0 0.0 1300 xxxxxxxxxxxxxxxxxxxx',
  '3584 file etc/even 644 0:0 0.0 1024 yyyyyyyyyyyyyyyyyyyy',
  '5120 file etc/none 644 0:0 0.0 0 ',
  '6656 file etc/one 644 0:0 9.250000000 user.a=\\x00\\xff=\\x0a 5 hello',
  `9728 symlink deep/${'n'.repeat(120)} 777 0:0 0.0 -> ${'t'.repeat(120)}`,
  '10240 hardlink link 644 0:0 0.0 => etc/one',
  '10752 character null 600 0:0 0.0 259',
  '11264 block disk 600 0:0 0.0 268501761',
  '11776 fifo pipe 644 0:0 0.0',
];

describe('readTar', () => {
  it.each([1, 511, 512, 513, 10 ** 6])('reads an archive in chunks of %i', async step => {
    expect(await entries(mixed, step)).toEqual(listing);
  });

  it('skips contents that are not read', async () => {
    const names = (lines: readonly string[]): string[] => lines.map(line => line.split(' ', 3).join(' '));
    for (const step of [1, 513, 10 ** 6]) {
      expect(names(await entries(mixed, step, false))).toEqual(names(listing));
    }
  });

  it('skips the rest of a content that is not read to its end', async () => {
    const bytes = tar.archive(tar.file('a', 'x'.repeat(2000)), tar.file('b', 'y'));
    const seen: string[] = [];
    for await (const entry of readTar(cut(bytes, 600))) {
      seen.push(printable(entry.name));
      if (entry.kind === 'file') for await (const _ of entry.content) break;
    }
    expect(seen).toEqual(['a', 'b']);
  });

  it('returns contents without a copy', async () => {
    const bytes = tar.archive(tar.file('a', 'x'.repeat(5000)));
    for await (const entry of readTar(cut(bytes, bytes.length))) {
      if (entry.kind !== 'file') continue;
      for await (const part of entry.content) expect(part.buffer).toBe(bytes.buffer);
    }
  });

  it('reads its source to the end', async () => {
    let done = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield tar.archive(tar.file('a', 'x'));
      yield new TextEncoder().encode('anything');
      done = true;
    };
    for await (const _ of readTar(source()));
    expect(done).toBe(true);
  });

  it('closes its source if the caller stops reading', async () => {
    let closed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield tar.file('a', 'x');
      } finally {
        closed = true;
      }
    };
    for await (const _ of readTar(source())) break;
    expect(closed).toBe(true);
  });

  it('gives the location of a rejection', async () => {
    const bytes = tar.archive(tar.file('a', 'x'), tar.pax({ path: 'b' }), tar.file('b', 'y', { uid: 'zz' }));
    expect(await rejection(bytes)).toMatchObject({
      code: 'TAR_NUMBER',
      stage: 'tar',
      location: { entry: 'b', offset: 2048 },
    });
  });

  it('rejects every truncation', async () => {
    // No multiple of 37 below the end is a multiple of 512.
    for (let end = 37; end < mixed.length - 1024; end += 37) {
      expect((await rejection(mixed.subarray(0, end))).code, `cut at ${end}`).toBe('TAR_TRUNCATED');
    }
  });

  it('rejects an extended header that is too long before it is read', async () => {
    const header = tar.header({ name: 'x', type: 'x', size: 0o77777777777 });
    const error = await rejection(tar.concat(header, new Uint8Array(4096)));
    expect(error.code).toBe('TAR_LIMIT');
  });

  it('rejects damage to a header, or reads the same entry', async () => {
    const good = tar.archive(tar.file('a', 'x'));
    const expected = await entries(good);
    for (let at = 0; at < 512; at++) {
      for (const bit of [0x01, 0x80]) {
        const bad = good.slice();
        bad[at] = (bad[at] ?? 0) ^ bit;
        try {
          expect(await entries(bad)).toEqual(expected);
        } catch (error) {
          if (!(error instanceof ComposefsError)) throw error;
          expect(error.code).toBe('TAR_CHECKSUM');
        }
      }
    }
  });
});
