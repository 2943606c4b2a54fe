import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storedGzip, storedZstd } from '../../conformance/generate/builder/compression.ts';
import { LayoutBuilder, platform } from '../../conformance/generate/builder/layout.ts';
import {
  archive,
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
import {
  accented,
  type Build,
  besides,
  codes,
  forErofs,
  greeting,
  image,
  layers,
  nested,
  packed,
  policyEntries,
  signedSum,
  storedFrame,
  times,
  usr,
  withHeaderChecksum,
} from './images.test.helper.ts';
import { lintImage } from './lint.ts';
import { type WarningCode, warnings } from './warnings.ts';

/** An image whose layer has this compression and the digest of a table of contents. */
function annotated(compression: 'gzip' | 'zstd', key: string): Build {
  const descriptor = { annotations: { [key]: `sha256:${'0'.repeat(64)}` } };
  return builder => builder.index(builder.image({ layers: [{ tar: hello, compression, descriptor }] }));
}

/** For each warning, an image that has this warning and no other. */
const images: Readonly<Record<WarningCode, Build>> = {
  'implied-parent': layers(archive(usr, file('usr/bin/a'))),
  'same-layer-whiteout': layers(archive(usr, file('usr/a'), file('usr/.wh.a'))),
  'whiteout-parent': layers(
    archive(usr, directory('usr/a/'), file('usr/a/b')),
    archive(symlink('usr/a', 'c'), file('usr/a/.wh.b')),
  ),
  'whiteout-hardlink': layers(archive(usr, hardlink('usr/.wh.a', 'usr/b'))),
  'duplicate-entry': layers(archive(usr, file('usr/a', '1'), file('usr/a', '2'))),
  'reserved-name': layers(archive(usr, file('usr/.wh..wh.aufs'))),
  'name-not-utf8': layers(archive(usr, file(Buffer.from('usr/\xff', 'latin1')))),
  'symlink-long': layers(archive(usr, concat(pax({ linkpath: 'a'.repeat(1025) }), symlink('usr/a', 'a')))),
  'mtime-fraction': layers(archive(usr, concat(pax({ mtime: '1.5' }), file('usr/a')))),
  'xattr-left-out': layers(archive(usr, concat(pax({ 'SCHILY.xattr.user.a': 'b' }), file('usr/a')))),
  'xattr-empty': layers(archive(usr, concat(pax({ 'SCHILY.xattr.security.capability': '' }), file('usr/a')))),
  'xattr-record': layers(archive(usr, concat(pax({ 'SCHILY.acl.access': 'user::rw-' }), file('usr/a')))),
  'global-header': layers(archive(pax({ mtime: '1' }, { type: 'g' }), usr)),
  'header-version': layers(archive(usr, file('usr/a', '', { magic: 'ustar\0\0\0' }))),
  'header-times': layers(archive(usr, file('usr/a', '', times))),
  'checksum-signed': layers(archive(usr, file(accented, '', { checksum: signedSum(accented) }))),
  'size-ignored': layers(archive(usr, greeting, hardlink('usr/b', 'usr/a', { size: 5 }))),
  'hardlink-attributes': layers(archive(usr, greeting, hardlink('usr/b', 'usr/a', { uid: 5 }))),
  'hardlink-lower': layers(archive(usr, greeting), archive(hardlink('usr/b', 'usr/a'))),
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
  'gzip-header-checksum': packed('gzip', withHeaderChecksum(storedGzip(hello))),
  'zstd-frames': packed('zstd', concat(storedZstd(hello.subarray(0, 512)), storedZstd(hello.subarray(512)))),
  'zstd-window': packed('zstd', storedFrame(hello, 2 ** 25 + 2 ** 22)),
  'archive-end': layers(hello.subarray(0, -512)),
  'docker-media-type': builder => builder.index(builder.image({ layers: [{ tar: hello }], types: 'docker' })),
  'older-config-type': image({ types: 'docker', configDescriptor: { mediaType: 'text/html' } }),
  'index-nested': builder => {
    const found = builder.image({ layers: [{ tar: hello }] });
    return builder.index(builder.nested([builder.nested([found])]));
  },
  'null-member': image({ manifest: { annotations: null } }),
  'json-nested': image({ config: { x: nested(100) } }),
  'os-features': builder =>
    builder.index(
      builder.image({ layers: [{ tar: hello }], descriptor: platform('linux', 'amd64') }),
      builder.image({ layers: [{ tar: archive(usr) }], descriptor: forErofs('amd64') }),
    ),
  'other-manifest': besides({ artifactType: 'application/vnd.example' }),
  'platform-wrong': image({ descriptor: platform('linux', 'arm64') }),
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
  'toc-wrong': annotated('zstd', 'io.github.containers.zstd-chunked.manifest-checksum'),
  'toc-estargz': annotated('gzip', 'containerd.io/snapshot/stargz/toc.digest'),
  'selinux-policy': layers(
    archive(usr, directory('etc/'), directory('etc/selinux/'), file('etc/selinux/config', 'SELINUXTYPE=t')),
  ),
  'label-hard-link': layers(
    archive(usr, ...policyEntries('/usr/a A\n/usr/b B\n'), greeting, hardlink('usr/b', 'usr/a')),
  ),
};

/** Warnings that the image of a warning has as well, because it cannot be without. */
const together: Partial<Record<WarningCode, readonly WarningCode[]>> = {
  'older-config-type': ['docker-media-type'],
};

test.each(Object.entries(images))('%s', async (code, build) => {
  const also = together[code as WarningCode] ?? [];
  expect(await codes(build)).toEqual([...also, code]);
});

test('names the platform if there are several images', async () => {
  const builder = new LayoutBuilder();
  const image = (architecture: string, tar: Uint8Array) =>
    builder.image({
      layers: [{ tar }],
      config: { architecture },
      descriptor: platform('linux', architecture),
    });
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

test('says why a policy is rejected, and which name of a file becomes a file of its own', async () => {
  const found = async (lines: string) => {
    const tar = archive(usr, ...policyEntries(lines), greeting, hardlink('usr/b', 'usr/a'));
    return lintImage(writeLayout(layers(tar)(new LayoutBuilder())), {});
  };
  expect(await found('/usr\n')).toMatchObject([
    {
      code: 'selinux-policy',
      entry:
        'transform: entry "/etc/selinux/t/contexts/files/file_contexts", line 1: the number of words is 1, and must be 2 or 3 (TRANSFORM_SELINUX)',
    },
  ]);
  expect(await found('/usr/a A\n/.* B\n')).toMatchObject([
    { code: 'selinux-policy', entry: expect.stringContaining('entry "/usr/a": composefs-rs gives it "B"') },
  ]);
  expect(await found('/usr/a A\n/usr/b <<none>>\n')).toMatchObject([
    { code: 'label-hard-link', entry: '/usr/b', count: 1 },
  ]);
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
