/**
 * What the points of layers have in common.
 * @module
 */

import type { ByteString } from '../../../../reference/bytes.ts';
import type { Entry, Layer, LayerSet, Record } from '../layer-sets/layer-set.ts';
import { Outline } from '../layer-sets/outline.ts';

/** Who differs: nobody else was asked for trees of layers. */
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

/** Changes every entry; one for which `change` gives `remove` is taken away. */
export function eachEntry(change: (entry: Entry) => boolean | 'remove') {
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

/** Changes every layer; `lower` is what those below it leave. */
export function eachLayer(change: (layer: Layer, lower: Outline) => boolean) {
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

/** Puts a layer on top, if `more` gives entries for one. */
export function addingLayer(more: (tree: Outline, role: LayerSet['role']) => Entry[]) {
  return ({ layers, role }: LayerSet): boolean => {
    const tree = new Outline();
    for (const { entries } of layers) tree.apply(entries);
    const entries = more(tree, role);
    if (entries.length > 0) layers.push({ packed: 'none', end: 'two', entries });
    return entries.length > 0;
  };
}

export function isDevice({ type }: Entry): boolean {
  return type === '3' || type === '4';
}

/** Takes away records; `drops` sees those of the same header that follow, too. */
export function dropRecords(
  entry: Entry,
  drops: (key: string, value: string, later: readonly Record[]) => boolean,
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
  entry: Entry,
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
