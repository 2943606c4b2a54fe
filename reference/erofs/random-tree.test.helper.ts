/**
 * Random trees for tests: the same seed gives the same tree.
 *
 * They are made to come near the edges of the format: tails around half a block, names around a dot, many equal
 * attributes, stub names, whiteouts, hard links, inodes that are only just compact.
 * @module
 */

import { ascii, type ByteString, byteString } from '../bytes.ts';
import {
  type Attributes,
  type Directory,
  type ExternalFile,
  epoch,
  type Inode,
  isWhiteout,
  type Leaf,
  noXattrs,
  type Timestamp,
  type Xattrs,
} from '../tree/inode.ts';

/** Numbers that look random: mulberry32. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to `bound` - 1. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `length` bytes, none of them NUL or a slash. */
  name(length: number): ByteString {
    const narrow = this.once(2);
    return byteString(
      Uint8Array.from({ length }, () => {
        const byte = narrow ? this.pick([0x21, 0x2d, 0x2e, 0x30, 0x61, 0x62]) : 1 + this.below(255);
        return byte === 0x2f ? 0x2e : byte;
      }),
    );
  }
}

const seconds = [0n, 1n, 100n, 1_700_000_000n, 2n ** 40n];
const ids = [0, 0, 0, 1, 1000, 65535, 65536, 2 ** 32 - 1];
const lengths = [
  0, 1, 2, 63, 64, 65, 500, 1000, 2000, 2040, 2047, 2048, 2049, 3000, 4090, 4095, 4096, 4097, 5000,
];
const sizes = [
  1n,
  2n,
  65n,
  4096n,
  4097n,
  5000n,
  2n ** 20n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 43n,
  2n ** 43n + 1n,
];
const xattrNames = [
  'user.a',
  'user.',
  'user.long-long-long-long-long-long-name',
  'user.overlay.opaque',
  'user.overlay.whiteouts',
  'user.overlay.whiteout',
  'trusted.overlay.opaque',
  'trusted.overlay.metacopy',
  'trusted.overlay.redirect',
  'trusted.overlay.overlay.opaque',
  'trusted.overlay.',
  'trusted.overlayx',
  'trusted.x',
  'security.selinux',
  'security.capability',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'system.posix_acl_accessX',
  'lustre.lov',
  'other',
].map(ascii);

/** A tree of about `size` names from `seed`. */
export function randomTree(seed: number, size: number): Directory {
  return new Forester(new Random(seed)).tree(size);
}

class Forester {
  readonly #random: Random;
  readonly #leaves: Leaf[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  tree(size: number): Directory {
    const directories = [this.#directory()];
    for (let i = 0; i < size; i++) {
      const random = this.#random;
      const parent = random.once(2) ? random.pick(directories) : (directories.at(-1) as Directory);
      const inode = this.#inode();
      const name = this.#freeName(parent);
      if (name === undefined) continue;
      parent.children.set(name, inode);
      if (inode.kind === 'directory') directories.push(inode);
      else this.#leaves.push(inode);
    }
    return directories[0] as Directory;
  }

  #freeName({ children }: Directory): ByteString | undefined {
    const random = this.#random;
    const name = random.once(12)
      ? ascii(random.pick(['00', 'ff', '7f', 'a0', '0', 'FF', '...', '.a', '-', '!', '!!']))
      : random.name(random.once(20) ? 200 + random.below(56) : 1 + random.below(12));
    return children.has(name) || name === '.' || name === '..' ? undefined : name;
  }

  #attributes(): Attributes {
    const random = this.#random;
    return {
      mode: random.once(3) ? random.below(0o10000) : random.pick([0o644, 0o755, 0o777]),
      uid: random.pick(ids),
      gid: random.once(3) ? random.pick(ids) : 0,
      mtime: this.#mtime(),
      xattrs: this.#xattrs(),
    };
  }

  #mtime(): Timestamp {
    const random = this.#random;
    if (random.once(2)) return { sec: 100n, nsec: 5 };
    if (random.once(4)) return epoch;
    return { sec: random.pick(seconds), nsec: random.once(2) ? 0 : random.below(1_000_000_000) };
  }

  #xattrs(): Xattrs {
    const random = this.#random;
    if (random.once(3)) return noXattrs;
    const xattrs = new Map<ByteString, ByteString>();
    const many = random.once(30);
    for (let i = many ? 250 : random.below(4); i > 0; i--) {
      const name = many || random.once(8) ? ascii(`user.n${random.below(200)}`) : random.pick(xattrNames);
      xattrs.set(name, many ? ascii('v') : this.#value(name));
    }
    return xattrs;
  }

  #value(name: ByteString): ByteString {
    const random = this.#random;
    // mkcomposefs loses count of the bytes it replaces, and refuses some markers with a value.
    if (name.includes('overlay.whiteout')) return ascii('');
    if (name.includes('overlay.opaque')) return ascii(random.pick(['x', 'y']));
    if (random.once(2)) return ascii(random.pick(['', 'v', 'w', 'value']));
    return byteString(random.bytes(random.once(10) ? random.below(3000) : random.below(20)));
  }

  #directory(): Directory {
    return { kind: 'directory', ...this.#attributes(), children: new Map() };
  }

  #object(): Pick<ExternalFile, 'payload' | 'digest'> {
    const random = this.#random;
    if (random.once(4)) return {};
    const payload = ascii(`0${random.below(4)}/${'ab'.repeat(random.once(8) ? 1000 : 31)}`);
    return random.once(4) ? { payload } : { payload, digest: new Uint8Array(32).fill(random.below(5)) };
  }

  #inode(): Inode {
    const random = this.#random;
    switch (random.below(11)) {
      case 0:
      case 1:
        return this.#directory();
      case 2:
      case 3:
        return { kind: 'inline', ...this.#attributes(), content: random.bytes(random.pick(lengths)) };
      case 4:
      case 5:
        return {
          kind: 'external',
          ...this.#attributes(),
          size: random.pick(sizes),
          ...this.#object(),
        };
      case 6:
        return {
          kind: 'symlink',
          ...this.#attributes(),
          target: random.name(random.pick(lengths.slice(1, -3))),
        };
      case 7:
        return {
          kind: random.pick(['character', 'block']),
          ...this.#attributes(),
          rdev: random.pick([0, 0, 1, 0x501, 2 ** 32 - 1]),
        };
      case 8:
        return { kind: random.pick(['fifo', 'socket']), ...this.#attributes() };
      default: {
        const leaf = this.#leaves.length === 0 ? undefined : random.pick(this.#leaves);
        return leaf === undefined || isWhiteout(leaf) ? this.#directory() : leaf;
      }
    }
  }
}
