/**
 * The last layer of the image with unusual attributes, written by hand.
 * @module
 */

import {
  archive,
  base256,
  bytes,
  character,
  concat,
  directory,
  file,
  hardlink,
  pax,
  symlink,
} from '../../../generate/builder/tar.ts';

/** `cap_net_raw=ep` as a `struct vfs_cap_data` of revision 2. */
export const netRaw = new Uint8Array([1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** `cap_net_raw=ep` in the user namespace whose root is user 100000, as a `struct vfs_cap_data` of revision 3. */
const netRawOf100000 = new Uint8Array([
  1, 0, 0, 3, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 0x86, 1, 0,
]);

const mtime = 1700000000;

/** Names and owners in each form of the archive formats, and changes to files of lower layers. */
export function lastLayer(): Uint8Array {
  return archive(
    directory('./', { mtime }),
    directory('./hand/', { mtime, uid: 100000, gid: 100000 }),
    // Numbers in PAX records, in base-256 of GNU tar, and with the spaces of old tars.
    pax({ uid: '4294967295', gid: '3000000000', mtime: '1.000000001999' }),
    file('./hand/pax', 'owner by PAX\n'),
    file('./hand/base256', 'owner in base 256\n', {
      uid: base256(4000000000n, 8),
      gid: base256(65536n, 8),
      mtime,
    }),
    file('./hand/spaces', 'owner after spaces\n', { uid: '  1750 \0', mtime }),
    pax({ 'SCHILY.xattr.security.capability': netRaw }),
    file('./hand/capable', 'capable\n', { mode: 0o755, mtime }),
    pax({
      'SCHILY.xattr.security.capability': netRawOf100000,
      'SCHILY.xattr.user.a=b': 'name with an equals sign',
    }),
    file('./hand/capable-100000', `capable${'.'.repeat(64)}\n`, { mode: 0o755, mtime }),
    // A whiteout of a name of lower layers that is not UTF-8, in one of their folders.
    directory('./pax/', { mtime }),
    file(concat('./pax/.wh.latin-', Uint8Array.of(0xe4, 0xff)), '', { mtime }),
    pax({ path: concat('hand/', Uint8Array.of(0xfe, 0xff)), mtime: String(mtime) }),
    symlink('ignored', 'pax'),
    character('./hand/console', 5, 1, { mode: 0o620, gid: 5, mtime }),
    // Hard links to files of lower layers that have set-id bits, a capability, or no content.
    hardlink('./hand/mode-6755', 'gnu/mode-6755', { mode: 0o6755, mtime }),
    hardlink('./hand/capability', './hand/capable', { mode: 0o755, mtime }),
    hardlink('./hand/pipe', 'python/pipe', { mtime }),
    hardlink('./hand/null', '/gnu/null', { mtime }),
    // Set-id bits and file type bits in the mode field, as GNU tar before 1.13 wrote them.
    file('./hand/typed', bytes('typed\n'), { mode: 0o104755, mtime }),
  );
}
