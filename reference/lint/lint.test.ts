import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skippable, storedGzip, storedZstd } from '../../conformance/generate/builder/compression.ts';
import { LayoutBuilder, platform } from '../../conformance/generate/builder/layout.ts';
import {
  archive,
  bytes,
  character,
  concat,
  directory,
  file,
  hardlink,
  pax,
  symlink,
} from '../../conformance/generate/builder/tar.ts';
import { hello, trees } from '../../conformance/generate/recipes/image/parts.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { writeLayout } from '../seal/node/layouts.test.helper.ts';
import { lintImage } from './lint.ts';
import { type WarningCode, warnings } from './warnings.ts';

const usr = directory('usr/');

/** For each warning, an image that has this warning and no other. */
const images: Readonly<Record<WarningCode, (builder: LayoutBuilder) => LayoutBuilder>> = {
  'implied-parent': layers(archive(usr, file('usr/bin/a'))),
  'same-layer-whiteout': layers(archive(usr, file('usr/a'), file('usr/.wh.a'))),
  'duplicate-entry': layers(archive(usr, file('usr/a', '1'), file('usr/a', '2'))),
  'reserved-name': layers(archive(usr, file('usr/.wh..wh.aufs'))),
  'name-not-utf8': layers(archive(usr, file(Buffer.from('usr/\xff', 'latin1')))),
  'symlink-long': layers(archive(usr, concat(pax({ linkpath: 'a'.repeat(1025) }), symlink('usr/a', 'a')))),
  'mtime-fraction': layers(archive(usr, concat(pax({ mtime: '1.5' }), file('usr/a')))),
  'xattr-left-out': layers(archive(usr, concat(pax({ 'SCHILY.xattr.user.a': 'b' }), file('usr/a')))),
  'hardlink-lower': layers(hello, archive(hardlink('usr/b', 'usr/greeting'))),
  'device-0-0': layers(archive(usr, character('usr/null', 0, 0))),
  'root-entry': layers(archive(directory('./'), usr)),
  'run-content': layers(archive(usr, directory('run/'), file('run/a'))),
  'run-not-directory': layers(archive(usr, symlink('run', 'var/run'))),
  'no-usr': layers(archive(file('a'))),
  'no-boot-directory': builder =>
    builder.index(
      builder.image({
        layers: [{ tar: archive(usr, directory('boot/')) }],
        config: { config: { Labels: { 'containers.bootc': '1' } } },
      }),
    ),
  'gzip-members': packed('gzip', concat(storedGzip(hello.subarray(0, 512)), storedGzip(hello.subarray(512)))),
  'zstd-frames': packed('zstd', concat(storedZstd(hello.subarray(0, 512)), storedZstd(hello.subarray(512)))),
  'archive-end': layers(hello.subarray(0, -512)),
  'docker-media-type': builder => builder.index(builder.image({ layers: [{ tar: hello }], types: 'docker' })),
  'older-name': builder =>
    builder.index(
      builder.image({
        layers: [{ tar: hello }],
        config: { config: { Labels: { 'containers.composefs.fsverity': trees.hello.sha256 } } },
      }),
    ),
  'published-wrong': builder =>
    builder.index(
      builder.image({
        layers: [{ tar: hello }],
        manifest: { annotations: { 'composefs.merged.erofs.v1.fsverity-sha256-12': trees.bonjour.sha256 } },
      }),
    ),
  'selinux-policy': layers(
    archive(usr, directory('etc/'), directory('etc/selinux/'), file('etc/selinux/config')),
  ),
};

function layers(...tars: readonly Uint8Array[]) {
  return (builder: LayoutBuilder) => builder.index(builder.image({ layers: tars.map(tar => ({ tar })) }));
}

/** An image whose layer `hello` is compressed as `blob`. */
function packed(compression: 'gzip' | 'zstd', blob: Uint8Array) {
  return (builder: LayoutBuilder) => {
    const { digest, size } = builder.blob('', blob);
    return builder.index(
      builder.image({ layers: [{ tar: hello, compression, descriptor: { digest, size } }] }),
    );
  };
}

const codes = async (build: (builder: LayoutBuilder) => LayoutBuilder) =>
  (await lintImage(writeLayout(build(new LayoutBuilder())), {})).map(({ code }) => code);

test.each(Object.entries(images))('%s', async (code, build) => {
  expect(await codes(build)).toEqual([code]);
});

test.each([
  ['gzip', packed('gzip', storedGzip(hello))],
  ['zstd', packed('zstd', storedZstd(hello))],
  ['more zeros at the end', layers(concat(hello, new Uint8Array(9216)))],
  ['a marker that names nothing in its layer', layers(archive(usr, file('usr/.wh.b'), file('usr/a')))],
  ['an empty /run', layers(archive(usr, directory('run/')))],
])('does not warn of %s', async (_, build) => {
  expect(await codes(build)).toEqual([]);
});

test.each([
  ['skippable frames', packed('zstd', concat(skippable(bytes('x')), storedZstd(hello))), ['zstd-frames']],
  [
    'an empty member after the first',
    packed('gzip', concat(storedGzip(hello), storedGzip(bytes('')))),
    ['gzip-members'],
  ],
  ['bytes after the end', layers(concat(hello, bytes('x'.repeat(512)))), ['archive-end']],
  [
    'a marker of a directory with deeply nested content',
    layers(
      archive(usr, directory('usr/a/'), directory('usr/a/b/'), file('usr/a/b/c'), file('usr/.wh..wh..opq')),
    ),
    ['same-layer-whiteout'],
  ],
  [
    'a whiteout of a directory that no entry creates',
    layers(archive(usr, file('usr/.wh.a'), file('usr/a/b'))),
    ['implied-parent', 'same-layer-whiteout'],
  ],
  [
    'a target that is not UTF-8',
    layers(archive(usr, symlink('usr/a', Buffer.from([0xff])))),
    ['name-not-utf8'],
  ],
])('warns of %s', async (_, build, expected) => {
  expect(await codes(build)).toEqual(expected);
});

test('rejects an image without a digest', async () => {
  const twice = layers(archive(usr, character('null', 0, 0), hardlink('zero', 'null')));
  await expect(codes(twice)).rejects.toMatchObject({ code: 'EROFS_WHITEOUT_LINKED' });
});

test('names the platform if there are several images', async () => {
  const builder = new LayoutBuilder();
  const image = (architecture: string, tar: Uint8Array) =>
    builder.image({ layers: [{ tar }], descriptor: platform('linux', architecture) });
  builder.index(builder.nested([image('amd64', hello), image('arm64', archive(file('a')))]));
  expect(await lintImage(writeLayout(builder), {})).toMatchObject([
    { code: 'no-usr', platform: 'linux/arm64' },
  ]);
});

test('the specification lists the warnings in the same words', () => {
  const text = readFileSync(join(packageRoot, 'spec/upstream.md'), 'utf8');
  const [, table = ''] = /^## Lint warnings\n([\s\S]*?)(?=^#)/m.exec(text) ?? [];
  const listed = [...table.matchAll(/^\| `([a-z0-9-]+)` \| (.*?) \| (.*?) \|/gm)].map(
    ([, code = '', input, otherTools]) => [code, plain(`${input}: ${otherTools}`)],
  );
  expect(listed).toEqual(Object.entries(warnings));
});

/** Markdown as plain text, without links in parentheses. */
function plain(markdown: string): string {
  return markdown.replace(/ \(\[[^\]]*\]\)/g, '').replace(/[`[\]]/g, '');
}

test('a plain image has no warnings, and every warning has an image', async () => {
  expect(await lintImage(writeLayout(layers(hello)(new LayoutBuilder())), {})).toEqual([]);
  expect(Object.keys(images).sort()).toEqual(Object.keys(warnings).sort());
});

test('counts further occurrences of a warning', async () => {
  const found = await lintImage(
    writeLayout(
      layers(archive(usr, file('usr/a/1'), file('usr/b/1')), archive(file('c/1')))(new LayoutBuilder()),
    ),
    {},
  );
  expect(found).toMatchObject([{ code: 'implied-parent', layer: 0, entry: 'usr/a/1', count: 3 }]);
});
