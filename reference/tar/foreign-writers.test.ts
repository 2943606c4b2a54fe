/**
 * Archives written by tar-stream, GNU tar and Python's tarfile.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tarStream from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteString } from '../bytes.ts';
import type { TarEntry } from './entry.ts';
import { readTar } from './read.ts';

const STEPS = [1, 511, 512, 513, 10 ** 9];

async function* cut(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

type ReadEntry = Omit<TarEntry, 'content' | 'offset'> & { content?: string };

/** The entries with their contents, which are the same for chunks of every size. */
async function readAll(archive: Uint8Array): Promise<ReadEntry[]> {
  let first: ReadEntry[] | undefined;
  for (const step of STEPS) {
    if (step === 1 && archive.length > 50000) continue;
    const all: ReadEntry[] = [];
    for await (const { offset: _, ...entry } of readTar(cut(archive, step))) {
      if (entry.kind !== 'file') {
        all.push(entry);
        continue;
      }
      const { content, ...rest } = entry;
      const parts: Uint8Array[] = [];
      for await (const part of content) parts.push(part);
      all.push({ ...rest, content: byteString(new Uint8Array(Buffer.concat(parts))) });
    }
    first ??= all;
    expect(all, `in chunks of ${step}`).toEqual(first);
  }
  return first ?? [];
}

const byPath = (entries: readonly ReadEntry[]): Map<string, ReadEntry> =>
  new Map(entries.map(entry => [entry.path.join('/'), entry]));

const long = `deep/${'d'.repeat(90)}/${'e'.repeat(120)}`;
/** Whether `command` is installed and is the program `name`. */
const isInstalled = (command: string, name: string): boolean =>
  String(spawnSync(command, ['--version']).stdout ?? '').includes(name);

describe('tar-stream', () => {
  const headers: readonly (Parameters<tarStream.Pack['entry']>[0] & { body?: string })[] = [
    { name: 'd/', type: 'directory', mode: 0o1777, uid: 1, gid: 2, mtime: new Date(3000) },
    { name: 'd/empty', mode: 0o600 },
    { name: 'd/file', body: 'hello', mtime: new Date(1700000000000) },
    { name: long, body: 'x'.repeat(5000) },
    { name: 'd/ümlaut', body: 'u' },
    { name: 's', type: 'symlink', linkname: 'd/file' },
    { name: 'longlink', type: 'symlink', linkname: 't'.repeat(150) },
    { name: 'h', type: 'link', linkname: 'd/file' },
    { name: 'c', type: 'character-device', devmajor: 1, devminor: 3 },
    { name: 'b', type: 'block-device', devmajor: 8, devminor: 300 },
    { name: 'p', type: 'fifo' },
    { name: 'contiguous', type: 'contiguous-file', body: '7' },
    { name: 'rich', body: 'r', pax: { 'SCHILY.xattr.user.a': 'v', mtime: '5.5', comment: 'c' } },
  ];
  const kinds: Readonly<Record<string, string>> = {
    link: 'hardlink',
    'character-device': 'character',
    'block-device': 'block',
    'contiguous-file': 'file',
  };

  it('writes an archive that is read as written', async () => {
    const pack = tarStream.pack();
    for (const { body, ...header } of headers) pack.entry(header, body ?? '');
    pack.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of pack) chunks.push(chunk as Buffer);
    const read = await readAll(new Uint8Array(Buffer.concat(chunks)));

    expect(read.length).toBe(headers.length);
    for (const [i, { name, type, mode, uid, gid, mtime, linkname, body }] of headers.entries()) {
      const entry = read[i];
      const bytes = Buffer.from(name).toString('latin1');
      expect(entry?.path.join('/')).toBe(bytes.replace(/\/$/, ''));
      expect(entry?.kind).toBe(kinds[type ?? 'file'] ?? type ?? 'file');
      if (mode !== undefined) expect(entry?.mode).toBe(mode);
      expect([entry?.uid, entry?.gid]).toEqual([uid ?? 0, gid ?? 0]);
      if (mtime) expect(entry?.mtime).toEqual({ sec: BigInt(mtime.getTime() / 1000), nsec: 0 });
      if (entry?.kind === 'symlink') expect(entry).toMatchObject({ target: linkname });
      if (entry?.kind === 'file') expect(entry.content).toBe(body ?? '');
    }
    const found = byPath(read);
    expect(found.get('h')).toMatchObject({ target: ['d', 'file'] });
    expect(found.get('c')).toMatchObject({ rdev: 0x103 });
    expect(found.get('b')).toMatchObject({ rdev: 0x100000 | 0x800 | 44 });
    expect(found.get('rich')).toMatchObject({
      mtime: { sec: 5n, nsec: 500000000 },
      xattrs: new Map([['user.a', 'v']]),
    });
  });
});

describe.skipIf(!isInstalled('tar', 'GNU tar'))('GNU tar', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'composefs-oci-tar-'));
    const at = (name: string): string => join(folder, name);
    mkdirSync(at('d'));
    chmodSync(at('d'), 0o750);
    writeFileSync(at('d/file'), 'hello', { mode: 0o640 });
    writeFileSync(at('d/block'), 'x'.repeat(512));
    writeFileSync(at('d/more'), 'y'.repeat(10000));
    writeFileSync(at('d/empty'), '');
    linkSync(at('d/file'), at('d/hard'));
    symlinkSync('../d/file', at('d/soft'));
    utimesSync(at('d/file'), 1600000000.25, 1600000000.25);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const pack = (format: string, names: readonly string[]): Uint8Array =>
    new Uint8Array(
      execFileSync(
        'tar',
        [`--format=${format}`, '--owner=:7', '--group=:8', '--sort=name', '-cf', '-', ...names],
        {
          cwd: folder,
          maxBuffer: 2 ** 26,
        },
      ),
    );

  it.each(['v7', 'oldgnu', 'gnu', 'ustar', 'pax'])(
    'writes archives that are read as written (%s)',
    async format => {
      const read = byPath(await readAll(pack(format, ['d'])));
      expect([...read.keys()]).toEqual(['d', 'd/block', 'd/empty', 'd/file', 'd/hard', 'd/more', 'd/soft']);
      expect(read.get('d')).toMatchObject({ kind: 'directory', mode: 0o750, uid: 7, gid: 8 });
      expect(read.get('d/file')).toMatchObject({
        kind: 'file',
        mode: 0o640,
        content: 'hello',
        mtime: { sec: 1600000000n, nsec: format === 'pax' ? 250000000 : 0 },
      });
      expect(read.get('d/hard')).toMatchObject({ kind: 'hardlink', target: ['d', 'file'] });
      expect(read.get('d/soft')).toMatchObject({ kind: 'symlink', target: '../d/file' });
      expect(read.get('d/block')).toMatchObject({ content: 'x'.repeat(512) });
      expect(read.get('d/more')).toMatchObject({ content: 'y'.repeat(10000) });
      expect(read.get('d/empty')).toMatchObject({ kind: 'file', size: 0, content: '' });
    },
  );

  it.each(['oldgnu', 'gnu', 'pax'])('writes long names that are read as written (%s)', async format => {
    mkdirSync(join(folder, 'deep', 'd'.repeat(90)), { recursive: true });
    writeFileSync(join(folder, long), 'deep');
    const target = 't'.repeat(200);
    rmSync(join(folder, 'longlink'), { force: true });
    symlinkSync(target, join(folder, 'longlink'));
    const read = byPath(await readAll(pack(format, [long, 'longlink'])));
    expect(read.get(long)).toMatchObject({ content: 'deep' });
    expect(read.get('longlink')).toMatchObject({ target });
  });
});

const python = `
import io, sys, tarfile
long = sys.argv[2]
format = {'USTAR': tarfile.USTAR_FORMAT, 'GNU': tarfile.GNU_FORMAT, 'PAX': tarfile.PAX_FORMAT}[sys.argv[1]]
out = io.BytesIO()
with tarfile.open(fileobj=out, mode='w', format=format) as tar:
    def add(name, type=tarfile.REGTYPE, content=b'', **attributes):
        info = tarfile.TarInfo(name)
        info.type, info.size = type, len(content)
        for key, value in attributes.items(): setattr(info, key, value)
        tar.addfile(info, io.BytesIO(content))
    add('d', tarfile.DIRTYPE, mode=0o755, mtime=5)
    add('d/' + 'n' * 98, content=b'prefixed', uid=1000, gid=1000)
    add('d/file', content=b'hello', mode=0o4755)
    add('d/soft', tarfile.SYMTYPE, linkname='file')
    add('d/hard', tarfile.LNKTYPE, linkname='d/file')
    add('d/null', tarfile.CHRTYPE, devmajor=1, devminor=3)
    add('d/pipe', tarfile.FIFOTYPE)
    if format != tarfile.USTAR_FORMAT:
        add(long, content=b'deep', uid=3000000000, mtime=2 ** 33)
        add('longlink', tarfile.SYMTYPE, linkname='t' * 200)
    if format == tarfile.PAX_FORMAT:
        add('fine', mtime=1.5, pax_headers={'SCHILY.xattr.user.a': 'v'})
sys.stdout.buffer.write(out.getvalue())
`;

describe.skipIf(!isInstalled('python3', 'Python 3'))('Python', () => {
  it.each(['USTAR', 'GNU', 'PAX'])('writes archives that are read as written (%s)', async format => {
    const archive = execFileSync('python3', ['-c', python, format, long], { maxBuffer: 2 ** 26 });
    const read = byPath(await readAll(new Uint8Array(archive)));
    expect(read.get('d')).toMatchObject({ kind: 'directory', mode: 0o755, mtime: { sec: 5n } });
    expect(read.get(`d/${'n'.repeat(98)}`)).toMatchObject({ content: 'prefixed', uid: 1000, gid: 1000 });
    expect(read.get('d/file')).toMatchObject({ mode: 0o4755, content: 'hello' });
    expect(read.get('d/soft')).toMatchObject({ target: 'file' });
    expect(read.get('d/hard')).toMatchObject({ target: ['d', 'file'] });
    expect(read.get('d/null')).toMatchObject({ kind: 'character', rdev: 0x103 });
    expect(read.get('d/pipe')).toMatchObject({ kind: 'fifo' });
    if (format !== 'USTAR') {
      expect(read.get(long)).toMatchObject({ content: 'deep', uid: 3000000000, mtime: { sec: 2n ** 33n } });
      expect(read.get('longlink')).toMatchObject({ target: 't'.repeat(200) });
    }
    if (format === 'PAX') {
      expect(read.get('fine')).toMatchObject({
        mtime: { sec: 1n, nsec: 500000000 },
        xattrs: new Map([['user.a', 'v']]),
      });
    }
  });
});
