/**
 * Random layers, the same for a seed on every machine. They have few different names, so that entries replace, delete
 * and link each other, and headers are written in many ways.
 *
 * Most entries can be applied at their position: a rejected layer does not test the rest of it. Entries that are
 * rejected or that implementations read differently come from `odd-entries.ts`; they are rare in most layer sets.
 * @module
 */

import { ascii, type ByteString, byteString } from '../../../reference/bytes.ts';
import { xattrPolicies } from '../../../reference/tree/options.ts';
import { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import type { Stream } from '../../generate/random-trees/random-tree.ts';
import { knownLayerDifferences } from './known-differences/layers.ts';
import { EntryWriter, type IntendedEntry } from './layer-sets/entry-writer.ts';
import {
  type End,
  ends,
  type LayerSet,
  packings,
  type TarEntry,
  type TarLayer,
} from './layer-sets/layer-set.ts';
import { makeOdd } from './layer-sets/odd-entries.ts';
import { OPAQUE, Outline, type Path } from './layer-sets/outline.ts';

/** The layers of `seed`. */
export function randomLayers(stream: Stream, seed: number): LayerSet {
  const layers = new LayerDrawer(new RandomBytes(seed, 'layers')).layerSet();
  if (stream === 'common') for (const { remove } of knownLayerDifferences) remove(layers);
  return layers;
}

const names = [
  ...'a a a b b b c d usr run boot sysroot etc - ..a .wh A'.split(' '),
  ...['x y', 'a=b', '\\', '\n', '00', 'ff', `n${'a'.repeat(60)}`, `m${'b'.repeat(119)}`, 'o'.repeat(255)],
].map(ascii);
/** The path of the SELinux configuration, which names a policy; a bootable image must not have one. */
const policy: Path = ['etc', 'selinux', 'config'].map(ascii);
const strangeNames = [[0xff, 0xfe], [0xc3, 0xa9], [0x80], [0x01, 0x7f]].map(bytes =>
  byteString(new Uint8Array(bytes)),
);
const targets = [
  ...['a', 'b', '../a', '/usr/', './b//c', '.', '..', 'a b\n', 't'.repeat(100), 'u'.repeat(300)],
].map(ascii);
const usualEnds: readonly End[] = ['two', 'two', 'record', 'more'];
const modes = [0o644, 0o755, 0o777, 0, 0o4755, 0o1777, 0o7777];
const typeBits = [0o100000, 0o40000, 0o120000, 0o170000, 0o200000];
const ids = [0, 0, 0, 1, 1000, 65535, 65536, 2 ** 21 - 1, 2 ** 21, 2 ** 31, 2 ** 32 - 1];
const seconds = [0n, 0n, 1n, 1_700_000_000n, 2n ** 31n, 2n ** 33n - 1n, 2n ** 33n, 2n ** 40n, 2n ** 63n - 1n];
const nanoseconds = [0, 0, 0, 1, 500_000_000, 123_456_789, 999_999_999];
const lengths = [0, 0, 1, 5, 63, 64, 65, 100, 511, 512, 513, 4096, 5000];
const deviceNumbers = [0, 0, 1, 5, 255, 256, 4095];
const minorNumbers = [0, 0, 1, 3, 255, 256, 4096, 2 ** 20 - 1];
const xattrNames = [
  ...['user.a', 'user.b', 'user.', 'user.overlay.opaque', 'security.capability', 'security.capability'],
  ...['security.selinux', 'security.capabilityx', 'trusted.overlay.opaque', 'trusted.a', 'userx'],
].map(ascii);
const xattrValues = ['', 'v', 'a=b', '-', 'x\ny', 'a\0b', '\\x'].map(ascii);

class LayerDrawer {
  readonly #random: RandomBytes;
  readonly #writer: EntryWriter;
  /** The tree of the layers so far, and the tree with the entries of this layer so far. */
  readonly #lower = new Outline();
  #now = new Outline();
  /** The targets of the hard links in this layer. */
  #targets: Path[] = [];
  /** One of this many entries is odd. */
  readonly #odd: number;
  readonly #hasTypeBits: boolean;

  constructor(random: RandomBytes) {
    this.#random = random;
    this.#writer = new EntryWriter(random);
    this.#odd = random.pick([15, 100, 1000, 1000]);
    this.#hasTypeBits = random.once(6);
  }

  layerSet(): LayerSet {
    const random = this.#random;
    const role = random.once(3) ? 'merged.bootable' : 'merged';
    const xattrs = random.pick(xattrPolicies);
    const layers: TarLayer[] = [];
    for (let count = 1 + random.below(5); count > 0; count--) layers.push(this.#layer(layers.length === 0));
    return { role, xattrs, layers };
  }

  #layer(base: boolean): TarLayer {
    const random = this.#random;
    const entries: TarEntry[] = [];
    this.#now = this.#lower.copy();
    this.#targets = [];
    if (base) this.#directories(entries);
    const count = random.once(12) ? 0 : 1 + random.below(random.once(4) ? 30 : 8);
    for (let i = 0; i < count; i++) this.#put(entries, this.#entry());
    this.#lower.apply(entries);
    const end = random.once(this.#odd) ? random.pick(ends) : random.pick(usualEnds);
    return { packed: random.once(2) ? 'none' : random.pick(packings), end, entries };
  }

  /** Adds the directories that most images have. */
  #directories(entries: TarEntry[]): void {
    for (const name of ['usr', 'boot', 'sysroot', 'run']) {
      if (this.#random.once(name === 'run' ? 2 : 12)) continue;
      this.#put(entries, this.#intended('5', [ascii(name)]));
    }
  }

  #put(entries: TarEntry[], intended: IntendedEntry): void {
    const random = this.#random;
    const entry = this.#writer.write(intended);
    if (random.once(this.#odd)) makeOdd(entry, random);
    entries.push(entry);
    this.#now.add(entry);
  }

  #entry(): IntendedEntry {
    const random = this.#random;
    const choice = random.below(24);
    if (choice < 6) return this.#intended('5', random.once(20) ? [] : this.#path());
    if (choice < 8) return { ...this.#intended('2', this.#path()), link: random.pick(targets) };
    if (choice < 12) return this.#hardLink();
    if (choice < 13) return this.#intended('6', this.#path());
    if (choice < 15) {
      const numbers = { major: random.pick(deviceNumbers), minor: random.pick(minorNumbers) };
      return { ...this.#intended(random.pick(['3', '3', '4']), this.#path()), ...numbers };
    }
    if (choice < 18) return this.#marker();
    const type = random.pick(['0', '0', '0', '\0', '7']);
    return { ...this.#intended(type, this.#path()), content: this.#content() };
  }

  #hardLink(): IntendedEntry {
    const random = this.#random;
    const leaves = this.#now.paths('leaf');
    const path = this.#path();
    if (leaves.length === 0) return this.#intended('0', path);
    const target = random.once(60) ? this.#path() : random.pick(leaves);
    // The entry replaces what is at its path and below, so that cannot be its target.
    if (startsWith(target, path)) return this.#intended('0', path);
    this.#targets.push(target);
    return { ...this.#intended('1', path), target };
  }

  /** A whiteout or an opaque marker, mostly for something that exists. */
  #marker(): IntendedEntry {
    const random = this.#random;
    const directories: Path[] = [[], ...this.#lower.paths('directory')];
    const directory = random.once(30) ? this.#path() : random.pick(directories);
    const children = this.#lower.names(directory);
    const name = children.length > 0 && !random.once(4) ? random.pick(children) : random.pick(names);
    const opaque = random.once(4);
    // The target of a hard link in this layer must not be deleted.
    const deleted = opaque ? directory : [...directory, name];
    if (!random.once(20) && this.#targets.some(target => startsWith(target, deleted)))
      return this.#intended('6', this.#path());
    const marker = opaque ? OPAQUE : (`.wh.${name}` as ByteString);
    const last = marker.length > 255 ? ascii('.wh.a') : marker;
    const type = random.once(6) ? random.pick(['5', '6', '3']) : '0';
    const path = [...directory, last];
    // The marker is applied at once, so that later entries do not depend on what it deletes.
    this.#now.mark(path);
    return {
      ...this.#intended(type, path),
      content: type === '0' && random.once(6) ? this.#content() : ascii(''),
    };
  }

  #path(): Path {
    const random = this.#random;
    if (random.once(60)) return policy.slice(0, 1 + random.below(3));
    if (random.once(4)) {
      const all = [...this.#now.paths('leaf'), ...this.#now.paths('directory')];
      if (all.length > 0) return random.pick(all);
    }
    const directories: Path[] = [[], [], ...this.#now.paths('directory').filter(path => path.length < 4)];
    const directory = [...random.pick(directories)];
    if (random.once(20)) directory.push(...(random.once(8) ? this.#leaf() : [this.#name()]));
    return [...directory, this.#name()];
  }

  /** The path of a leaf, if there is one. */
  #leaf(): Path {
    const leaves = this.#now.paths('leaf');
    return leaves.length > 0 ? this.#random.pick(leaves) : [this.#name()];
  }

  #name(): ByteString {
    const random = this.#random;
    return random.once(12) ? random.pick(strangeNames) : random.pick(names);
  }

  #intended(type: string, path: Path): IntendedEntry {
    const random = this.#random;
    return {
      ...{ type: ascii(type), path, link: ascii(''), content: ascii(''), major: 0, minor: 0 },
      mode: (random.once(6) ? random.below(0o10000) : random.pick(modes)) | this.#typeBits(),
      uid: random.pick(ids),
      gid: random.once(3) ? random.pick(ids) : 0,
      sec: random.pick(seconds),
      nsec: random.pick(nanoseconds),
      xattrs: this.#xattrs(),
    };
  }

  /** The file type bits that some tools write into the mode. */
  #typeBits(): number {
    return this.#hasTypeBits && this.#random.once(2) ? this.#random.pick(typeBits) : 0;
  }

  #xattrs(): readonly (readonly [ByteString, ByteString])[] {
    const random = this.#random;
    const xattrs = new Map<ByteString, ByteString>();
    if (!random.once(3)) return [];
    for (let count = 1 + random.below(4); count > 0; count--) {
      const value = random.once(4) ? byteString(random.bytes(random.below(100))) : random.pick(xattrValues);
      xattrs.set(random.pick(xattrNames), value);
    }
    return [...xattrs];
  }

  #content(): ByteString {
    const random = this.#random;
    const length = random.pick(lengths);
    // There are few different long contents, so that objects with the same digest are common.
    return length > 100 ? ascii('c'.repeat(length)) : byteString(random.bytes(length));
  }
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, i) => part === path[i]);
}
