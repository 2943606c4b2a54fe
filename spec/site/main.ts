/**
 * `npm run site`.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { defaultBrowser, launchBrowser } from './browser.ts';
import { buildSite } from './build-site.ts';
import { printPdf } from './pdf.ts';
import { readSiteData } from './site-data.ts';

const program = new Command('site')
  .description('Build the standard as static pages.')
  .option('--output <dir>', 'folder to write, which is replaced', join(packageRoot, 'dist/site'))
  .option('--pdf', 'also print all chapters to a PDF, with Chromium')
  .option('--browser <path>', 'Chromium or Chrome for --pdf', defaultBrowser)
  .addHelpText(
    'after',
    `
The pages need no server, except for the search, the maps and "Try it", which load files: any static server will do.

Example:
  npm run site && python3 -m http.server --directory dist/site --bind 127.0.0.1`,
  );
program.parse();

const { output, pdf, browser: path } = program.opts<{ output: string; pdf?: true; browser: string }>();
const data = readSiteData(packageRoot);
const count = await buildSite(data, output);
console.log(`${count} pages in ${output}`);
if (pdf) {
  const folder = join(output, data.version);
  const name = `composefs-oci-${data.version}`;
  const browser = await launchBrowser(path);
  try {
    const bytes = await printPdf(browser, join(folder, 'all.html'), `composefs-oci ${data.version}`);
    writeFileSync(join(folder, `${name}.pdf`), bytes);
    console.log(join(folder, `${name}.pdf`));
  } finally {
    await browser.close();
  }
}
