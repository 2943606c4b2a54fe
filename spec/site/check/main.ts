/**
 * `npm run site:check`: opens the site in Chromium.
 * @module
 */

import { join } from 'node:path';
import { Command } from 'commander';
import type { Browser } from 'puppeteer-core';
import { packageRoot } from '../../../conformance/suite/package-root.ts';
import { defaultBrowser, launchBrowser } from '../browser.ts';
import { buildSite, sitePages } from '../build-site.ts';
import { printPdf, widerThanPaper } from '../pdf.ts';
import { readSiteData } from '../site-data.ts';
import { checkAccessibility, loadAll, tryCases } from './browser-checks.ts';
import { serve } from './static-server.ts';

/** A small page of each kind: axe takes minutes for a long one, and finds the same in it. */
const samples = [
  ...['index.html', 'tree.html', 'terms.html', 'implementations.html', 'try.html'],
  ...[
    'cases/erofs/empty-root.html',
    'cases/layers/family-attributes-global-headers.html',
    'map.html?erofs/empty-root',
  ],
];

const program = new Command('site-check')
  .description(
    'Build the site, open every page in a browser, check accessibility, and compute digests in it.',
  )
  .option('--browser <path>', 'Chromium or Chrome', defaultBrowser);
program.parse();

const { browser: path } = program.opts<{ browser: string }>();
const data = readSiteData(packageRoot);
const folder = join(packageRoot, 'dist/site');
await buildSite(data, folder);
const all = join(folder, data.version, 'all.html');
const { server, address } = await serve(join(folder, data.version));
const browser = await launchBrowser(path);
try {
  const paths = [...sitePages(data)].map(page => page.path);
  const steps = [
    [`${paths.length} pages load`, () => loadAll(browser, address, paths)],
    [`${samples.length} pages are accessible`, () => checkAccessibility(browser, address, samples)],
    ['no part of the printed chapters is cut off', () => widerThanPaper(browser, all)],
    ['the chapters are printed to the same PDF twice', () => comparePdfs(browser, all)],
    ['"Try it" computes the digests of cases', () => tryCases(browser, address, data)],
  ] as const;
  for (const [title, step] of steps) {
    const problems = await step();
    console.log(`${problems.length === 0 ? 'ok' : 'FAILED'}  ${title}`);
    for (const problem of problems.slice(0, 50)) console.log(`    ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
} finally {
  await browser.close();
  server.close();
}

async function comparePdfs(browser: Browser, file: string): Promise<string[]> {
  const [first, second] = [await printPdf(browser, file, 'title'), await printPdf(browser, file, 'title')];
  return Buffer.compare(first, second) === 0 ? [] : ['the two PDFs differ'];
}
