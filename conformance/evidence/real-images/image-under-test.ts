/**
 * One image under test: what `composefs-oci` says about it. Each command runs once.
 * @module
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelLookup } from '../../implementations/install/paths.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { type Processes, ProcessFailed, type ProcessResult } from '../processes.ts';
import { readManifest } from './cache.ts';
import type { ToolAnswer } from './comparison.ts';
import { python, script } from './python.ts';

/** The hash function of a digest. */
export type HashFunction = 'sha256' | 'sha512';
/** The tree after the OCI transforms with an xattr policy; `none`: without any transform. */
export type TreeView = 'none' | 'allowlist-only' | 'keep-user-xattrs';

/** The paths of a private key and its certificate. */
export interface SignerFiles {
  readonly key: string;
  readonly certificate: string;
}

const program = join(packageRoot, 'dist/reference/cli/main.js');

/** An image, and a folder for temporary files. */
export class ImageUnderTest {
  readonly layout: string;
  readonly scratch: string;
  readonly processes: Processes;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(layout: string, scratch: string, processes: Processes) {
    this.layout = layout;
    this.scratch = scratch;
    this.processes = processes;
  }

  /** The name of the image in the syntax of most tools. */
  get reference(): string {
    return `oci:${this.layout}:latest`;
  }

  /** The digest of this image, or of a copy of it. */
  digest(
    hash: HashFunction,
    view: TreeView = 'allowlist-only',
    reference = this.reference,
  ): Promise<ToolAnswer> {
    return this.#composefsOci('digest', '--algorithm', algorithm(hash), ...viewOptions(view), reference);
  }

  /** The canonical dumpfile. */
  tree(hash: HashFunction, view: TreeView): Promise<ToolAnswer> {
    return this.#composefsOci('tree', '--algorithm', algorithm(hash), ...viewOptions(view), this.reference);
  }

  /** The digest of the bootable image. */
  bootableDigest(hash: HashFunction): Promise<ToolAnswer> {
    return this.#composefsOci('digest', ...bootableOptions(hash), this.reference);
  }

  /** The canonical dumpfile of the bootable image. */
  bootableTree(hash: HashFunction): Promise<ToolAnswer> {
    return this.#composefsOci('tree', ...bootableOptions(hash), this.reference);
  }

  /** The digest that `mkfs` prints. */
  mkfs(hash: HashFunction): Promise<ToolAnswer> {
    const output = ['--output', this.erofs(hash)];
    return this.#composefsOci('mkfs', '--algorithm', algorithm(hash), ...output, this.reference);
  }

  /** The dumpfile that is read back from the image that {@link mkfs} wrote. */
  dump(hash: HashFunction): Promise<ToolAnswer> {
    return this.#composefsOci('dump', this.erofs(hash));
  }

  /** The root hash that `ddi` prints: it writes the signed disk image of the image that {@link mkfs} wrote with SHA-512. */
  async writeDiskImage(output: string, { key, certificate }: SignerFiles): Promise<ToolAnswer> {
    await this.mkfs('sha512');
    const options = ['--output', output, '--sign', key, '--cert', certificate];
    return this.#composefsOci('ddi', ...options, this.erofs('sha512'));
  }

  /** What `ddi --verify` prints about a signed disk image; it writes the image in it to `output`. */
  readDiskImage(path: string, output: string, { certificate }: SignerFiles): Promise<ToolAnswer> {
    const options = ['--verify', '--require-signature', '--cert', certificate, '--output', output];
    return this.#composefsOci('ddi', ...options, path);
  }

  /** Runs `composefs-oci store`, which has to succeed. */
  store(...args: readonly string[]): Promise<ProcessResult> {
    return this.processes.run(process.execPath, program, 'store', ...args);
  }

  /** The path of the image that {@link mkfs} writes. */
  erofs(hash: HashFunction): string {
    return join(this.scratch, `${hash}.erofs`);
  }

  /**
   * The same as {@link tree}, built with Python's tarfile. Returns the path of the dumpfile; all views are made at
   * once.
   */
  async pythonTree(
    hash: HashFunction,
    view: TreeView,
  ): Promise<{ readonly path: string; readonly seconds: number }> {
    const folder = join(this.scratch, 'python');
    const seconds = await this.once('python', async () => {
      mkdirSync(folder);
      const ended = await this.processes.run(python, script('read_layers.py'), this.layout, 'latest', folder);
      return ended.seconds;
    });
    return { path: join(folder, `${view}-${hash}.dump`), seconds };
  }

  /**
   * The same as {@link bootableTree}, built with Python's tarfile and labelled by libselinux. Returns the path of the
   * dumpfile; those of all hash functions are made at once.
   */
  async labelledTree(
    hash: HashFunction,
    { version, program }: LabelLookup,
  ): Promise<{ readonly path: string; readonly seconds: number }> {
    const folder = join(this.scratch, `libselinux-${version}`);
    const seconds = await this.once(folder, async () => {
      mkdirSync(folder);
      const layers = readManifest(this.layout).layers.flatMap(({ path, mediaType }) => [path, mediaType]);
      const args = [script('label_layers.py'), program, folder, ...layers];
      return (await this.processes.run(python, ...args)).seconds;
    });
    return { path: join(folder, `bootable-${hash}.dump`), seconds };
  }

  /** Calls `make` the first time it is called with `name`, and returns that result each time. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known as Promise<T>;
    const made = make();
    this.#answers.set(name, made);
    return made;
  }

  #composefsOci(...args: string[]): Promise<ToolAnswer> {
    return this.once(args.join(' '), () =>
      answerOf(async () => {
        const { stdout, seconds } = await this.processes.run(process.execPath, program, ...args);
        return { text: stdout, seconds };
      }),
    );
  }
}

/** The result of `run` as an answer; a program that fails gives an answer too. */
export async function answerOf(run: () => Promise<{ text: string; seconds: number }>): Promise<ToolAnswer> {
  try {
    return { kind: 'says', ...(await run()) };
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    return { kind: 'fails', why: error.message, seconds: error.seconds };
  }
}

/** A file as the text of an answer. */
export function textOf(path: string): string {
  return readFileSync(path, 'latin1').trimEnd();
}

/** The name of an algorithm. */
export function algorithm(hash: HashFunction): string {
  return `fsverity-${hash}-12`;
}

function viewOptions(view: TreeView): string[] {
  return view === 'none' ? ['--transform', 'none'] : ['--xattrs', view];
}

function bootableOptions(hash: HashFunction): string[] {
  return ['--algorithm', algorithm(hash), '--role', 'merged.bootable', '--xattrs', 'allowlist-only'];
}
