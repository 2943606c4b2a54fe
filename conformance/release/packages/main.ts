/**
 * Writes the package `composefs-oci` as the folder `dist/packages/composefs-oci`, for `npm run bench`.
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { commandPackage } from './packages.ts';

const folder = join(packageRoot, 'dist/packages/composefs-oci');
rmSync(folder, { recursive: true, force: true });
for (const [path, content] of await commandPackage(packageRoot)) {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
