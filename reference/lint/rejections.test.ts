import { expect, test } from 'vitest';
import { storedGzip } from '../../conformance/generate/builder/compression.ts';
import {
  archive,
  base256,
  character,
  concat,
  file,
  GNU,
  hardlink,
  pax,
  symlink,
} from '../../conformance/generate/builder/tar.ts';
import { hello } from '../../conformance/generate/recipes/image/parts.ts';
import { codes, greeting, layers, usr } from './images.test.helper.ts';

test.each([
  [
    'a prefix in a GNU header',
    archive(usr, file('usr/a', '', { magic: GNU, prefix: 'a'.repeat(20) })),
    'TAR_HEADER',
    /as Go before 1\.8 wrote it: write the layer again/,
  ],
  [
    'a negative mtime in base-256',
    archive(usr, file('usr/a', '', { mtime: base256(-1n, 12) })),
    'TAR_RANGE',
    /the mtime is negative: give the entry a time of 1970 or later/,
  ],
  [
    'a negative mtime record',
    archive(usr, concat(pax({ mtime: '-1' }), greeting)),
    'TAR_RANGE',
    /the mtime record is negative: give the entry a time of 1970 or later/,
  ],
  [
    'an entry below a symbolic link',
    archive(usr, symlink('usr/a', 'b'), file('usr/a/c')),
    'MERGE_PARENT',
    /"a" in the parent path is a symbolic link, not a directory: name the directory to which it leads instead/,
  ],
  [
    'gzip with the media type of an archive',
    storedGzip(hello),
    'TAR_CHECKSUM',
    /the blob starts like gzip, but its media type says that it is not compressed/,
  ],
])('explains the rejection of %s', async (_, tar, code, message) => {
  await expect(codes(layers(tar))).rejects.toMatchObject({ code, detail: expect.stringMatching(message) });
});

test('rejects an image without a digest', async () => {
  const twice = layers(archive(usr, character('null', 0, 0), hardlink('zero', 'null')));
  await expect(codes(twice)).rejects.toMatchObject({ code: 'EROFS_WHITEOUT_LINKED' });
});
