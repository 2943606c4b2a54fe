/**
 * `npm run vectors`: writes `vectors/` from the recipes, or with `--check` reports the differences.
 * @module
 */

import { join } from 'node:path';
import { Command } from 'commander';
import { globMatcher } from '../suite/glob.ts';
import { compareFiles, readFiles, writeFiles } from './files.ts';
import { generate } from './generate.ts';
import { readRecipes } from './read-recipes.ts';

interface Options {
  readonly check?: true;
  readonly only?: string;
}

async function run({ check, only }: Options): Promise<number> {
  const root = process.cwd();
  const matches = only === undefined ? undefined : globMatcher(only);
  const { files, problems } = await generate({
    root,
    recipes: await readRecipes(),
    ...(matches && { only: matches }),
  });
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) return 1;
  const folder = join(root, 'vectors');
  const onDisk = await readFiles(folder);
  if (check) {
    const { missing, different, stale } = compareFiles(files, onDisk);
    for (const path of missing) console.error(`missing    vectors/${path}`);
    for (const path of different) console.error(`different  vectors/${path}`);
    for (const path of stale) console.error(`stale      vectors/${path}`);
    return missing.length + different.length + stale.length > 0 ? 1 : 0;
  }
  const touched = await writeFiles(folder, files, onDisk);
  const cases = [...files.keys()].filter(path => path.endsWith('/case.json')).length;
  console.log(`${cases} cases, ${files.size} files, ${touched.length} changed`);
  return 0;
}

const program = new Command('vectors')
  .description('Write vectors/ from the recipes in conformance/generate/recipes/.')
  .option(
    '--check',
    'compare with the files on disk without writing, and exit with 1 if there are differences',
  )
  .option(
    '--only <glob>',
    'generate only the cases whose id matches, and keep the others as they are on disk',
  )
  .action(async (options: Options) => {
    process.exitCode = await run(options);
  });

await program.parseAsync();
