/**
 * Warnings about the entries of layers, and about what they do to each other.
 * @module
 */

import { ascii, type ByteString, bytesOf, printable } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import { joinPath } from '../tree/directory.ts';
import { type LeafAttributes, PathTree } from './path-tree.ts';
import type { WarningCode, WarningCollector } from './warnings.ts';

const WHITEOUT = ascii('.wh.');
const RESERVED = ascii('.wh..wh.');
const OPAQUE = ascii('.wh..wh..opq');

type Warn = (code: WarningCode) => void;

/** Checks entries against those before them. */
export class EntryLinter {
  readonly #warnings: WarningCollector;
  readonly #tree = new PathTree();
  #layer = 0;
  /** Paths of the current layer, with the last entry: of a directory its attributes. */
  #paths = new Map<string, LeafAttributes | undefined>();
  /** Directories of the current layer that have something below them, with or without an entry of their own. */
  #above = new Set<string>();
  /** What the markers of the current layer hide. */
  #hidden: { readonly path: string; readonly isOpaque: boolean; readonly name: ByteString }[] = [];

  constructor(warnings: WarningCollector) {
    this.#warnings = warnings;
  }

  startLayer(layer: number): void {
    this.#layer = layer;
    this.#paths = new Map();
    this.#above = new Set();
    this.#hidden = [];
  }

  /** Adds the warnings about `entry`, and those in `ofHeaders`, which are about its headers. */
  add(entry: TarEntry, ofHeaders: Iterable<WarningCode>): void {
    const warn: Warn = code => this.#warnings.add(code, this.#layer, printable(entry.name));
    for (const code of ofHeaders) warn(code);
    const last = entry.path.at(-1);
    if (last === undefined) {
      warn('root-entry');
      return;
    }
    if (!isUtf8(joinPath(entry.path))) warn('name-not-utf8');
    if (entry.path.some(name => name.startsWith(RESERVED) && name !== OPAQUE)) warn('reserved-name');
    else if (last.startsWith(WHITEOUT)) this.#addMarker(entry, last, warn);
    else this.#addOrdinary(entry, warn);
  }

  #addMarker(entry: TarEntry, last: ByteString, warn: Warn): void {
    const parent = entry.path.slice(0, -1);
    const isOpaque = last === OPAQUE;
    const hidden = isOpaque ? parent : [...parent, last.slice(WHITEOUT.length) as ByteString];
    this.#hidden.push({ path: joinPath(hidden), isOpaque, name: entry.name });
    if (this.#tree.find(parent) !== 'directory') warn('whiteout-parent');
    if (entry.kind === 'hardlink' && !isLeaf(this.#tree.find(entry.target))) warn('whiteout-hardlink');
    this.#tree.remove(hidden, this.#layer, isOpaque);
  }

  #addOrdinary(entry: TarEntry, warn: Warn): void {
    const path = joinPath(entry.path);
    if (this.#tree.find(entry.path.slice(0, -1)) !== 'directory') warn('implied-parent');
    for (let depth = 0; depth < entry.path.length; depth++)
      this.#above.add(joinPath(entry.path.slice(0, depth)));
    if (this.#paths.has(path)) {
      const before = this.#paths.get(path);
      const isSameDirectory = entry.kind === 'directory' && before !== undefined && !differ(entry, before);
      if (!isSameDirectory) warn('duplicate-entry');
    }
    this.#paths.set(path, entry.kind === 'directory' ? attributesOf(entry) : undefined);
    if (entry.kind === 'hardlink') {
      this.#addHardLink(entry, warn);
      return;
    }
    this.#tree.add(entry.path, this.#layer, entry.kind === 'directory' ? undefined : attributesOf(entry));
    if (entry.kind === 'character' && entry.rdev === 0) warn('device-0-0');
    if (entry.kind === 'symlink' && entry.target.length > 1024) warn('symlink-long');
    if (entry.kind === 'symlink' && !isUtf8(entry.target)) warn('name-not-utf8');
    if (entry.mtime.nsec !== 0) warn('mtime-fraction');
    if ([...entry.xattrs.keys()].some(name => name !== 'security.capability')) warn('xattr-left-out');
    if ([...entry.xattrs.values()].some(value => value === '')) warn('xattr-empty');
  }

  #addHardLink(entry: TarEntry & { kind: 'hardlink' }, warn: Warn): void {
    if (!this.#paths.has(joinPath(entry.target))) warn('hardlink-lower');
    const target = this.#tree.find(entry.target);
    // A target that a later marker would delete is rejected (MERGE-013), so that it is a leaf here.
    const attributes = isLeaf(target) ? target : attributesOf(entry);
    if (differFromTarget(entry, attributes)) warn('hardlink-attributes');
    this.#tree.add(entry.path, this.#layer, attributes);
  }

  /** Checks the markers of the layer at its end, because a marker can come before or after what it names. */
  endLayer(): void {
    for (const { path, isOpaque, name } of this.#hidden) {
      if (this.#above.has(path) || (!isOpaque && this.#paths.has(path))) {
        this.#warnings.add('same-layer-whiteout', this.#layer, printable(name));
      }
    }
  }
}

function isLeaf(found: 'directory' | LeafAttributes | undefined): found is LeafAttributes {
  return typeof found === 'object';
}

/** The attributes alone, without the rest of the entry. */
function attributesOf({ mode, uid, gid, mtime, xattrs }: LeafAttributes): LeafAttributes {
  return { mode, uid, gid, mtime, xattrs };
}

function differ(a: LeafAttributes, b: LeafAttributes): boolean {
  return differFromTarget(a, b) || a.xattrs.size !== b.xattrs.size;
}

/** Whether the attributes of a hard link entry would change those of its target; most links have no xattrs. */
function differFromTarget(link: LeafAttributes, target: LeafAttributes): boolean {
  return (
    (['mode', 'uid', 'gid'] as const).some(key => link[key] !== target[key]) ||
    link.mtime.sec !== target.mtime.sec ||
    link.mtime.nsec !== target.mtime.nsec ||
    [...link.xattrs].some(([name, value]) => target.xattrs.get(name) !== value)
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function isUtf8(name: ByteString): boolean {
  // Most names are ASCII.
  if (!/[\x80-\xff]/.test(name)) return true;
  try {
    utf8.decode(bytesOf(name));
    return true;
  } catch {
    return false;
  }
}
