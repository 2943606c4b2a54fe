import { expect, test } from 'vitest';
import { skippable, storedGzip, storedZstd } from '../../conformance/generate/builder/compression.ts';
import { platform } from '../../conformance/generate/builder/layout.ts';
import {
  archive,
  bytes,
  concat,
  directory,
  file,
  GNU,
  hardlink,
  longName,
  pax,
  paxRaw,
  record,
  symlink,
  USTAR,
} from '../../conformance/generate/builder/tar.ts';
import { hello } from '../../conformance/generate/recipes/image/parts.ts';
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
  storedFrame,
  times,
  usr,
} from './images.test.helper.ts';
import type { WarningCode } from './warnings.ts';

test.each<[string, Build]>([
  ['gzip', packed('gzip', storedGzip(hello))],
  ['zstd', packed('zstd', storedZstd(hello))],
  ['more zeros at the end', layers(concat(hello, new Uint8Array(9216)))],
  ['a marker that names nothing in its layer', layers(archive(usr, file('usr/.wh.b'), file('usr/a')))],
  [
    'a marker in a directory that the layer replaces later',
    layers(
      archive(usr, directory('usr/a/'), file('usr/a/b')),
      archive(file('usr/a/.wh.b'), symlink('usr/a', 'c')),
    ),
  ],
  [
    'a marker in a directory that the layer names first',
    layers(archive(usr), archive(directory('usr/a/'), file('usr/a/.wh..wh..opq'))),
  ],
  [
    'a whiteout that is a hard link to a file',
    layers(archive(usr, greeting, hardlink('usr/.wh.b', 'usr/a'))),
  ],
  ['a directory twice with the same attributes', layers(archive(usr, usr))],
  [
    'an extended attribute with a value',
    layers(archive(usr, concat(pax({ 'SCHILY.xattr.security.capability': 'a' }), greeting))),
  ],
  [
    'a record of libarchive next to one of the same attribute that is read',
    layers(
      archive(
        usr,
        concat(
          pax({
            'LIBARCHIVE.xattr.security.capability': 'YQ',
            'SCHILY.xattr.security.capability': 'a',
          }),
          greeting,
        ),
      ),
    ),
  ],
  ['a global header with a comment', layers(archive(pax({ comment: 'a' }, { type: 'g' }), usr))],
  ['a ustar header of POSIX', layers(archive(usr, file('usr/a', '', { magic: USTAR })))],
  ['a v7 header', layers(archive(usr, file('usr/a', '', { magic: '\0'.repeat(8) })))],
  ['a GNU header without times', layers(archive(usr, file('usr/a', '', { magic: GNU })))],
  ['times next to a long name', layers(archive(usr, concat(longName('usr/a'), file('a', '', times))))],
  ['times next to a path record', layers(archive(usr, concat(pax({ path: 'usr/a' }), file('a', '', times))))],
  ['a time of change alone', layers(archive(usr, file('usr/a', '', { magic: GNU, at: { 357: '1\0' } })))],
  ['a checksum of unsigned bytes', layers(archive(usr, file(accented)))],
  [
    'a size next to a record that overrides it',
    layers(
      archive(usr, greeting, concat(paxRaw(record('size', '0')), hardlink('usr/b', 'usr/a', { size: 5 }))),
    ),
  ],
  [
    'a hard link with the attributes of its target',
    layers(archive(usr, greeting, hardlink('usr/b', 'usr/a'))),
  ],
  [
    'a hard link without the extended attributes of its target',
    layers(
      archive(
        usr,
        concat(pax({ 'SCHILY.xattr.security.capability': 'a' }), greeting),
        hardlink('usr/b', 'usr/a'),
      ),
    ),
  ],
  ['a window of 32 MiB', packed('zstd', storedFrame(hello, 2 ** 25))],
  [
    'an image below one index',
    builder => builder.index(builder.nested([builder.image({ layers: [{ tar: hello }] })])),
  ],
  ['a document with 100 levels', image({ config: { x: nested(99), y: '[['.repeat(99) } })],
  ['a null that is not in the table', image({ manifest: { x: null } })],
  [
    'features of another architecture',
    builder =>
      builder.index(
        builder.image({ layers: [{ tar: hello }], descriptor: platform('linux', 'amd64') }),
        builder.image({ layers: [{ tar: archive(usr) }], descriptor: forErofs('arm64') }),
      ),
  ],
  ['attestations', besides(platform('unknown', 'unknown'))],
  ['a platform that the config does not contradict', image({ descriptor: platform('linux', 'amd64', 'v2') })],
  ['an empty /run', layers(archive(usr, directory('run/')))],
])('does not warn of %s', async (_, build) => {
  expect(await codes(build)).toEqual([]);
});

test.each<[string, Build, readonly WarningCode[]]>([
  ['skippable frames', packed('zstd', concat(skippable(bytes('x')), storedZstd(hello))), ['zstd-frames']],
  [
    'an empty member after the first',
    packed('gzip', concat(storedGzip(hello), storedGzip(bytes('')))),
    ['gzip-members'],
  ],
  [
    'a marker below a directory that the layer deletes',
    layers(
      archive(usr, directory('usr/a/'), directory('usr/a/b/'), file('usr/a/b/c')),
      archive(file('usr/.wh.a'), file('usr/a/b/.wh.c')),
    ),
    ['whiteout-parent'],
  ],
  [
    'a marker in a directory that no layer has',
    layers(archive(usr, file('usr/a/.wh.b'))),
    ['whiteout-parent'],
  ],
  [
    'an entry in a directory that a lower layer deletes',
    layers(archive(usr, directory('usr/a/')), archive(file('usr/.wh.a')), archive(file('usr/a/b'))),
    ['implied-parent'],
  ],
  [
    'an entry in a directory that an opaque marker deletes',
    layers(archive(usr, directory('usr/a/')), archive(file('usr/.wh..wh..opq')), archive(file('usr/a/b'))),
    ['implied-parent'],
  ],
  [
    'a directory twice with different attributes',
    layers(archive(usr, directory('usr/', { mode: 0o700 }))),
    ['duplicate-entry'],
  ],
  ['a directory with a size', layers(archive(directory('usr/', { size: 5 }))), ['size-ignored']],
  [
    'a record of libarchive alone',
    layers(archive(usr, concat(pax({ 'LIBARCHIVE.xattr.security.capability': 'YQ' }), greeting))),
    ['xattr-record'],
  ],
  [
    'a global header after the last entry',
    layers(archive(usr, pax({ uid: '1' }, { type: 'g' }))),
    ['global-header'],
  ],
  [
    'an extended header with another version',
    layers(archive(usr, concat(pax({ uid: '1' }, { magic: 'ustar\0\0\0' }), greeting))),
    ['header-version'],
  ],
  [
    'a hard link to a lower layer with other attributes',
    layers(archive(usr, greeting), archive(hardlink('usr/b', 'usr/a', { mtime: 1 }))),
    ['hardlink-lower', 'hardlink-attributes'],
  ],
  [
    'null layers',
    image({ manifest: { layers: null }, config: { rootfs: { type: 'layers', diff_ids: [] } } }),
    ['no-usr', 'null-member'],
  ],
  [
    'null diff_ids',
    image({ manifest: { layers: [] }, config: { rootfs: { type: 'layers', diff_ids: null } } }),
    ['no-usr', 'null-member'],
  ],
  [
    'a null in an index',
    builder => {
      const found = builder.image({ layers: [{ tar: hello }], descriptor: { annotations: null } });
      return builder.index(builder.nested([found]));
    },
    ['null-member'],
  ],
  [
    'a manifest with layers of another type',
    besides({}, 'application/vnd.dev.cosign.simplesigning.v1+json'),
    ['other-manifest'],
  ],
  [
    'a Docker manifest list',
    builder => builder.index(builder.nested([builder.image({ layers: [{ tar: hello }] })], 'docker')),
    ['docker-media-type'],
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
