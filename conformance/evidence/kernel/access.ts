/**
 * Checks of POSIX ACLs: EROFS and overlayfs show the attributes byte for byte, and grant and deny access by them.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { hex } from '../../../reference/bytes.ts';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { fail, pass, skip } from '../external-checks/check-results.ts';
import { type Finding, type KernelCheck, resultOf } from './check.ts';
import type { AccessResult, AccessSeen } from './jobs.ts';

const TOP = 'access';
const ALGORITHM = 'fsverity-sha256-12';
const SHA256 = 1;
const ACCESS = 'system.posix_acl_access';
const DEFAULT = 'system.posix_acl_default';

/** The tags of `linux/posix_acl.h`. */
const tags = { owner: 1, user: 2, ownerGroup: 4, group: 8, mask: 16, other: 32 } as const;
const NO_ID = 0xffff_ffff;

/** The value of an ACL attribute: the version 2, and 8 bytes for each entry. */
function acl(...entries: readonly (readonly [tag: keyof typeof tags, permissions: number, id?: number])[]) {
  const bytes = Buffer.alloc(4 + 8 * entries.length);
  bytes.writeUInt32LE(2);
  entries.forEach(([tag, permissions, id = NO_ID], i) => {
    bytes.writeUInt16LE(tags[tag], 4 + 8 * i);
    bytes.writeUInt16LE(permissions, 6 + 8 * i);
    bytes.writeUInt32LE(id, 8 + 8 * i);
  });
  return bytes;
}

/** A user that is the owner of nothing, in a group of which a file has an ACL, and others. */
const users = [
  { uid: 1000, gid: 1000 },
  { uid: 1001, gid: 1001 },
  { uid: 1002, gid: 2000 },
] as const;

interface AclFile {
  readonly path: string;
  /** Octal, with the file type. */
  readonly mode: string;
  readonly xattrs?: Readonly<Record<string, Buffer>>;
  readonly content?: string;
  /** Whether each of {@link users} can open it, with ACLs and without. */
  readonly allowed: readonly [boolean, boolean, boolean];
  readonly allowedWithout: readonly [boolean, boolean, boolean];
}

const nobody = [false, false, false] as const;
const everybody = [true, true, true] as const;
/** Longer than what is stored in the image itself. */
const external = 'external '.repeat(100);

const files: readonly AclFile[] = [
  { path: '/none', mode: '100640', content: 'x', allowed: nobody, allowedWithout: nobody },
  ...[
    ['/user', 'x'],
    ['/user-external', external],
  ].map(([path = '', content = '']) => ({
    path,
    mode: '100640',
    xattrs: {
      [ACCESS]: acl(['owner', 6], ['user', 4, 1000], ['ownerGroup', 0], ['mask', 4], ['other', 0]),
    },
    content,
    allowed: [true, false, false] as const,
    allowedWithout: nobody,
  })),
  {
    path: '/group',
    mode: '100640',
    xattrs: {
      [ACCESS]: acl(['owner', 6], ['ownerGroup', 0], ['group', 4, 2000], ['mask', 4], ['other', 0]),
    },
    content: 'x',
    allowed: [false, false, true],
    allowedWithout: nobody,
  },
  {
    path: '/masked',
    mode: '100600',
    xattrs: {
      [ACCESS]: acl(['owner', 6], ['user', 4, 1000], ['ownerGroup', 0], ['mask', 0], ['other', 0]),
    },
    content: 'x',
    allowed: nobody,
    allowedWithout: nobody,
  },
  {
    path: '/denied',
    mode: '100644',
    xattrs: {
      [ACCESS]: acl(['owner', 6], ['user', 0, 1000], ['ownerGroup', 4], ['mask', 4], ['other', 4]),
    },
    content: 'x',
    allowed: [false, true, true],
    allowedWithout: everybody,
  },
  {
    path: '/folder',
    mode: '40750',
    xattrs: {
      [ACCESS]: acl(['owner', 7], ['user', 5, 1000], ['ownerGroup', 0], ['mask', 5], ['other', 0]),
      [DEFAULT]: acl(['owner', 7], ['user', 0, 1000], ['ownerGroup', 0], ['mask', 7], ['other', 0]),
    },
    allowed: [true, false, false],
    allowedWithout: nobody,
  },
  {
    path: '/folder/inside',
    mode: '100644',
    content: 'x',
    allowed: [true, false, false],
    allowedWithout: nobody,
  },
];

/** A value that is not an ACL; what a kernel does is only recorded. */
const malformed: AclFile = {
  path: '/malformed',
  mode: '100644',
  xattrs: { [ACCESS]: Buffer.from([9, 9, 9, 9]) },
  content: 'x',
  allowed: nobody,
  allowedWithout: everybody,
};

function image(): Buffer {
  const lines = [...files, malformed].map(({ path, mode, content = '', xattrs = {} }) => {
    const [payload, inline, digest] =
      content === external ? [objectOf(content), '-', digestOf(content)] : ['-', content || '-', '-'];
    const attributes = Object.entries(xattrs).map(([name, value]) => `${name}=${escaped(value)}`);
    const links = mode.startsWith('4') ? 2 : 1;
    return [path, content.length, mode, links, 0, 0, 0, '0.0', payload, inline, digest, ...attributes].join(
      ' ',
    );
  });
  const tree = parseDumpfile(Buffer.from(`${['/ 0 40755 3 0 0 0 0.0 - - -', ...lines].join('\n')}\n`));
  return Buffer.concat([...writeErofs(tree, { format: 'v1', algorithm: ALGORITHM })]);
}

function escaped(bytes: Uint8Array): string {
  return [...bytes].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

function digestOf(content: string): string {
  return hex(fsverityDigest(Buffer.from(content), ALGORITHM, nodeSha2));
}

function objectOf(content: string): string {
  const digest = digestOf(content);
  return `${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** All checks of access; their files are written to `folder`. */
export function accessChecks(folder: string): KernelCheck[] {
  const object = join(folder, TOP, 'store', objectOf(external));
  mkdirSync(dirname(object), { recursive: true });
  writeFileSync(object, external);
  writeFileSync(join(folder, TOP, 'image'), image());
  return [
    {
      jobs: [{ kind: 'protect', folder: `${TOP}/store`, hash: SHA256 }],
      unanswered: [],
      judge: () => [],
    },
    accessCheck(true),
    accessCheck(false),
  ];
}

/** The check of all files, with ACLs or with the option `noacl`. */
function accessCheck(withAcls: boolean): KernelCheck {
  const about = (mount: string) =>
    ({ topic: 'access', name: `ACLs, ${mount}${withAcls ? '' : ', `noacl`'}` }) as const;
  const mounts = ['EROFS', 'overlayfs'] as const;
  const paths = [...files, malformed].map(({ path }) => path);
  return {
    jobs: [{ kind: 'access', image: `${TOP}/image`, store: `${TOP}/store`, withAcls, users, paths }],
    unanswered: mounts.map(about),
    judge([answer]) {
      const { erofs, overlay } = resultOf('access', answer);
      return [
        finding(about('EROFS'), erofs, withAcls),
        isUnavailable(overlay)
          ? { ...about('overlayfs'), result: skip(overlay.unavailable), observed: 'not mounted' }
          : finding(about('overlayfs'), overlay, withAcls),
      ];
    },
  };
}

function isUnavailable(seen: AccessResult['overlay']): seen is { readonly unavailable: string } {
  return 'unavailable' in seen;
}

function finding(about: Pick<Finding, 'topic' | 'name'>, seen: AccessSeen, withAcls: boolean): Finding {
  const problem = files.map(file => fileProblem(file, seen, withAcls)).find(each => each !== undefined);
  const opened = seen[malformed.path]?.opened.join(', ');
  const observed = `${withAcls ? 'as the ACLs say' : 'as the modes say'}; a malformed ACL: ${opened} on open`;
  return { ...about, result: problem === undefined ? pass : fail(problem), observed };
}

function fileProblem(file: AclFile, seen: AccessSeen, withAcls: boolean): string | undefined {
  const { path, allowed, allowedWithout } = file;
  const entry = seen[path];
  if (entry === undefined) return `${path} was not tried`;
  const expected = (withAcls ? allowed : allowedWithout).map(isAllowed => (isAllowed ? 'ok' : 'EACCES'));
  if (!isDeepStrictEqual(entry.opened, expected)) return `${path} is opened with ${entry.opened.join(', ')}`;
  const acls = Object.entries(entry.xattrs).filter(([name]) => name.startsWith('system.'));
  const values = Object.entries(file.xattrs ?? {}).map(([name, value]) => [name, value.toString('latin1')]);
  return isDeepStrictEqual(acls, withAcls ? values : [])
    ? undefined
    : `${path} has the attributes ${JSON.stringify(entry.xattrs)}`;
}
