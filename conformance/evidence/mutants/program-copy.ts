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

  /** Copies the reference to `folder`, which must not exist. Every thread of it loads the module `preload` first. */
  constructor(folder: string, preload = '') {
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
    const preloaded = join(folder, 'preload.mjs');
    writeFileSync(preloaded, preload);
    const main = join(this.#modules, 'cli/main.js');
    const start = 'cd "$1" && exec "$2" --import "$3" "$4" adapter';
    this.command = ['/bin/sh', '-c', start, 'sh', directory, process.execPath, preloaded, main];
  }

  /** Replaces the source of one module. */
  write(module: string, source: string): void {
    writeFileSync(join(this.#modules, module), source);
  }

  /** Replaces the source of one module until `use` is done. */
  async with<Result>(module: string, source: string, use: () => Promise<Result>): Promise<Result> {
    const original = readFileSync(join(this.#modules, module), 'utf8');
    this.write(module, source);
    try {
      return await use();
    } finally {
      this.write(module, original);
    }
  }
}
