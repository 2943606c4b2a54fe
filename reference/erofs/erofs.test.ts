import { describe, expect, test } from 'vitest';
import { ascii, type ByteString, hex } from '../bytes.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import { ComposefsError } from '../errors.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { type Directory, type Inode, isWhiteout, type Xattrs } from '../tree/inode.ts';
import { type ErofsFormat, erofsFormats } from './format-rules.ts';
import { Random, randomTree } from './random-tree.test.helper.ts';
import { readErofs } from './read.ts';
import { imageDigest, writeErofs } from './write.ts';

const options = { format: 'v1', algorithm: 'fsverity-sha256-12' } as const;

const plain = { mode: 0o755, uid: 0, gid: 0, mtime: { sec: 0n, nsec: 0 }, xattrs: new Map() } as const;

function image(tree: Directory, format: ErofsFormat = 'v1'): Uint8Array {
  return Buffer.concat([...writeErofs(tree, { ...options, format })]);
}

function dump(tree: Directory): string {
  return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
}

function without(xattrs: Xattrs, names: readonly string[]): Xattrs {
  return new Map([...xattrs].filter(([name]) => !names.includes(name)));
}

/** Names of the attributes of a directory that those of a whiteout in it replace (EROFS-010). */
const replaced = {
  v0: ['trusted.overlay.whiteouts', 'user.overlay.whiteouts'],
  v1: [
    'trusted.overlay.opaque',
    'trusted.overlay.whiteouts',
    'user.overlay.opaque',
    'user.overlay.whiteouts',
  ],
};

/** `inode` as it is read back: without the attributes that those of whiteouts replaced (EROFS-078). */
function readBack(inode: Inode, format: 'v0' | 'v1' = 'v1'): Inode {
  if (inode.kind !== 'directory') {
    if (!isWhiteout(inode)) return inode;
    return { ...inode, xattrs: without(inode.xattrs, ['trusted.overlay.whiteout', 'user.overlay.whiteout']) };
  }
  const children = new Map<ByteString, Inode>();
  let hasWhiteout = false;
  for (const [name, child] of inode.children) {
    hasWhiteout ||= isWhiteout(child);
    children.set(name, readBack(child, format));
  }
  const lost = hasWhiteout ? replaced[format] : [];
  return { ...inode, children, xattrs: without(inode.xattrs, lost) };
}

/** Reduces each inode of `tree`, in place, to what an image of format v2 can hold: no nanoseconds, shorter data. */
function fitToV2(tree: Directory): Directory {
  const seen = new Set<Inode>();
  const fit = (inode: Inode): void => {
    if (seen.has(inode)) return;
    seen.add(inode);
    inode.mtime = { sec: inode.mtime.sec, nsec: 0 };
    if (inode.kind === 'inline') inode.content = inode.content.subarray(0, 512);
    if (inode.kind === 'symlink') inode.target = inode.target.slice(0, 1024) as ByteString;
    if (inode.kind === 'directory') for (const child of inode.children.values()) fit(child);
  };
  fit(tree);
  return tree;
}

/** The same tree, with children and attributes in reverse order. */
function reversed(tree: Directory): Directory {
  const copies = new Map<Inode, Inode>();
  const copy = (inode: Inode): Inode => {
    let made = copies.get(inode);
    if (made === undefined) {
      made = { ...inode, xattrs: new Map([...inode.xattrs].reverse()) };
      copies.set(inode, made);
      if (made.kind === 'directory') {
        made.children = new Map([...made.children].reverse().map(([name, child]) => [name, copy(child)]));
      }
    }
    return made;
  };
  return copy(tree) as Directory;
}

/** `depth` nested directories with the name `d`. */
function nestedDirectories(depth: number): Directory {
  const root: Directory = { ...randomTree(0, 0), children: new Map() };
  let directory = root;
  for (let i = 0; i < depth; i++) {
    const child: Directory = { ...root, children: new Map() };
    directory.children.set(ascii('d'), child);
    directory = child;
  }
  return root;
}

function depthOf({ children }: Directory): number {
  const child = children.get(ascii('d'));
  return child?.kind === 'directory' ? 1 + depthOf(child) : 0;
}

describe('writer and reader', () => {
  test.each([5, 50, 400])('agree on random trees of at least %d names', { timeout: 60_000 }, size => {
    for (let seed = 0; seed < 60; seed++) {
      const tree = randomTree(seed, size);
      expect(dump(readErofs(image(tree))), `seed ${seed}`).toBe(dump(readBack(tree) as Directory));
    }
  });

  test('agree in format v0', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = randomTree(seed, 50);
      const read = readErofs(image(tree, 'v0'));
      expect(dump(read), `seed ${seed}`).toBe(dump(readBack(tree, 'v0') as Directory));
    }
  });

  test('agree in format v2', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = fitToV2(randomTree(seed, 50));
      expect(dump(readErofs(image(tree, 'v2'))), `seed ${seed}`).toBe(dump(tree));
    }
  });

  test('the image does not depend on the order of children and attributes', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = randomTree(seed, 60);
      expect(Buffer.compare(image(tree), image(reversed(tree))), `seed ${seed}`).toBe(0);
    }
  });

  test('imageDigest is the digest of the image, and chunks are whole blocks', () => {
    const tree = randomTree(7, 4000);
    const chunks = [...writeErofs(tree, options)];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.filter(chunk => chunk.length % 4096 !== 0)).toEqual([]);
    const expected = fsverityDigest(Buffer.concat(chunks), options.algorithm);
    expect(hex(imageDigest(tree, { ...options, sha2: nodeSha2 }))).toBe(hex(expected));
  });

  test('paths of at most 4096 bytes are read', () => {
    expect(depthOf(readErofs(image(nestedDirectories(2048))))).toBe(2048);
    expect(() => readErofs(image(nestedDirectories(2049)))).toThrow(/EROFS_LIMIT/);
  });

  test('a very deep tree is written without recursion', () => {
    expect(imageDigest(nestedDirectories(20_000), { ...options, sha2: nodeSha2 })).toHaveLength(32);
  });
});

describe('hostile images', () => {
  test('randomly changed bytes are read or rejected with an error code of stage erofs', {
    timeout: 60_000,
  }, () => {
    const random = new Random(1);
    const outcomes = new Set<string>();
    const images = Array.from({ length: 10 }, (_, seed) => {
      const format = erofsFormats[seed % 3] ?? 'v1';
      const tree = randomTree(seed, 30);
      return image(format === 'v2' ? fitToV2(tree) : tree, format);
    });
    for (let round = 0; round < 1500; round++) {
      const bytes = Buffer.from(random.pick(images));
      for (let i = 1 + random.below(3); i > 0; i--) {
        const at = random.once(4) ? 1024 + random.below(128) : 1152 + random.below(bytes.length - 1152);
        bytes[at] = random.once(2) ? random.below(256) : (bytes[at] as number) ^ (1 << random.below(8));
      }
      try {
        readErofs(bytes);
        outcomes.add('read');
      } catch (error) {
        if (!(error instanceof ComposefsError)) throw error;
        expect(error.stage).toBe('erofs');
        outcomes.add(error.code);
      }
    }
    expect(outcomes.size).toBeGreaterThan(8);
  });

  test('an image truncated anywhere is rejected', () => {
    const bytes = image(randomTree(3, 30));
    for (let size = 0; size < bytes.length; size += 509) {
      expect(() => readErofs(bytes.subarray(0, size))).toThrow(ComposefsError);
    }
  });
});

// EROFS-036: too many names for a vector.
test.each([
  [65535, 'compact', 0],
  [65536, 'extended', 1],
] as const)('a file with %i names has the %s form', (count, _, form) => {
  const names = Array.from({ length: count }, (_, i) => `g${i.toString(36).padStart(4, '0')}`);
  const file: Inode = { kind: 'inline', ...plain, content: new Uint8Array(0) };
  const root: Directory = {
    kind: 'directory',
    ...plain,
    children: new Map(names.map(name => [ascii(name), file])),
  };
  const bytes = image(root);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rootAt = view.getUint16(1024 + 14, true) * 32;
  // The first name follows ., .. and the 256 stubs in the first block of the root.
  const fileAt = Number(view.getBigUint64(view.getUint32(rootAt + 16, true) * 4096 + 258 * 12, true)) * 32;
  expect(view.getUint16(fileAt, true)).toBe(form);
  expect(dump(readErofs(bytes))).toBe(dump(root));
});
