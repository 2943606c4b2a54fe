/**
 * Places mutants beside a copy of the compiled reference. Modules that a change does not reach are those of the copy,
 * so that one process can load many mutants.
 * @module
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../suite/package-root.ts';
import { compiledReference } from '../program-copy.ts';

/** The module of the adapter that answers requests. */
const ADAPTER = 'cli/adapter/serve.js';

/** What a compiled module imports, with the quotes around it. */
const IMPORT = /(\b(?:from|import) ?\(?)(["'])(\.\.?\/[^"']+)\2/g;

/** A copy of the compiled reference, and mutants of it. */
export class MutantModules {
  readonly #folder: string;
  readonly #sources = new Map<string, string>();
  /** The modules that import a module, or start it as a worker. */
  readonly #importers = new Map<string, Set<string>>();
  #mutants = 0;

  /** Copies the reference to `folder`, which must not exist. */
  constructor(folder: string) {
    this.#folder = folder;
    cpSync(compiledReference, this.#original(''), {
      recursive: true,
      filter: path => !/\.map$|\.d\.ts$|\.test\./.test(path),
    });
    cpSync(join(packageRoot, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    const names = readdirSync(this.#original(''), { recursive: true, encoding: 'utf8' });
    for (const module of names.filter(name => name.endsWith('.js'))) this.#add(module);
  }

  /** The path of the adapter without a change. */
  get original(): string {
    return this.#original(ADAPTER);
  }

  /** Writes the mutant with the sources of changed modules by their paths, and returns the path of its adapter. */
  write(changed: ReadonlyMap<string, string>): string {
    const folder = join(this.#folder, 'mutants', String(this.#mutants++));
    const reached = this.#reachedFrom(changed.keys());
    for (const module of reached) {
      const source = changed.get(module) ?? this.#sources.get(module) ?? '';
      const file = join(folder, module);
      mkdirSync(dirname(file), { recursive: true });
      const imports = (text: string, head: string, quote: string, name: string) => {
        const imported = normalize(join(dirname(module), name));
        return reached.has(imported)
          ? text
          : `${head}${quote}${pathToFileURL(this.#original(imported))}${quote}`;
      };
      writeFileSync(file, source.replace(IMPORT, imports));
    }
    return join(folder, ADAPTER);
  }

  /** Removes the modules of all mutants. A process keeps those that it has loaded. */
  removeMutants(): void {
    rmSync(join(this.#folder, 'mutants'), { recursive: true, force: true });
  }

  #original(module: string): string {
    return join(this.#folder, 'dist/reference', module);
  }

  #add(module: string): void {
    const source = readFileSync(this.#original(module), 'utf8');
    this.#sources.set(module, source);
    const imported = [...source.matchAll(IMPORT)].map(([, , , name = '']) => name);
    // A worker is next to the module that starts it, and is loaded by its path.
    if (/\bstartWorker\(import\.meta\.url/.test(source)) imported.push('./worker.js');
    for (const name of imported) {
      const target = normalize(join(dirname(module), name));
      this.#importers.set(target, (this.#importers.get(target) ?? new Set()).add(module));
    }
  }

  /** `modules`, and all modules that import one of them, directly or not. */
  #reachedFrom(modules: Iterable<string>): ReadonlySet<string> {
    const reached = new Set<string>(modules);
    // A set also yields what is added while it is read.
    for (const module of reached)
      for (const importer of this.#importers.get(module) ?? []) reached.add(importer);
    return reached;
  }
}
