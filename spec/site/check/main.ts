/**
 * `npm run site:check`: opens the site in Chromium.
 * @module
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import puppeteer from 'puppeteer-core';
import { packageRoot } from '../../../conformance/suite/package-root.ts';
import { buildSite, sitePages } from '../build-site.ts';
import { readSiteData } from '../site-data.ts';
import { checkAccessibility, loadAll, tryCases } from './browser-checks.ts';
import { serve } from './static-server.ts';

/** A small page of each kind: axe takes minutes for a long one, and finds the same in it. */
const samples = [
  ...['index.html', 'tree.html', 'terms.html', 'try.html'],
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
  .option('--browser <path>', 'Chromium or Chrome', '/usr/bin/chromium');
program.parse();

const { browser: path } = program.opts<{ browser: string }>();
if (!existsSync(path)) {
  console.error(
    `There is no ${path}. On Debian: apt-get install chromium. Elsewhere, name one with --browser.`,
  );
  process.exit(3);
}
const data = readSiteData(packageRoot);
const folder = join(packageRoot, 'dist/site');
await buildSite(data, folder);
const { server, address } = await serve(join(folder, data.version));
const root = process.getuid?.() === 0;
const browser = await puppeteer.launch({ executablePath: path, args: root ? ['--no-sandbox'] : [] });
try {
  const paths = [...sitePages(data)].map(page => page.path);
  const steps = [
    [`${paths.length} pages load`, () => loadAll(browser, address, paths)],
    [`${samples.length} pages are accessible`, () => checkAccessibility(browser, address, samples)],
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
