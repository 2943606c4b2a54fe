import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { archive, file } from '../../generate/builder/tar.ts';
import { Processes } from '../processes.ts';
import type { StoredLayer } from './stored-layers.ts';
import { differenceByTarSplit } from './tar-split.ts';

const top = mkdtempSync(join(tmpdir(), 'tar-split-'));
afterAll(() => rmSync(top, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(top, 'test-'));
});

const short = 'hi';
const long = 'more than what is inline '.repeat(4);
const tar = Buffer.from(archive(file('usr/short', short), file('../long', long)));
const shortAt = 512;
const longAt = 2 * 512 + 512;

/** The layer with these files, the longer one as an object. */
function storedLayer(): StoredLayer {
  const path = join(folder, 'object');
  writeFileSync(path, long);
  return { name: 'a/b 0', archive: tar, objects: new Map([[longAt, { path, size: long.length }]]) };
}

const bytesLine = (from: number, to: number) => ({
  type: 2,
  payload: tar.subarray(from, to).toString('base64'),
});
const lines: readonly object[] = [
  bytesLine(0, shortAt),
  { type: 1, name: 'usr/short', size: short.length, payload: '' },
  bytesLine(shortAt + short.length, longAt),
  { type: 1, name_raw: Buffer.from('../long').toString('base64'), size: long.length, payload: '' },
  bytesLine(longAt + long.length, tar.length),
  { type: 1, name: 'empty', payload: null },
];

/** The script of a program that keeps `data` when it takes the archive apart, and runs `asm` to rebuild it. */
function program(data: readonly object[], asm: string): string {
  const kept = join(folder, 'kept.gz');
  writeFileSync(kept, gzipSync(data.map(line => `${JSON.stringify(line)}\n`).join('')));
  writeFileSync(join(folder, 'tar'), tar);
  const path = join(folder, 'tar-split');
  const script = `#!/bin/sh
set -e
case $1 in
  disasm) cp '${kept}' "$4" ;;
  asm)
    data=$3 files=$5 output=$7
    ${asm}
    ;;
esac
`;
  writeFileSync(path, script, { mode: 0o755 });
  return path;
}

function difference(data: readonly object[], asm: string, layer = storedLayer()) {
  mkdirSync(join(folder, 'work'));
  return differenceByTarSplit(new Processes(1), program(data, asm), layer, join(folder, 'work'));
}

/** Rebuilds the archive from the files. */
const faithful = `{ head -c ${shortAt} '@/tar'; cat "$files/usr/short"
    tail -c +${shortAt + short.length + 1} '@/tar' | head -c ${longAt - shortAt - short.length}; cat "$files/long"
    tail -c +${longAt + long.length + 1} '@/tar'; } > "$output"`;
const rebuild = () => faithful.replaceAll('@', folder);

test('the same bytes, rebuilt from the files of the store, make no difference', async () => {
  expect(await difference(lines, rebuild())).toBeUndefined();
});

test('a program that rebuilds other bytes is noticed', async () => {
  expect(await difference(lines, `${rebuild()}; printf x >> "$output"`)).toBe('it rebuilds other bytes');
});

test('an object with another content is noticed', async () => {
  const layer = storedLayer();
  writeFileSync(join(folder, 'object'), long.toUpperCase());
  expect(await difference(lines, rebuild(), layer)).toBe('it rebuilds other bytes');
});

test('a fatal message of the program is the reason', async () => {
  const asm = `echo 'time="now" level=fatal msg="no \\"file\\""' >&2; exit 1`;
  expect(await difference(lines, asm)).toBe('no "file"');
});

test('data for an archive of another length is noticed', async () => {
  const reason = 'its data is for an archive of another length';
  expect(await difference([...lines, bytesLine(0, 1)], rebuild())).toBe(reason);
});

test('a content that is not an object of the store is noticed, and the reverse', async () => {
  const reason = 'other contents are files than objects of the store: 1 and 0, of which 0 are the same';
  expect(await difference(lines, rebuild(), { ...storedLayer(), objects: new Map() })).toBe(reason);
  rmSync(join(folder, 'work'), { recursive: true });
  const inOne = [bytesLine(0, tar.length)];
  expect(await difference(inOne, `cp '${folder}/tar' "$output"`)).toBe(
    'other contents are files than objects of the store: 0 and 1, of which 0 are the same',
  );
});

test('names that exclude each other on a disk are noticed', async () => {
  const below = lines.with(3, { type: 1, name: 'usr/short/long', size: long.length, payload: '' });
  expect(await difference(below, rebuild())).toBe('its files cannot be on a disk: EEXIST');
});
