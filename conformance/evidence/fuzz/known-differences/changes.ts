/**
 * The common parts of the known differences on layers: links to sources, and functions that change layers.
 * @module
 */

import type { ByteString } from '../../../../reference/bytes.ts';
import type { LayerSet, PaxRecord, TarEntry, TarLayer } from '../layer-sets/layer-set.ts';
import { Outline } from '../layer-sets/outline.ts';

/** The implementations that differ; no others were compared on layers. */
export const implementations: readonly string[] = ['composefs-rs'];

export const source = {
  image:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs-oci/src/image.rs',
  tar: 'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs-oci/src/tar.rs',
  dumpfile:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/dumpfile.rs',
  writer:
    'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/erofs/writer.rs',
  tree: 'https://github.com/composefs/composefs-rs/blob/f5aa0a21c2c22d1b83b81fae7ffb932d2cd2615a/crates/composefs/src/generic_tree.rs',
  parser: 'https://github.com/composefs/tar-core/blob/main/src/parse.rs',
  header: 'https://github.com/composefs/tar-core/blob/main/src/lib.rs',
  order: 'https://github.com/composefs/composefs-rs/issues/8',
  parents: 'https://github.com/composefs/composefs-rs/issues/132',
} as const;

/** Changes every entry; removes those for which `change` returns `remove`. */
export function eachEntry(change: (entry: TarEntry) => boolean | 'remove') {
  return ({ layers }: LayerSet): boolean => {
    let changed = false;
    for (const layer of layers) {
      layer.entries = layer.entries.filter(entry => {
        const result = change(entry);
        changed ||= result !== false;
        return result !== 'remove';
      });
    }
    return changed;
  };
}

/** Changes every layer; `lower` is the outline of the layers below it. */
export function eachLayer(change: (layer: TarLayer, lower: Outline) => boolean) {
  return ({ layers }: LayerSet): boolean => {
    const lower = new Outline();
    let changed = false;
    for (const layer of layers) {
      changed = change(layer, lower) || changed;
      lower.apply(layer.entries);
    }
    return changed;
  };
}

/** Adds a layer on top, if `more` returns entries for it. */
export function addingLayer(more: (tree: Outline, role: LayerSet['role']) => TarEntry[]) {
  return ({ layers, role }: LayerSet): boolean => {
    const tree = new Outline();
    for (const { entries } of layers) tree.apply(entries);
    const entries = more(tree, role);
    if (entries.length > 0) layers.push({ packed: 'none', end: 'two', entries });
    return entries.length > 0;
  };
}

export function isDevice({ type }: TarEntry): boolean {
  return type === '3' || type === '4';
}

/** Removes records; `drops` also gets the later records of the same header. */
export function dropRecords(
  entry: TarEntry,
  drops: (key: string, value: string, later: readonly PaxRecord[]) => boolean,
): boolean {
  let dropped = false;
  for (const each of entry.extensions) {
    if (each.kind !== 'pax') continue;
    const kept = each.records.filter(([key, value], i) => !drops(key, value, each.records.slice(i + 1)));
    dropped ||= kept.length < each.records.length;
    each.records = kept;
  }
  return dropped;
}

export function changeRecords(
  entry: TarEntry,
  keywords: RegExp,
  change: (key: string, value: string) => string,
): boolean {
  let changed = false;
  for (const each of entry.extensions) {
    if (each.kind !== 'pax') continue;
    each.records = each.records.map(record => {
      const [key, value] = record;
      const next = keywords.test(key) ? change(key, value) : value;
      changed ||= next !== value;
      return next === value ? record : [key, next as ByteString];
    });
  }
  return changed;
}
