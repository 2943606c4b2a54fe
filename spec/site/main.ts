/**
 * `npm run site`.
 * @module
 */

import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { buildSite } from './build-site.ts';
import { readSiteData } from './site-data.ts';

const program = new Command('site')
  .description('Build the standard as static pages.')
  .option('--output <dir>', 'folder to write, which is replaced', join(packageRoot, 'dist/site'))
  .addHelpText(
    'after',
    `
The pages need no server, except for the search, the maps and "Try it", which load files: any static server will do.

Example:
  npm run site && python3 -m http.server --directory dist/site --bind 127.0.0.1`,
  );
program.parse();

const { output } = program.opts<{ output: string }>();
const count = await buildSite(readSiteData(packageRoot), output);
console.log(`${count} pages in ${output}`);
