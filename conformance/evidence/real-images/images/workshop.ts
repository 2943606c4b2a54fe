/**
 * What images are made with: Debian packages, GNU tar, and umoci for the layout.
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../../processes.ts';

/** One image in the making. */
export class Workshop {
  /** The code name of the Debian release to take packages from. */
  readonly suite: string;
  /** For whatever is needed on the way; it is removed afterwards. */
  readonly folder: string;
  readonly processes: Processes;
  /** The layout; its image is called `latest`. */
  readonly layout: string;

  constructor(suite: string, folder: string, processes: Processes) {
    this.suite = suite;
    this.folder = folder;
    this.processes = processes;
    this.layout = join(folder, 'layout');
  }

  /** Begins an image without layers. */
  async begin(): Promise<void> {
    await this.processes.run('umoci', 'init', '--layout', this.layout);
    await this.processes.run('umoci', 'new', '--image', this.image);
  }

  /** The image, as umoci calls it. */
  get image(): string {
    return `${this.layout}:latest`;
  }

  /** Puts a layer on top, compressed with gzip. */
  async add(tar: string): Promise<void> {
    await this.processes.run('umoci', 'raw', 'add-layer', '--image', this.image, '--tag', 'latest', tar);
  }

  /** Archives what is in a folder, sorted by name; only a pax archive has xattrs. Returns the path of the archive. */
  async archive(folder: string, format: 'gnu' | 'pax'): Promise<string> {
    const tar = `${folder}.tar`;
    const what = ['--numeric-owner', '--sort=name', `--format=${format}`];
    const xattrs = format === 'pax' ? ['--xattrs', '--xattrs-include=*'] : [];
    await this.processes.run(
      'tar',
      '--create',
      '--file',
      tar,
      '--directory',
      folder,
      ...what,
      ...xattrs,
      '.',
    );
    return tar;
  }

  /** A bootstrapped Debian, all packages configured, as an archive. */
  async bootstrapped(tar: string): Promise<void> {
    await this.processes.run('mmdebstrap', '--quiet', '--variant=minbase', this.suite, tar);
  }

  /** Packages and what they need, unpacked and not configured, as an archive; with `/dev`, as mmdebstrap has it. */
  async unpacked(packages: readonly string[], tar: string): Promise<void> {
    await this.#extract(packages, tar);
  }

  /** Packages and what they need, as they come. Returns the paths, sorted. */
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
