/**
 * A second reader of dumpfiles, for the judges: it shares no code with `reference/`, so that what it expects of an
 * image is no copy of what the reference wrote. It reads dumpfiles that the standard accepts, and checks nothing.
 *
 * Bytes are text of one character a byte.
 * @module
 */

/** One inode of the tree. */
export interface Node {
  /** With the bits of the type. */
  mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly sec: string;
  readonly nsec: number;
  readonly size: bigint;
  /** Target of a symbolic link, or path of an object. */
  readonly payload: string | undefined;
  readonly content: string | undefined;
  /** Lower-case hex. */
  readonly digest: string | undefined;
  readonly xattrs: Map<string, string>;
}

/** Path to inode, the root as `/`. Names of one inode have the same object. */
export type Tree = Map<string, Node>;

/** The tree of a dumpfile, whatever the order of its lines. */
export function readTree(dumpfile: Uint8Array): Tree {
  const tree: Tree = new Map();
  const lines = Buffer.from(dumpfile).toString('latin1').split('\n');
  for (const line of lines.filter(text => text !== '')) {
    const [path = '', size = '', mode = '', ...rest] = line.split(' ');
    const name = unescaped(path);
    if (mode.startsWith('@')) tree.set(name, linked(tree, unescaped(rest[5] ?? '')));
    else tree.set(name, node(size, mode, rest));
  }
  return tree;
}

function linked(tree: Tree, target: string): Node {
  const found = tree.get(target);
  if (found === undefined) throw new Error(`a hard link to ${target}, which is not there`);
  return found;
}

function node(size: string, mode: string, rest: readonly string[]): Node {
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
