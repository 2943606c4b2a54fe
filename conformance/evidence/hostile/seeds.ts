/**
 * The inputs of the vectors, valid and not, from which hostile ones are made.
 * @module
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { packageRoot } from '../../suite/package-root.ts';

/** A larger input is not used: most mutants would differ where nothing is read. */
const SIZE_MAX = 256 * 1024;
const FILES_MAX = 40;

/** The files of a layout by their paths. */
export type Layout = ReadonlyMap<string, Uint8Array>;

/** Inputs of each kind. */
export interface Seeds {
  readonly tars: readonly Uint8Array[];
  readonly blobs: readonly Uint8Array[];
  readonly dumpfiles: readonly Uint8Array[];
  readonly images: readonly Uint8Array[];
  readonly documents: readonly Uint8Array[];
  readonly commandLines: readonly Uint8Array[];
  readonly pems: readonly Uint8Array[];
  readonly layouts: readonly Layout[];
}

/** Reads the seeds. They are in the same order on every machine. */
export function readSeeds(): Seeds {
  const cases = join(packageRoot, 'vectors/cases');
  const paths = readdirSync(cases, { recursive: true, encoding: 'utf8' })
    .map(path => path.split(sep).join('/'))
    .filter(path => /\/(?:in|expect)\//.test(path))
    .sort()
    .filter(path => isSmallFile(join(cases, path)));
  const read = (pattern: RegExp) =>
    paths.filter(path => pattern.test(path)).map(path => readFileSync(join(cases, path)));
  const keys = Object.values(testKeys).flatMap(({ key, certificate }) => [key, certificate]);
  return {
    tars: read(/^(?:layers|merge|transform)\/[^/]+\/in\/(?:layer|[0-9]+(?:\.tar)?)$/),
    blobs: read(/\/in\/layout\/blobs\/|^layers\/.*\/in\/layer$/),
    dumpfiles: read(/\/dumpfile$|\.dump$/),
    images: read(/\/image\.erofs$/),
    documents: read(/\/(?:index|manifest|artifact)(?:-2)?\.json$/),
    commandLines: read(/\/in\/cmdline$/),
    pems: [...read(/\.pem$/), ...keys.map(text => Buffer.from(text))],
    layouts: layouts(cases, paths),
  };
}

function isSmallFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size <= SIZE_MAX;
}

function layouts(cases: string, paths: readonly string[]): Layout[] {
  const found = new Map<string, Map<string, Uint8Array>>();
  for (const path of paths) {
    const [, folder, name] = /^(.*\/in\/layout)\/(.*)$/.exec(path) ?? [];
    if (folder === undefined || name === undefined) continue;
    const layout = found.get(folder) ?? new Map<string, Uint8Array>();
    found.set(folder, layout.set(name, readFileSync(join(cases, path))));
  }
  return [...found.values()].filter(layout => layout.size <= FILES_MAX);
}
