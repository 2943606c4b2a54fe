/**
 * A copy of the compiled reference whose checks can be switched off.
 * @module
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { numberThrows } from './number-throws.ts';

/** A `throw` statement of the reference. */
export interface ThrowStatement {
  /** The source file, from the top of the repository. */
  readonly file: string;
  readonly text: string;
}

/** The copy. */
export interface ReferenceCopy {
  /** It has the folders of `reference/`. */
  readonly folder: string;
  /** The statements by their numbers. */
  readonly statements: readonly ThrowStatement[];
}

/** Makes the copy in a new folder in `dist/`, where it finds the packages that it imports. */
export function copyReference(): ReferenceCopy {
  const source = join(packageRoot, 'dist/reference');
  const folder = mkdtempSync(join(packageRoot, 'dist/single-defect-'));
  const statements: ThrowStatement[] = [];
  for (const path of (readdirSync(source, { recursive: true }) as string[]).sort()) {
    // Without their file, worker threads are not started, and one thread does everything.
    if (!path.endsWith('.js') || path.includes('.test.') || path.endsWith('/worker.js')) continue;
    const numbered = numberThrows(readFileSync(join(source, path), 'utf8'), statements.length);
    const file = `reference/${path.replace(/\.js$/, '.ts')}`;
    statements.push(...numbered.statements.map(text => ({ file, text })));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), numbered.text);
  }
  return { folder, statements };
}
