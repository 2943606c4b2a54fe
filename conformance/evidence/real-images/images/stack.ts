/**
 * Layers as folders, one on the other: what can be seen from the top, and a new layer that changes some of it.
 * @module
 */

import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  type Stats,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const OPAQUE = '.wh..wh..opq';

/** Folders, the base first. Paths are relative. */
export class Stack {
  readonly #layers: string[] = [];

  /** Puts a folder on top. */
  push(layer: string): void {
    this.#layers.push(layer);
  }

  /** Where what stands at the path really is, or undefined. */
  find(path: string): string | undefined {
    for (const layer of this.#layers.toReversed()) {
      if (entry(join(layer, path)) !== undefined) return join(layer, path);
      if (hides(layer, path)) return undefined;
    }
    return undefined;
  }

  /** Names in a directory, sorted. */
  list(path: string): string[] {
    const names = this.#layers.flatMap(layer => {
      const stats = entry(join(layer, path));
      return stats?.isDirectory() === true ? readdirSync(join(layer, path)) : [];
    });
    const visible = [...new Set(names)].filter(name => !name.startsWith('.wh.'));
    return visible.filter(name => this.find(join(path, name)) !== undefined).sort();
  }

  /** Regular files in a directory, by their paths, sorted. */
  files(path: string): string[] {
    return this.list(path)
      .map(name => join(path, name))
      .filter(file => entry(this.find(file) ?? '')?.isFile() === true);
  }
}

/** Changes to a stack, written as a layer. */
export class Changes {
  readonly #folder: string;
  readonly #below: Stack;
  readonly #directories = new Map<string, Stats>();

  constructor(folder: string, below: Stack) {
    this.#folder = folder;
    this.#below = below;
    mkdirSync(folder);
  }

  /** A path of the layer, with the directories on the way as they are below. */
  at(path: string): string {
    const parent = dirname(path);
    if (parent !== '.') this.directory(parent);
    return join(this.#folder, path);
  }

  /** Puts a directory into the layer, with the attributes that it has below. */
  directory(path: string): void {
    const here = this.at(path);
    if (entry(here) !== undefined) return;
    mkdirSync(here);
    const stats = entry(this.#below.find(path) ?? '');
    if (stats === undefined) return;
    chownSync(here, stats.uid, stats.gid);
    chmodSync(here, stats.mode & 0o7777);
    this.#directories.set(here, stats);
  }

  /** Deletes a name. */
  remove(path: string): void {
    writeFileSync(this.at(join(dirname(path), `.wh.${path.slice(path.lastIndexOf('/') + 1)}`)), '');
  }

  /** Hides what a directory has below. */
  empty(path: string): void {
    this.directory(path);
    writeFileSync(join(this.#folder, path, OPAQUE), '');
  }

  /** Copies a file of below into the layer, and makes it longer. */
  change(path: string, more: string): void {
    const below = this.#below.find(path);
    if (below === undefined) throw new Error(`${path} is not in the layers below`);
    cpSync(below, this.at(path), { preserveTimestamps: true });
    appendFileSync(this.at(path), more);
  }

  /** Gives directories the times that they have below, now that they are full. */
  finish(): void {
    for (const [path, { atime, mtime }] of this.#directories) utimesSync(path, atime, mtime);
  }
}

/** Whether a layer deletes the path, or one on the way to it. */
function hides(layer: string, path: string): boolean {
  const names = path.split('/');
  return names.some((name, i) => {
    const folder = join(layer, ...names.slice(0, i));
    const itself = entry(join(folder, name));
    if (entry(join(folder, `.wh.${name}`)) !== undefined || entry(join(folder, OPAQUE)) !== undefined)
      return true;
    return itself !== undefined && !itself.isDirectory();
  });
}

function entry(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // A name on the way is no directory.
    return undefined;
  }
}
