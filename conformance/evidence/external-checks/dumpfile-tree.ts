/**
 * A second reader of dumpfiles, for the external checks. It shares no code with `reference/`, so that the expected
 * listing of an image does not repeat an error of the reference. It reads dumpfiles that the standard accepts, and
 * checks nothing.
 *
 * Bytes are strings of one character per byte.
 * @module
 */

/** One inode of the tree. */
export interface DumpfileInode {
  /** With the file type bits. */
  mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly sec: string;
  readonly nsec: number;
  readonly size: bigint;
  /** The target of a symbolic link, or the path of an object. */
  readonly payload: string | undefined;
  readonly content: string | undefined;
  /** In lower-case hexadecimal. */
  readonly digest: string | undefined;
  readonly xattrs: Map<string, string>;
}

/** Inodes by path; the path of the root is `/`. Hard links share one object. */
export type DumpfileTree = Map<string, DumpfileInode>;

/** The tree of a dumpfile, whatever the order of its lines. */
export function readDumpfileTree(dumpfile: Uint8Array): DumpfileTree {
  const tree: DumpfileTree = new Map();
  const lines = Buffer.from(dumpfile).toString('latin1').split('\n');
  for (const line of lines.filter(text => text !== '')) {
    const [path = '', size = '', mode = '', ...rest] = line.split(' ');
    const name = unescaped(path);
    if (mode.startsWith('@')) tree.set(name, linked(tree, unescaped(rest[5] ?? '')));
    else tree.set(name, inode(size, mode, rest));
  }
  return tree;
}

function linked(tree: DumpfileTree, target: string): DumpfileInode {
  const found = tree.get(target);
  if (found === undefined) throw new Error(`hard link to ${target}, which does not exist`);
  return found;
}

function inode(size: string, mode: string, rest: readonly string[]): DumpfileInode {
  const [, uid = '', gid = '', rdev = '', mtime = '', payload = '', content = '', digest = '', ...xattrs] =
    rest;
  const [sec = '', nsec = ''] = mtime.split('.');
  return {
    mode: Number.parseInt(mode, 8),
    uid: Number(uid),
    gid: Number(gid),
    rdev: Number(rdev),
    sec,
    nsec: Number(nsec),
    size: BigInt(size),
    payload: field(payload),
    content: field(content),
    digest: field(digest)?.toLowerCase(),
    xattrs: new Map(xattrs.map(attribute)),
  };
}

function attribute(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  return [unescaped(text.slice(0, at)), unescaped(text.slice(at + 1))];
}

function field(text: string): string | undefined {
  return text === '-' ? undefined : unescaped(text);
}

const short: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, digits: string | undefined, letter: string) =>
    digits === undefined ? (short[letter] ?? '') : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
