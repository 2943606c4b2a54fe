/**
 * The comparisons of a store with a real image: composefs-rs reads what `composefs-oci store` wrote and the other way
 * round, and skopeo copies what is exported.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptionalTool } from '../tools.ts';
import { readManifest } from './cache.ts';
import type { PlannedComparison, ToolAnswer } from './comparison.ts';
import { algorithm, answerOf, type ImageUnderTest } from './image-under-test.ts';
import { skipWithout } from './other-digests.ts';

const NAME = 'image';
/** What a program says that finds nothing wrong. */
const SOUND = 'sound';

/** The comparisons of a store. */
export function storeComparisons(
  image: ImageUnderTest,
  cfsctl: OptionalTool,
  skopeo: OptionalTool,
): PlannedComparison[] {
  const stores = new Stores(image, cfsctl.path ?? '');
  return [
    {
      what: 'store, sound',
      by: `${cfsctl.name}, fsck`,
      ...skipWithout(cfsctl),
      ours: () => stores.checked('ours'),
      theirs: () => stores.checkedByComposefsRs(),
    },
    {
      what: 'store of composefs-rs, sound',
      by: `${cfsctl.name}, oci pull`,
      ...skipWithout(cfsctl),
      ours: () => stores.checked('ours'),
      theirs: () => stores.checked('theirs'),
    },
    {
      what: 'diff_ids of the layers in the store',
      by: `${cfsctl.name}, oci layer`,
      ...skipWithout(cfsctl),
      ours: async () => ({ kind: 'says', text: readManifest(image.layout).diffIds.join('\n'), seconds: 0 }),
      theirs: () => stores.archivesByComposefsRs(),
    },
    {
      what: 'manifest, exported and copied',
      by: skopeo.name,
      ...(skopeo.path === undefined && { skip: 'skopeo is not installed: apt install skopeo' }),
      ours: async () => ({ kind: 'says', text: readManifest(image.layout).digest, seconds: 0 }),
      theirs: () => stores.copiedExport(skopeo.path ?? ''),
    },
  ];
}

/** The stores of one image. Each is made once. */
class Stores {
  readonly #image: ImageUnderTest;
  readonly #cfsctl: string;

  constructor(image: ImageUnderTest, cfsctl: string) {
    this.#image = image;
    this.#cfsctl = cfsctl;
  }

  /** Whether `store fsck` finds nothing in our store, or in that of composefs-rs. */
  async checked(whose: 'ours' | 'theirs'): Promise<ToolAnswer> {
    return answerOf(async () => {
      const store = await (whose === 'ours' ? this.#imported() : this.#pulled());
      const { seconds } = await this.#image.store('fsck', store);
      return { text: SOUND, seconds };
    });
  }

  checkedByComposefsRs(): Promise<ToolAnswer> {
    return answerOf(async () => {
      const store = await this.#imported();
      const checks = [await this.#run(store, 'fsck'), await this.#run(store, 'oci', 'fsck')];
      const text = checks.every(({ stdout }) => /^status: ok$/m.test(stdout))
        ? SOUND
        : checks.map(({ stdout }) => stdout).join('\n');
      return { text, seconds: checks.reduce((sum, { seconds }) => sum + seconds, 0) };
    });
  }

  /** The hashes of the archives that composefs-rs takes out of our store. */
  archivesByComposefsRs(): Promise<ToolAnswer> {
    return answerOf(async () => {
      const store = await this.#imported();
      const found: string[] = [];
      let seconds = 0;
      for (const [number, diffId] of readManifest(this.#image.layout).diffIds.entries()) {
        const archive = join(this.#image.scratch, `layer-${number}.tar`);
        const layer = await this.#image.processes.runWith(
          { stdoutTo: archive },
          this.#cfsctl,
          ...this.#layer(store, diffId),
        );
        seconds += layer.seconds;
        found.push(`sha256:${createHash('sha256').update(readFileSync(archive)).digest('hex')}`);
      }
      return { text: found.join('\n'), seconds };
    });
  }

  /** The digest of the manifest that skopeo copies from our export. */
  copiedExport(skopeo: string): Promise<ToolAnswer> {
    const { scratch, processes } = this.#image;
    return answerOf(async () => {
      const store = await this.#imported();
      const layout = join(scratch, 'exported');
      const { seconds } = await this.#image.store('export', store, NAME, '--output', `oci:${layout}:latest`);
      const copy = join(scratch, 'copied-export');
      await processes.run(
        skopeo,
        'copy',
        '--quiet',
        '--preserve-digests',
        `oci:${layout}:latest`,
        `dir:${copy}`,
      );
      const manifest = readFileSync(join(copy, 'manifest.json'));
      return { text: `sha256:${createHash('sha256').update(manifest).digest('hex')}`, seconds };
    });
  }

  /** Our store, with the blobs of the layers. */
  #imported(): Promise<string> {
    const store = join(this.#image.scratch, 'store');
    return this.#image.once('import', async () => {
      await this.#image.store('init', store);
      await this.#image.store('import', store, this.#image.reference, '--name', NAME, '--keep-blobs');
      return store;
    });
  }

  /** The store of composefs-rs. */
  #pulled(): Promise<string> {
    const store = join(this.#image.scratch, 'store-of-composefs-rs');
    return this.#image.once('pull into a store', async () => {
      const init = ['--insecure', '--algorithm', algorithm('sha512'), '--erofs-version', '1'];
      await this.#image.processes.run(this.#cfsctl, 'init', ...init, store);
      await this.#run(store, 'oci', 'pull', this.#image.reference, NAME);
      return store;
    });
  }

  #run(store: string, ...args: readonly string[]) {
    return this.#image.processes.run(this.#cfsctl, '--insecure', '--repo', store, ...args);
  }

  #layer(store: string, diffId: string): string[] {
    return ['--insecure', '--repo', store, 'oci', 'layer', diffId];
  }
}
