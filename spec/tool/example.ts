/**
 * The examples of the chapters, for the tests that read them.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseChapter } from './parse.ts';

const folder = join(import.meta.dirname, '..');

/** Content of the block under `<!-- example: NAME -->` in one of the chapters. Throws where there is none. */
export function example(name: string): string {
  for (const file of readdirSync(folder).filter(entry => entry.endsWith('.md'))) {
    const chapter = parseChapter(file, readFileSync(join(folder, file), 'utf8'));
    const found = chapter.fences.find(fence => fence.name === name);
    if (found !== undefined) return found.content;
  }
  throw new Error(`no chapter has an example "${name}"`);
}
