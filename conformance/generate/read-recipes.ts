/**
 * Finds every recipe: each file below `recipes/` that exports `recipes` contributes its recipes.
 * @module
 */

import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { packageRoot } from '../suite/package-root.ts';
import type { Recipe } from './recipe.ts';

/** The folder of recipes, relative to the top of the repository. */
const folder = 'conformance/generate/recipes';
/** `.ts` when the sources are run, `.js` in `dist/`. */
const extension = extname(import.meta.url);

/** Recipes by their source file, relative to the top of the repository: the `provenance.recipe` of the cases. */
export type Recipes = Readonly<Record<string, readonly Recipe[]>>;

/**
 * Imports every file of recipes, in bytewise order of the paths. The sources are listed, not `dist/`, which can still
 * contain a file that was renamed.
 */
export async function readRecipes(): Promise<Recipes> {
  const sources = (await readdir(join(packageRoot, folder), { recursive: true }))
    .filter(name => name.endsWith('.ts') && !name.includes('.test.'))
    .sort();
  const recipes: Record<string, readonly Recipe[]> = {};
  for (const source of sources) {
    const module: { readonly recipes?: readonly Recipe[] } = await import(
      `./recipes/${source.replace(/\.ts$/, extension)}`
    );
    if (module.recipes !== undefined) recipes[`${folder}/${source}`] = module.recipes;
  }
  return recipes;
}
