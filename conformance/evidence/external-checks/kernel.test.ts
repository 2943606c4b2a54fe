import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { checkInputsOf, type TreeImage } from './check-inputs.ts';
import { withStatus } from './check-results.ts';
import { checkByKernel } from './kernel.ts';
import { whyCannotMount } from './mount.ts';

/** Mounting is slow on a machine under load. */
vi.setConfig({ testTimeout: 60_000 });

const folder = temporaryFolder();
afterAll(folder.remove);

const { trees } = checkInputsOf(readSuite(join(packageRoot, 'vectors')));
const whiteouts = trees.filter(({ test: { id } }) => id === 'erofs/whiteouts');
const obstacle = whyCannotMount();

/** The image with `from` replaced by `to`, as strings of one character per byte. */
function changed([original]: readonly TreeImage[], from: string, to: string): TreeImage[] {
  if (original === undefined) throw new Error('the case erofs/whiteouts is missing');
  const image = readFileSync(original.image, 'latin1');
  if (!image.includes(from) || from.length !== to.length) throw new Error('nothing to change');
  const path = join(folder.path, 'changed.erofs');
  writeFileSync(path, image.replaceAll(from, to), 'latin1');
  return [{ ...original, image: path }];
}

async function statuses(images: readonly TreeImage[], loop = false): Promise<string[]> {
  const { rows } = await checkByKernel(images, loop);
  return rows.flatMap(row => [...row.results.values()].map(({ status }) => status));
}

describe.skipIf(obstacle !== undefined)(
  `this machine's kernel${obstacle === undefined ? '' : ` (${obstacle})`}`,
  () => {
    test('shows the expected listing of an image, mounted as a file and through a loop device', async () => {
      const all = [...(await statuses(whiteouts)), ...(await statuses(whiteouts, true))];
      // With a kernel without EROFS, or in a container, all checks are skipped and none passes.
      expect(new Set(all).size).toBe(1);
      expect(['pass', 'skip']).toContain(all[0]);
    });

    test('fails an image with a changed name or a changed whiteout attribute', async () => {
      for (const [from, to] of [
        ['...fvw', '...fvx'],
        ['overlay.overlay.whiteout', 'overlay.overlay.whiteouT'],
      ] as const) {
        const { rows } = await checkByKernel(changed(whiteouts, from, to));
        const failures = rows.flatMap(row => withStatus(row, 'fail'));
        const skipped = rows.flatMap(row => withStatus(row, 'skip'));
        expect(failures.length > 0 || skipped.length > 0).toBe(true);
      }
    });

    test('fails a file that is not an image', async () => {
      const path = join(folder.path, 'none.erofs');
      writeFileSync(path, Buffer.alloc(8192));
      const { rows } = await checkByKernel(whiteouts.map(original => ({ ...original, image: path })));
      expect(rows.flatMap(row => withStatus(row, 'pass'))).toEqual([]);
    });
  },
);

test('every image of the vectors that represents a tree is checked', () => {
  expect(trees.length).toBeGreaterThan(100);
  expect(whiteouts).toHaveLength(1);
});
