import { expect, test } from 'vitest';
import { LayoutBuilder } from '../../conformance/builder/layout.ts';
import { archive, character, concat, directory, file, hardlink, pax } from '../../conformance/builder/tar.ts';
import { hello, trees } from '../../conformance/recipes/image/parts.ts';
import { layout } from '../seal/node/layouts.test.helper.ts';
import { lintImage, type WarningCode, warnings } from './lint.ts';

const usr = directory('usr/');

/** An image for each warning, and for nothing else than it. */
const images: Readonly<Record<WarningCode, (builder: LayoutBuilder) => LayoutBuilder>> = {
  'implied-parent': layers(archive(usr, file('usr/bin/a'))),
  'same-layer-whiteout': layers(archive(usr, file('usr/a'), file('usr/.wh.a'))),
  'duplicate-entry': layers(archive(usr, file('usr/a', '1'), file('usr/a', '2'))),
  'mtime-fraction': layers(archive(usr, concat(pax({ mtime: '1.5' }), file('usr/a')))),
  'xattr-left-out': layers(archive(usr, concat(pax({ 'SCHILY.xattr.user.a': 'b' }), file('usr/a')))),
  'hardlink-lower': layers(hello, archive(hardlink('usr/b', 'usr/greeting'))),
  'device-0-0': layers(archive(usr, character('usr/null', 0, 0))),
  'root-entry': layers(archive(directory('./'), usr)),
  'run-content': layers(archive(usr, directory('run/'), file('run/a'))),
  'no-usr': layers(archive(file('a'))),
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

test.each(Object.entries(images))('%s', async (code, build) => {
  const found = await lintImage(layout(build(new LayoutBuilder())), {});
  expect(found.map(each => each.code)).toEqual([code]);
});

test('a plain image has none, and none is without its image', async () => {
  expect(await lintImage(layout(layers(hello)(new LayoutBuilder())), {})).toEqual([]);
  expect(Object.keys(images).sort()).toEqual(Object.keys(warnings).sort());
});

test('what is met again is counted', async () => {
  const found = await lintImage(
    layout(layers(archive(usr, file('usr/a/1'), file('usr/b/1')), archive(file('c/1')))(new LayoutBuilder())),
    {},
  );
  expect(found).toMatchObject([{ code: 'implied-parent', layer: 0, entry: 'usr/a/1', count: 3 }]);
});
