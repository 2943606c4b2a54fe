/**
 * Layers as folders, one on top of the other: the files that are visible in all of them, and a new layer with changes.
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

/** Folders of layers, the base first. All paths are relative. */
export class LayerStack {
  readonly #layers: string[] = [];

  /** Adds a folder on top. */
  push(layer: string): void {
    this.#layers.push(layer);
  }

  /** The path on disk of the file that is visible at a path, or undefined if nothing is. */
  find(path: string): string | undefined {
    for (const layer of this.#layers.toReversed()) {
      if (entry(join(layer, path)) !== undefined) return join(layer, path);
      if (hides(layer, path)) return undefined;
    }
    return undefined;
  }

  /** The visible names in a directory, sorted. */
  list(path: string): string[] {
    const names = this.#layers.flatMap(layer => {
      const stats = entry(join(layer, path));
      return stats?.isDirectory() === true ? readdirSync(join(layer, path)) : [];
    });
    const visible = [...new Set(names)].filter(name => !name.startsWith('.wh.'));
    return visible.filter(name => this.find(join(path, name)) !== undefined).sort();
  }

  /** The paths of the regular files in a directory, sorted. */
  files(path: string): string[] {
    return this.list(path)
      .map(name => join(path, name))
      .filter(file => entry(this.find(file) ?? '')?.isFile() === true);
  }
}

/** A new layer with changes to a stack. */
export class LayerChanges {
  readonly #folder: string;
  readonly #below: LayerStack;
  readonly #directories = new Map<string, Stats>();

  constructor(folder: string, below: LayerStack) {
    this.#folder = folder;
    this.#below = below;
    mkdirSync(folder);
  }

  /** The path on disk for a path of the layer. Creates its parent directories with their attributes in lower layers. */
  at(path: string): string {
    const parent = dirname(path);
    if (parent !== '.') this.directory(parent);
    return join(this.#folder, path);
  }

  /** Adds a directory to the layer, with the attributes that it has in lower layers. */
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

  /** Adds a whiteout for a path. */
  remove(path: string): void {
    writeFileSync(this.at(join(dirname(path), `.wh.${path.slice(path.lastIndexOf('/') + 1)}`)), '');
  }

  /** Makes a directory opaque. */
  empty(path: string): void {
    this.directory(path);
    writeFileSync(join(this.#folder, path, OPAQUE), '');
  }

  /** Copies a file of lower layers into the layer, and appends to it. */
  change(path: string, more: string): void {
    const below = this.#below.find(path);
    if (below === undefined) throw new Error(`${path} is not in a lower layer`);
    cpSync(below, this.at(path), { preserveTimestamps: true });
    appendFileSync(this.at(path), more);
  }

  /** Sets the times of directories to those in lower layers, after all changes. */
  finish(): void {
    for (const [path, { atime, mtime }] of this.#directories) utimesSync(path, atime, mtime);
  }
}

/** Whether a layer deletes or replaces the path or one of its parents. */
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
    // A name on the path is not a directory.
    return undefined;
  }
}
