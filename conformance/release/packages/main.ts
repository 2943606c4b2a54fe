/**
 * `npm run packages`: the packages of the command and of the runner, as folders below `dist/packages`.
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { programPackages } from './packages.ts';

const output = join(packageRoot, 'dist/packages');
rmSync(output, { recursive: true, force: true });
for (const [name, files] of await programPackages(packageRoot)) {
  for (const [path, content] of files) {
    const target = join(output, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
