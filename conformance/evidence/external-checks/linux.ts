/**
 * The parts of an image that Linux does not show. Each rule has a reason and a link to the source.
 * @module
 */

import type { Hole, ListedEntry } from './expected-listing.ts';

/** A reason why a part of an image is not visible when it is mounted. */
export interface VisibilityLimit {
  readonly what: string;
  readonly link: string;
}

const source = 'https://github.com/torvalds/linux/blob/v6.12';

export const visibilityLimits = {
  prefix: {
    what: 'attributes whose names have none of the EROFS prefixes (EROFS-019) are not listed',
    link: `${source}/fs/erofs/xattr.h`,
  },
  longName: {
    what: 'attributes whose names have more than 255 bytes are listed, but cannot be read',
    link: `${source}/fs/xattr.c`,
  },
  shortName: {
    what: 'attributes whose names consist of a prefix only are listed, but cannot be read',
    link: `${source}/fs/xattr.c`,
  },
  userElsewhere: {
    what: 'user. attributes of inodes other than files and directories are listed, but cannot be read',
    link: `${source}/fs/xattr.c`,
  },
  capability: {
    what: 'an invalid security.capability is listed, but cannot be read',
    link: `${source}/security/commoncap.c`,
  },
  acl: {
    what: 'an ACL is listed, but Linux reads only a valid one, so the value is not compared',
    link: `${source}/fs/posix_acl.c`,
  },
  owner: {
    what: 'an owner or group of 2^32 - 1 appears as 65534',
    link: `${source}/include/linux/uidgid.h`,
  },
  chunks: {
    what: 'the content of a file is not compared if its chunks are not where Linux looks for them (EROFS-044, EROFS-089)',
    link: `${source}/fs/erofs/data.c`,
  },
} as const satisfies Readonly<Record<string, VisibilityLimit>>;

export type VisibilityLimitName = keyof typeof visibilityLimits;

/** An entry as Linux shows it. */
export interface VisibleEntry extends Omit<ListedEntry, 'xattrs' | 'content'> {
  /** Null if the name is listed, but the value is not compared. */
  readonly xattrs: ReadonlyMap<string, string | null>;
  /** Absent if it is not compared. */
  readonly content?: string | Hole;
}

const ACLS = ['system.posix_acl_access', 'system.posix_acl_default'];
const LISTED_PREFIXES = ['user.', 'trusted.', 'security.', ...ACLS];
const LONGEST_NAME = 255;
const NOBODY = 65534;
const NO_ID = 2 ** 32 - 1;

/** The mounted image, or overlayfs over it, which stores some attribute names in a longer form than it shows. */
export type MountKind = 'erofs' | 'overlay';

/** The part of `entry` that Linux shows. Calls `met` with each limit that applies. */
export function visibleOnLinux(
  entry: ListedEntry,
  mountKind: MountKind,
  met: (limit: VisibilityLimitName) => void,
): VisibleEntry {
  const { xattrs, content, ...rest } = entry;
  const id = (number: number): number => {
    if (number !== NO_ID) return number;
    met('owner');
    return NOBODY;
  };
  const shown = new Map<string, string | null>();
  for (const [name, value] of xattrs) {
    const limit = limitOf(name, value, entry, mountKind);
    if (limit !== undefined) met(limit);
    if (limit !== 'prefix') shown.set(name, limit === undefined ? value : null);
  }
  const isLost = typeof content === 'object' && 'lost' in content;
  if (isLost) met('chunks');
  return {
    ...rest,
    uid: id(entry.uid),
    gid: id(entry.gid),
    xattrs: shown,
    ...(content !== undefined && !isLost && { content }),
  };
}

function limitOf(
  name: string,
  value: string,
  { mode }: ListedEntry,
  mountKind: MountKind,
): VisibilityLimitName | undefined {
  const prefix = LISTED_PREFIXES.find(known => name.startsWith(known));
  if (prefix === undefined) return 'prefix';
  const isEscaped = mountKind === 'overlay' && name.startsWith('trusted.overlay.');
  if (name.length + (isEscaped ? 'overlay.'.length : 0) > LONGEST_NAME) return 'longName';
  if (ACLS.includes(prefix)) return 'acl';
  if (name === prefix || (isEscaped && name === 'trusted.overlay.')) return 'shortName';
  if (prefix === 'user.' && !/^(10|4)....$/.test(mode)) return 'userElsewhere';
  if (name === 'security.capability' && !isCapability(value)) return 'capability';
  return undefined;
}

/** Whether `value` is a `struct vfs_cap_data` of version 2, which Linux shows unchanged. */
function isCapability(value: string): boolean {
  return value.length === 20 && value.slice(1, 4) === '\x00\x00\x02';
}
