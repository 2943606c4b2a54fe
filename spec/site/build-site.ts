/**
 * Writes all pages of a version, and the scripts that the browser runs.
 * @module
 */

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { caseFolder, casePages, mapOf } from './case-pages.ts';
import { chapterPages, singlePage } from './chapter-pages.ts';
import { implementationsPage } from './implementations-page.ts';
import { casesPage, codesPage, homePage, termsPage } from './index-pages.ts';
import { type Page, printPage } from './page.ts';
import { searchIndex } from './search-index.ts';
import type { SiteData } from './site-data.ts';
import { mapPage, tryPage } from './tool-pages.ts';

/** All pages, in the order in which they are written. */
export function* sitePages(data: SiteData): Generator<Page> {
  yield homePage(data);
  yield* chapterPages(data);
  yield singlePage(data);
  yield codesPage(data);
  yield termsPage(data);
  yield casesPage(data);
  yield implementationsPage(data);
  yield mapPage(data);
  yield tryPage();
  yield* casePages(data);
}

/** Writes the site into a new folder `output`: the version under its number, and a page that leads to it. */
export async function buildSite(data: SiteData, output: string): Promise<number> {
  rmSync(output, { recursive: true, force: true });
  const folder = join(output, data.version);
  let count = 0;
  for (const page of sitePages(data)) {
    write(join(folder, page.path), printPage(page, data));
    count++;
  }
  write(join(output, 'index.html'), entrance(data.version));
  write(join(folder, 'assets/search.json'), JSON.stringify(searchIndex(data)));
  copyFileSync(join(data.root, 'spec/site/style.css'), join(folder, 'assets/style.css'));
  for (const test of data.cases) {
    const found = mapOf(data, test);
    if (found === undefined) continue;
    copy(join(caseFolder(data, test), found.image), join(folder, 'maps', `${test.id}.erofs`));
    copy(join(caseFolder(data, test), found.map), join(folder, 'maps', `${test.id}.json`));
  }
  await bundleScripts(data.root, join(folder, 'assets'));
  return count;
}

/** The page at the top, which leads to the newest version. */
function entrance(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>composefs-oci</title>
<meta http-equiv="refresh" content="0; url=${version}/index.html">
<p><a href="${version}/index.html">Version ${version}</a></p>
</html>
`;
}

async function bundleScripts(root: string, folder: string): Promise<void> {
  for (const name of ['search', 'map', 'try', 'try-worker']) {
    const bundle = await rolldown({ input: join(root, `spec/site/browser/${name}.ts`), platform: 'browser' });
    await bundle.write({
      file: join(folder, `${name}.js`),
      format: 'esm',
      minify: true,
      codeSplitting: false,
    });
    await bundle.close();
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
