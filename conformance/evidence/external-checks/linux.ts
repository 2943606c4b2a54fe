/**
 * What Linux doesn't show of an image, though it is there: every rule has its reason, and a place to read it.
 * @module
 */

import type { Entry, Hole } from './expected-listing.ts';

/** Why something in an image can't be seen where it is mounted. */
export interface Limit {
  readonly what: string;
  readonly link: string;
}

const source = 'https://github.com/torvalds/linux/blob/v6.12';

export const limits = {
  prefix: {
    what: 'names without one of the prefixes of EROFS (EROFS-019) are in no list',
    link: `${source}/fs/erofs/xattr.h`,
  },
  longName: {
    what: 'names of more than 255 bytes are listed, and can not be read',
    link: `${source}/fs/xattr.c`,
  },
  shortName: {
    what: 'names that are a prefix and nothing after it are listed, and can not be read',
    link: `${source}/fs/xattr.c`,
  },
  userElsewhere: {
    what: 'user. attributes of anything but files and directories are listed, and can not be read',
    link: `${source}/fs/xattr.c`,
  },
  capability: {
    what: 'a security.capability that is none is listed, and can not be read',
    link: `${source}/security/commoncap.c`,
  },
  acl: {
    what: 'an ACL is listed, and its value, which has to be a valid one, is not looked at',
    link: `${source}/fs/posix_acl.c`,
  },
  owner: {
    what: 'an owner or group of 2^32 - 1 is shown as 65534',
    link: `${source}/include/linux/uidgid.h`,
  },
  chunks: {
    what: 'the content of a file whose chunks do not stand where Linux looks for them is not looked at (EROFS-044, EROFS-089)',
    link: `${source}/fs/erofs/data.c`,
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof limits;

/** An entry as Linux shows it. */
export interface Shown extends Omit<Entry, 'xattrs' | 'content'> {
  /** Null where the name is listed and the value is not looked at. */
  readonly xattrs: ReadonlyMap<string, string | null>;
  /** Absent where it is not looked at. */
  readonly content?: string | Hole;
}

const ACLS = ['system.posix_acl_access', 'system.posix_acl_default'];
const SHOWN = ['user.', 'trusted.', 'security.', ...ACLS];
const LONGEST_NAME = 255;
const NOBODY = 65534;
const NO_ID = 2 ** 32 - 1;

/** What is looked at: the mounted image, or overlayfs over it, which stores some names longer than it shows them. */
export type View = 'erofs' | 'overlay';

/** What Linux shows of `entry`. Names of limits that it meets go to `met`. */
export function shownByLinux(entry: Entry, view: View, met: (limit: LimitName) => void): Shown {
  const { xattrs, content, ...rest } = entry;
  const id = (number: number): number => {
    if (number !== NO_ID) return number;
    met('owner');
    return NOBODY;
  };
  const shown = new Map<string, string | null>();
  for (const [name, value] of xattrs) {
    const limit = limitOf(name, value, entry, view);
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

function limitOf(name: string, value: string, { mode }: Entry, view: View): LimitName | undefined {
  const prefix = SHOWN.find(known => name.startsWith(known));
  if (prefix === undefined) return 'prefix';
  const isEscaped = view === 'overlay' && name.startsWith('trusted.overlay.');
  if (name.length + (isEscaped ? 'overlay.'.length : 0) > LONGEST_NAME) return 'longName';
  if (ACLS.includes(prefix)) return 'acl';
  if (name === prefix || (isEscaped && name === 'trusted.overlay.')) return 'shortName';
  if (prefix === 'user.' && !/^(10|4)....$/.test(mode)) return 'userElsewhere';
  if (name === 'security.capability' && !isCapability(value)) return 'capability';
  return undefined;
}

/** Whether `value` is a `struct vfs_cap_data` of version 2, which is shown as it is. */
function isCapability(value: string): boolean {
  return value.length === 20 && value.slice(1, 4) === '\x00\x00\x02';
}
