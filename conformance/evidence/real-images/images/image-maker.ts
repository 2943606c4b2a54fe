/**
 * Creates an image from Debian packages with GNU tar and umoci.
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../../processes.ts';

/** An image that is being created. */
export class ImageMaker {
  /** The code name of the Debian release to take packages from. */
  readonly suite: string;
  /** A folder for temporary files, which is removed afterwards. */
  readonly folder: string;
  readonly processes: Processes;
  /** The layout; the tag of its image is `latest`. */
  readonly layout: string;

  constructor(suite: string, folder: string, processes: Processes) {
    this.suite = suite;
    this.folder = folder;
    this.processes = processes;
    this.layout = join(folder, 'layout');
  }

  /** Creates an image without layers. */
  async begin(): Promise<void> {
    await this.processes.run('umoci', 'init', '--layout', this.layout);
    await this.processes.run('umoci', 'new', '--image', this.image);
  }

  /** The name of the image in the syntax of umoci. */
  get image(): string {
    return `${this.layout}:latest`;
  }

  /** Adds a layer on top, compressed with gzip. */
  async add(tar: string): Promise<void> {
    await this.processes.run('umoci', 'raw', 'add-layer', '--image', this.image, '--tag', 'latest', tar);
  }

  /** Archives a folder, sorted by name; only a pax archive has xattrs. Returns the path of the archive. */
  async archive(folder: string, format: 'gnu' | 'pax'): Promise<string> {
    const tar = `${folder}.tar`;
    const options = ['--numeric-owner', '--sort=name', `--format=${format}`];
    const xattrs = format === 'pax' ? ['--xattrs', '--xattrs-include=*'] : [];
    await this.processes.run(
      'tar',
      '--create',
      '--file',
      tar,
      '--directory',
      folder,
      ...options,
      ...xattrs,
      '.',
    );
    return tar;
  }

  /** Writes an archive of a bootstrapped Debian with all packages configured, and with `packages` besides. */
  async bootstrapped(tar: string, packages: readonly string[] = []): Promise<void> {
    const include = packages.length === 0 ? [] : [`--include=${packages.join(',')}`];
    await this.processes.run('mmdebstrap', '--quiet', '--variant=minbase', ...include, this.suite, tar);
  }

  /**
   * Writes an archive of packages and their dependencies, unpacked and not configured, with the `/dev` of mmdebstrap.
   */
  async unpacked(packages: readonly string[], tar: string): Promise<void> {
    await this.#extract(packages, tar);
  }

  /** Downloads packages and their dependencies. Returns the paths of the packages, sorted. */
  async download(packages: readonly string[], folder: string): Promise<string[]> {
    const hook = `--extract-hook=copy-out /var/cache/apt/archives '${folder}'`;
    await this.#extract(packages, '-', '--format=null', hook);
    const archives = join(folder, 'archives');
    const names = await readdir(archives);
    return names
      .filter(name => name.endsWith('.deb'))
      .sort()
      .map(name => join(archives, name));
  }

  async #extract(packages: readonly string[], target: string, ...more: string[]): Promise<void> {
    const options = ['--quiet', '--variant=extract', `--include=${packages.join(',')}`, ...more];
    await this.processes.run('mmdebstrap', ...options, this.suite, target);
  }
}
