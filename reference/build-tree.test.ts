import { expect, test } from 'vitest';
import { archive, directory, file, hardlink } from '../conformance/generate/builder/tar.ts';
import { example } from '../spec/tool/example.ts';
import * as made from './arbitrary-tree.test.helper.ts';
import { buildTree } from './build-tree.ts';
import { parseDumpfile } from './dumpfile/parse.ts';
import { printDumpfile } from './dumpfile/print.ts';
import type { Directory } from './tree/inode.ts';
import type { TreeOptions } from './tree/options.ts';

async function* chunks(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 300) yield bytes.subarray(at, at + 300);
}

const dump = (tree: Directory) => Buffer.concat([...printDumpfile(tree)]).toString();

const base = archive(directory('usr/', { mode: 0o555 }), file('usr/f', 'x'), file('run/f'));
const top = archive(hardlink('usr/g', 'usr/f'));

const build = (overrides: Partial<TreeOptions>, ...archives: Uint8Array[]) =>
  buildTree(archives.map(chunks), made.options(overrides));

test('role merged with transform none and oci', async () => {
  const merged = await build({}, base, top);
  expect(merged.mode).toBe(0o755);
  expect(made.list(merged)).toEqual(['run/', 'run/f=', 'usr/', 'usr/f=x', 'usr/g#1']);
  const transformed = await build({ transform: 'oci' }, base, top);
  expect(transformed.mode).toBe(0o555);
  expect(made.list(transformed)).toEqual(['run/', 'usr/', 'usr/f=x', 'usr/g#0']);
});

test('role layer has one layer and transform none', async () => {
  expect(made.list(await build({ role: 'layer' }, base))).toEqual(['run/', 'run/f=', 'usr/', 'usr/f=x']);
  const rejection = expect.objectContaining({ code: 'REQUEST_ROLE' });
  await expect(build({ role: 'layer' })).rejects.toEqual(rejection);
  await expect(build({ role: 'layer' }, base, base)).rejects.toEqual(rejection);
  await expect(build({ role: 'layer', transform: 'oci' }, base)).rejects.toEqual(rejection);
});

test('a rejection gives the layer and the entry', async () => {
  await expect(build({}, base, archive(hardlink('h', 'nowhere')))).rejects.toMatchObject({
    location: { layer: 1, entry: 'h', offset: 0 },
  });
  await expect(build({}, base, base.subarray(0, 100))).rejects.toMatchObject({
    stage: 'tar',
    location: { layer: 1 },
  });
});

test('a layer is read after the layer below it is merged', async () => {
  const log: string[] = [];
  async function* layers() {
    for (const [i, bytes] of [base, top].entries()) {
      log.push(`open ${i}`);
      yield (async function* () {
        yield* chunks(bytes);
        log.push(`end ${i}`);
      })();
    }
  }
  await buildTree(layers(), made.options());
  expect(log).toEqual(['open 0', 'end 0', 'open 1', 'end 1']);
});

test('the example tree', async () => {
  const mtime = { sec: 1700000000n, nsec: 0 };
  const tree = await made.merge([
    made.dir('etc', { mtime: { ...mtime, nsec: 500000000 } }),
    made.file('etc/services', 'x'.repeat(65), { mtime, xattrs: made.xattrs({ 'user.origin': 'base' }) }),
    made.link('services', 'etc/services'),
    made.file('etc/hosts', '127.0.0.1\n', { mtime }),
    { ...made.symlink('link', 'etc/services'), mtime },
  ]);
  expect(dump(tree)).toBe(example('tree'));
  expect(dump(parseDumpfile(Buffer.from(example('tree'))))).toBe(example('tree'));
});
