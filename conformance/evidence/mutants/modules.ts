/**
 * The compiled modules that cases can decide anything about, and the areas of the cases that do it first.
 * @module
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The areas of cases for the modules whose path starts with a text. */
const areas: readonly (readonly [beginning: string, ...areas: string[]])[] = [
  ['fsverity/', 'fsverity'],
  ['tar/', 'layers'],
  ['merge/', 'merge'],
  ['transform/', 'transform'],
  ['build-tree', 'transform', 'merge'],
  ['dumpfile/', 'dumpfile'],
  ['erofs/', 'erofs'],
  ['oci/', 'image', 'layers'],
  ['chunked/', 'toc'],
  ['selinux/', 'selinux'],
  ['ddi/', 'ddi'],
  ['store/', 'store'],
  ['seal/cmdline', 'cmdline'],
  ['seal/', 'seal', 'verify'],
];

/** The areas of the cases that are run first for a mutant of `module`. */
export function areasOf(module: string): readonly string[] {
  const [, ...names] = areas.find(([beginning]) => module.startsWith(beginning)) ?? [];
  return names;
}

/**
 * The modules in `folder`, a compiled reference, that the adapter loads: no case can decide anything about the others.
 * Of the command itself, only the adapter counts.
 */
export function modulesIn(folder: string): string[] {
  const found = new Set<string>();
  const visit = (module: string) => {
    if (found.has(module) || !existsSync(join(folder, module))) return;
    found.add(module);
    const source = readFileSync(join(folder, module), 'utf8');
    for (const [, name = ''] of source.matchAll(/\bfrom '(\.[^']+)'|\bimport '(\.[^']+)'/g)) {
      visit(normalize(join(dirname(module), name)));
    }
    // A worker is next to the module that starts it, and is loaded by its path.
    if (/\bstartWorker\(import\.meta\.url/.test(source)) visit(join(dirname(module), 'worker.js'));
  };
  for (const name of readdirSync(join(folder, 'cli/adapter'))) {
    if (/^[\w-]+\.js$/.test(name)) visit(join('cli/adapter', name));
  }
  return [...found].filter(module => !/^cli\/(?!adapter\/)/.test(module)).sort();
}
