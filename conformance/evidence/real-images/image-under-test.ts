/**
 * One image that is looked at: what `composefs-oci` says about it, each thing asked once.
 * @module
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { Failed, type Processes } from '../processes.ts';
import type { Answer } from './comparison.ts';
import { python, script } from './python.ts';

/** Hash functions of the digests. */
export type Hash = 'sha256' | 'sha512';
/** What is done with xattrs; `none`: no transform at all, and all of them stay. */
export type View = 'none' | 'allowlist-only' | 'keep-user-xattrs';

/** An image, and a folder for what is needed while it is looked at. */
export class Subject {
  readonly layout: string;
  readonly scratch: string;
  readonly processes: Processes;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(layout: string, scratch: string, processes: Processes) {
    this.layout = layout;
    this.scratch = scratch;
    this.processes = processes;
  }

  /** The image, as most tools call it. */
  get image(): string {
    return `oci:${this.layout}:latest`;
  }

  /** The digest of an image: of this one, or of a copy. */
  digest(hash: Hash, view: View = 'allowlist-only', image = this.image): Promise<Answer> {
    return this.#composefsOci('digest', '--algorithm', algorithm(hash), ...transform(view), image);
  }

  /** The canonical dumpfile. */
  tree(hash: Hash, view: View): Promise<Answer> {
    return this.#composefsOci('tree', '--algorithm', algorithm(hash), ...transform(view), this.image);
  }

  /** The digest that `mkfs` prints. */
  mkfs(hash: Hash): Promise<Answer> {
    const output = ['--output', this.erofs(hash)];
    return this.#composefsOci('mkfs', '--algorithm', algorithm(hash), ...output, this.image);
  }

  /** The dumpfile that is read back from the image that {@link mkfs} wrote. */
  dump(hash: Hash): Promise<Answer> {
    return this.#composefsOci('dump', this.erofs(hash));
  }

  /** The path of the image that {@link mkfs} writes. */
  erofs(hash: Hash): string {
    return join(this.scratch, `${hash}.erofs`);
  }

  /** The same as {@link tree} by Python's tarfile. Returns the path of the dumpfile; the views are made together. */
  async pythonTree(hash: Hash, view: View): Promise<{ readonly path: string; readonly seconds: number }> {
    const folder = join(this.scratch, 'python');
    const seconds = await this.once('python', async () => {
      mkdirSync(folder);
      const ended = await this.processes.run(python, script('read_layers.py'), this.layout, 'latest', folder);
      return ended.seconds;
    });
    return { path: join(folder, `${view}-${hash}.dump`), seconds };
  }

  /** What `make` gives; the second time and later, what it gave. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known as Promise<T>;
    const made = make();
    this.#answers.set(name, made);
    return made;
  }

  #composefsOci(...args: string[]): Promise<Answer> {
    const program = join(packageRoot, 'dist/reference/cli/main.js');
    return this.once(args.join(' '), () =>
      answer(async () => {
        const { stdout, seconds } = await this.processes.run(process.execPath, program, ...args);
        return { text: stdout, seconds };
      }),
    );
  }
}

/** What `ask` gives as an answer; a program that fails gives one too. */
export async function answer(ask: () => Promise<{ text: string; seconds: number }>): Promise<Answer> {
  try {
    return { kind: 'says', ...(await ask()) };
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return { kind: 'fails', why: error.message, seconds: error.seconds };
  }
}

/** A file as the text of an answer. */
export function textOf(path: string): string {
  return readFileSync(path, 'latin1').trimEnd();
}

/** The name of an algorithm. */
export function algorithm(hash: Hash): string {
  return `fsverity-${hash}-12`;
}

function transform(view: View): string[] {
  return view === 'none' ? ['--transform', 'none'] : ['--xattrs', view];
}
