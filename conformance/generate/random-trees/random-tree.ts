/**
 * Random trees with every feature of the format. A seed gives the same tree everywhere: vectors/accumulated/README.md
 * specifies the trees, and this file follows its section "Trees" step by step.
 *
 * Edge cases are frequent: tails of about half a block, names that sort around a dot, many equal attributes, names of
 * stubs, whiteouts, hard links, and inodes that are just compact.
 * @module
 */

import { ascii, type ByteString, byteString, joinBytes } from '../../../reference/bytes.ts';
import {
  type Attributes,
  type Directory,
  type ExternalFile,
  type InlineFile,
  type Leaf,
  noXattrs,
  type Timestamp,
  type Xattrs,
} from '../../../reference/tree/inode.ts';
import { knownTreeDifferences, markerNames, objectPath } from './known-differences.ts';
import { RandomBytes } from './random-bytes.ts';

/** `all` trees have every feature; `common` trees are without the known differences of implementations. */
export const streams = ['common', 'all'] as const;
export type Stream = (typeof streams)[number];

/** The tree of `seed`. */
export function randomTree(stream: Stream, seed: number): Directory {
  const tree = new TreeGenerator(new RandomBytes(seed)).tree();
  if (stream === 'common') for (const difference of knownTreeDifferences) difference.remove(tree);
  return tree;
}

const modes = [0o644, 0o755, 0o777];
const ids = [0, 0, 1, 1000, 65534, 65535, 65536, 2 ** 32 - 1];
const seconds = [0n, 1n, 99n, 1_700_000_000n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n];
const nanoseconds = [0, 4, 999_999_999];
/** The time of most inodes, so that some trees have compact inodes. */
const commonTime: Timestamp = { sec: 100n, nsec: 5 };

const entryNames = ['00', '01', '7f', 'a0', 'ff', 'FF', '0', '000', '-', '!', '.a', '..a', '...'].map(ascii);
const contentLengths = [
  0, 1, 2, 63, 64, 65, 100, 255, 400, 511, 512, 513, 2047, 2048, 2049, 4095, 4096, 4097, 5000,
];
const targetLengths = [
  1, 2, 10, 31, 32, 33, 60, 500, 1000, 1023, 1024, 1025, 2048, 4000, 4031, 4032, 4063, 4064, 4095,
];
const sizes = [
  ...[1n, 2n, 65n, 4095n, 4096n, 4097n, 8191n, 8192n, 8193n, 2n ** 20n],
  ...[2n ** 32n - 1n, 2n ** 32n, 2n ** 43n, 2n ** 43n + 1n, 2n ** 50n, 2n ** 53n],
];
const deviceNumbers = [0, 1, 255, 256, 0x501, 2 ** 20, 2 ** 32 - 1];
const strangePaths = ['a', 'objects/a b', `00/${'q'.repeat(1000)}`, 'q'.repeat(4095)].map(ascii);
/** Sizes in bytes of the entries of a full directory: around half a block and a block. */
const directorySizes = [42, 2047, 2048, 2049, 4095, 4096, 4097];

const xattrNames = [
  'user.a',
  'user.',
  'user.overlay.opaque',
  'user.overlay.whiteout',
  'user.overlay.whiteouts',
  'trusted.x',
  'trusted.overlayx',
  'trusted.overlay.',
  'trusted.overlay.opaque',
  'trusted.overlay.whiteout',
  'trusted.overlay.whiteouts',
  'trusted.overlay.metacopy',
  'trusted.overlay.redirect',
  'trusted.overlay.overlay.opaque',
  'security.selinux',
  'security.selinux',
  'security.capability',
  'security.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'system.posix_acl_accessX',
  'lustre.lov',
  'other',
].map(ascii);
const longPrefixes = ['user.', 'trusted.overlay.', 'security.', 'other'].map(ascii);
const values = ['', 'v', 'w', 'value'].map(ascii);
const markerValues = ['', 'x', 'y'].map(ascii);
const valueLengths = [250, 500, 1000, 1800, 2500, 3000];

class TreeGenerator {
  readonly #random: RandomBytes;
  readonly #sameTimes: boolean;
  readonly #leaves: Leaf[] = [];

  constructor(random: RandomBytes) {
    this.#random = random;
    this.#sameTimes = random.once(3);
  }

  tree(): Directory {
    const random = this.#random;
    const root = this.#directory();
    const directories = [root];
    const steps = random.once(6) ? random.below(150) : random.below(25);
    for (let step = 0; step < steps; step++) {
      const parent = random.once(2) ? random.pick(directories) : (directories.at(-1) ?? root);
      const name = this.#entryName();
      if (name === '.' || name === '..' || parent.children.has(name)) continue;
      const kind = random.below(16);
      const inode = kind < 4 ? this.#anyDirectory() : this.#leaf(kind);
      parent.children.set(name, inode);
      if (inode.kind === 'directory') directories.push(inode);
      else this.#leaves.push(inode);
    }
    return root;
  }

  #entryName(): ByteString {
    const random = this.#random;
    const choice = random.below(16);
    if (choice < 2) return random.pick(entryNames);
    return random.text(choice === 2 ? 200 + random.below(56) : 1 + random.below(12));
  }

  #anyDirectory(): Directory {
    return this.#random.once(12) ? this.#fullDirectory() : this.#directory();
  }

  #directory(): Directory {
    return { kind: 'directory', ...this.#attributes(), children: new Map() };
  }

  /** A directory whose entries have an exact size: `.` and `..` have 27 bytes, a name has 12 plus its length. */
  #fullDirectory(): Directory {
    const random = this.#random;
    const directory = this.#directory();
    const choice = random.below(9);
    const size = directorySizes[choice] ?? 6000 + random.below(4300);
    const { mode, uid, gid, mtime } = directory;
    const file = (): InlineFile => ({
      ...{ kind: 'inline', mode, uid, gid, mtime, xattrs: noXattrs, content: new Uint8Array(0) },
    });
    const one = random.once(2) ? file() : undefined;
    for (let room = size - 27, i = 0; room > 0; i++) {
      let length = 3 + random.below(77);
      if (room - 12 - length < 15) length = room - 12;
      const name = ascii(String(i).padStart(3, '0').padEnd(length, 'x'));
      directory.children.set(name, one ?? file());
      room -= 12 + length;
    }
    return directory;
  }

  #leaf(kind: number): Leaf {
    const random = this.#random;
    if (kind < 7 && this.#leaves.length > 0) return random.pick(this.#leaves);
    const attributes = this.#attributes();
    switch (kind) {
      case 7:
      case 8:
        return { kind: 'inline', ...attributes, content: random.bytes(random.pick(contentLengths)) };
      case 9:
      case 10:
        return { kind: 'external', ...attributes, size: random.pick(sizes), ...this.#object() };
      case 11:
      case 12:
        return { kind: 'symlink', ...attributes, target: random.text(random.pick(targetLengths)) };
      case 13:
        return {
          kind: random.once(2) ? 'character' : 'block',
          ...attributes,
          rdev: random.once(4) ? random.number() : random.pick(deviceNumbers),
        };
      case 14:
        return { kind: 'character', ...attributes, rdev: 0 };
      case 15:
        return { kind: random.once(2) ? 'fifo' : 'socket', ...attributes };
      default:
        return { kind: 'inline', ...attributes, content: random.bytes(random.below(65)) };
    }
  }

  #object(): Pick<ExternalFile, 'payload' | 'digest'> {
    const random = this.#random;
    const choice = random.below(8);
    if (choice === 0) return {};
    const few = random.below(8);
    const digest = byteString(few < 6 ? new Uint8Array(32).fill(few) : random.bytes(32));
    const payload = choice < 6 ? objectPath(digest) : random.pick(strangePaths);
    return choice === 1 || choice === 2 || choice === 6 ? { payload } : { payload, digest };
  }

  #attributes(): Attributes {
    const random = this.#random;
    const mode = random.once(3) ? random.below(0o10000) : random.pick(modes);
    const uid = random.pick(ids);
    const gid = random.once(3) ? random.pick(ids) : 0;
    return { mode, uid, gid, mtime: this.#time(), xattrs: this.#xattrs() };
  }

  #time(): Timestamp {
    const random = this.#random;
    if (this.#sameTimes || random.once(2)) return commonTime;
    const sec = random.pick(seconds);
    const choice = random.below(4);
    return { sec, nsec: nanoseconds[choice] ?? random.below(1_000_000_000) };
  }

  #xattrs(): Xattrs {
    const random = this.#random;
    const choice = random.below(24);
    if (choice < 8) return noXattrs;
    const xattrs = new Map<ByteString, ByteString>();
    if (choice === 8) {
      for (let i = random.below(260); i > 0; i--) xattrs.set(ascii(`user.n${i}`), ascii('v'));
      return xattrs;
    }
    for (let count = 1 + random.below(4); count > 0; count--) {
      const name = this.#xattrName();
      xattrs.set(name, this.#xattrValue(name));
    }
    return xattrs;
  }

  #xattrName(): ByteString {
    const random = this.#random;
    const choice = random.below(32);
    if (choice > 4) return random.pick(xattrNames);
    if (choice > 0) return joinBytes(ascii('user.'), random.text(random.below(40)));
    const prefix = random.pick(longPrefixes);
    return joinBytes(prefix, random.text(255 - prefix.length));
  }

  #xattrValue(name: ByteString): ByteString {
    const random = this.#random;
    if (markerNames.has(name)) return random.pick(markerValues);
    const choice = random.below(8);
    if (choice < 5) return random.pick(values);
    return byteString(random.bytes(choice < 7 ? random.below(20) : random.pick(valueLengths)));
  }
}
