/**
 * `npm run release`.
 * @module
 */

import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../suite/package-root.ts';
import { checkPackages, releaseIn } from './check-packages.ts';
import { checkPrograms } from './check-programs.ts';
import { writeRelease } from './release.ts';

const program = new Command('release')
  .description('Make the files of a release, the same ones on every machine.')
  .option('--output <dir>', 'folder to write, which is replaced', join(packageRoot, 'dist/release'))
  .addHelpText('after', '\nNeeds the program xz (on Debian: apt-get install xz-utils).');
program.option('--check', 'then use each package as its users do, and run cases of the vectors with it');
program.parse();

const { output, check } = program.opts<{ output: string; check?: boolean }>();
try {
  execFileSync('xz', ['--version'], { stdio: 'ignore' });
} catch {
  console.error('There is no program xz. On Debian: apt-get install xz-utils');
  process.exit(3);
}
for (const name of await writeRelease(packageRoot, output)) {
  console.log(`${statSync(join(output, name)).size.toLocaleString('en').padStart(12)}  ${name}`);
}

if (check) {
  const release = releaseIn(output);
  for (const results of [checkPackages(packageRoot, release), checkPrograms(output)]) {
    for (const result of results) {
      const { name, outcome } = result;
      const detail = outcome === 'passed' ? `${result.line}, ${result.seconds.toFixed(0)} s` : result.reason;
      console.log(`${outcome.padEnd(8)} ${name.padEnd(22)} ${detail}`);
      if (outcome === 'failed') process.exitCode = 1;
    }
  }
}
