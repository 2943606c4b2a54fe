/**
 * Copies of the compiled reference that can be changed and run.
 * @module
 */

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';

/** The compiled reference. */
export const compiledReference: string = join(packageRoot, 'dist/reference');

/** A copy of the compiled reference. */
export class ProgramCopy {
  readonly #modules: string;
  /** The command line of its adapter. */
  readonly command: readonly string[];

  /** Copies the reference to `folder`, which must not exist. */
  constructor(folder: string) {
    this.#modules = join(folder, 'dist/reference');
    cpSync(compiledReference, this.#modules, {
      recursive: true,
      filter: path => !/\.map$|\.d\.ts$|\.test\./.test(path),
    });
    cpSync(join(packageRoot, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    // A mutant may write to any path. Relative ones lead here.
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    const start = 'cd "$1" && exec "$2" "$3" adapter';
    const main = join(this.#modules, 'cli/main.js');
    this.command = ['/bin/sh', '-c', start, 'sh', directory, process.execPath, main];
  }

  /** Replaces the source of one module until `use` is done. */
  async with<Result>(module: string, source: string, use: () => Promise<Result>): Promise<Result> {
    const path = join(this.#modules, module);
    const original = readFileSync(path);
    writeFileSync(path, source);
    try {
      return await use();
    } finally {
      writeFileSync(path, original);
    }
  }
}
