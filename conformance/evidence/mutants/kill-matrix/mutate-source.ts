/**
 * Applies the edits of a mutant to sources of the reference, and compiles these.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import { packageRoot } from '../../../suite/package-root.ts';
import type { SourceEdit } from './matrix.ts';

/** The edits of a mutant do not fit the sources of the reference. */
export class StaleMutant extends Error {}

/** The sources of the reference. */
export const referenceSources: string = join(packageRoot, 'reference');

/**
 * The compiled modules that `edits` change, by their path relative to `dist/reference`. Throws {@link StaleMutant} if
 * an edit does not apply exactly once, or if the result does not compile.
 */
export function mutatedModules(edits: readonly SourceEdit[]): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { file, before, after } of edits) {
    const source = sources.get(file) ?? readSource(file);
    const parts = source.split(before);
    if (parts.length !== 2) {
      const count = parts.length - 1;
      throw new StaleMutant(`reference/${file} contains the text ${count} times, not once: ${before}`);
    }
    sources.set(file, parts.join(after));
  }
  return new Map(
    [...sources].map(([file, source]) => [file.replace(/\.ts$/, '.js'), compiled(file, source)]),
  );
}

function readSource(file: string): string {
  try {
    return readFileSync(join(referenceSources, file), 'utf8');
  } catch {
    throw new StaleMutant(`reference/${file} does not exist`);
  }
}

/** The sources name each other by their files, `x.ts`, and compiled modules by theirs. */
function compiled(file: string, source: string): string {
  const { code, errors } = transformSync(file, source, {
    target: 'es2023',
    typescript: { onlyRemoveTypeImports: true, rewriteImportExtensions: 'rewrite' },
  });
  const [error] = errors;
  if (error !== undefined) throw new StaleMutant(`reference/${file} does not compile: ${error.message}`);
  return code;
}
