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

function image(tree: Directory, format: ErofsFormat = 'v1'): Uint8Array {
  return Buffer.concat([...writeErofs(tree, { ...options, format })]);
}

function dump(tree: Directory): string {
  return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
}

function without(xattrs: Xattrs, names: readonly string[]): Xattrs {
  return new Map([...xattrs].filter(([name]) => !names.includes(name)));
}

/** Names of attributes that a whiteout takes from its directory. */
const replaced = {
  v0: ['trusted.overlay.whiteouts', 'user.overlay.whiteouts'],
  v1: [
    'trusted.overlay.opaque',
    'trusted.overlay.whiteouts',
    'user.overlay.opaque',
    'user.overlay.whiteouts',
  ],
};

/** What the image keeps of a tree: the markers of whiteouts replace attributes of the same names (EROFS-010). */
function kept(inode: Inode, format: 'v0' | 'v1' = 'v1'): Inode {
  if (inode.kind !== 'directory') {
    if (!isWhiteout(inode)) return inode;
    return { ...inode, xattrs: without(inode.xattrs, ['trusted.overlay.whiteout', 'user.overlay.whiteout']) };
  }
  const children = new Map<ByteString, Inode>();
  let hasWhiteout = false;
  for (const [name, child] of inode.children) {
    hasWhiteout ||= isWhiteout(child);
    children.set(name, kept(child, format));
  }
  const lost = hasWhiteout ? replaced[format] : [];
  return { ...inode, children, xattrs: without(inode.xattrs, lost) };
}

/** What an image of format v2 has room for, without nanoseconds: every inode cut down, in place. */
function keptByV2(tree: Directory): Directory {
  const seen = new Set<Inode>();
  const cut = (inode: Inode): void => {
    if (seen.has(inode)) return;
    seen.add(inode);
    inode.mtime = { sec: inode.mtime.sec, nsec: 0 };
    if (inode.kind === 'inline') inode.content = inode.content.subarray(0, 512);
    if (inode.kind === 'symlink') inode.target = inode.target.slice(0, 1024) as ByteString;
    if (inode.kind === 'directory') for (const child of inode.children.values()) cut(child);
  };
  cut(tree);
  return tree;
}

/** The same tree, put together in another order. */
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

/** `depth` directories called `d`, one in the other. */
function chain(depth: number): Directory {
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
      expect(dump(readErofs(image(tree))), `seed ${seed}`).toBe(dump(kept(tree) as Directory));
    }
  });

  test('agree in format v0', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = randomTree(seed, 50);
      const read = readErofs(image(tree, 'v0'));
      expect(dump(read), `seed ${seed}`).toBe(dump(kept(tree, 'v0') as Directory));
    }
  });

  test('agree in format v2', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = keptByV2(randomTree(seed, 50));
      expect(dump(readErofs(image(tree, 'v2'))), `seed ${seed}`).toBe(dump(tree));
    }
  });

  test('the order of children and of attributes has no part in the image', () => {
    for (let seed = 0; seed < 20; seed++) {
      const tree = randomTree(seed, 60);
      expect(Buffer.compare(image(tree), image(reversed(tree))), `seed ${seed}`).toBe(0);
    }
  });

  test('the digest is that of the image, and chunks are whole blocks', () => {
    const tree = randomTree(7, 4000);
    const chunks = [...writeErofs(tree, options)];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.filter(chunk => chunk.length % 4096 !== 0)).toEqual([]);
    const expected = fsverityDigest(Buffer.concat(chunks), options.algorithm);
    expect(hex(imageDigest(tree, { ...options, sha2: nodeSha2 }))).toBe(hex(expected));
  });

  test('a path is read up to 4096 bytes', () => {
    expect(depthOf(readErofs(image(chain(2048))))).toBe(2048);
    expect(() => readErofs(image(chain(2049)))).toThrow(/EROFS_LIMIT/);
  });

  test('a very deep tree is written', () => {
    expect(imageDigest(chain(20_000), { ...options, sha2: nodeSha2 })).toHaveLength(32);
  });
});

describe('hostile images', () => {
  test('bytes changed at random are read or refused, and never anything else', { timeout: 60_000 }, () => {
    const random = new Random(1);
    const outcomes = new Set<string>();
    const images = Array.from({ length: 10 }, (_, seed) => {
      const format = erofsFormats[seed % 3] ?? 'v1';
      const tree = randomTree(seed, 30);
      return image(format === 'v2' ? keptByV2(tree) : tree, format);
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

  test('an image cut anywhere is refused', () => {
    const bytes = image(randomTree(3, 30));
    for (let size = 0; size < bytes.length; size += 509) {
      expect(() => readErofs(bytes.subarray(0, size))).toThrow(ComposefsError);
    }
  });
});
