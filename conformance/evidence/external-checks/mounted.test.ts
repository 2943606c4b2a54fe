import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { mountingLacks } from './mount.ts';
import { judgeMounted } from './mounted.ts';
import { subjectsOf, type TreeImage } from './subjects.ts';
import { withStatus } from './verdict.ts';

/** A kernel under load takes its time. */
vi.setConfig({ testTimeout: 60_000 });

const folder = temporaryFolder();
afterAll(folder.remove);

const { trees } = subjectsOf(readSuite(join(packageRoot, 'vectors')));
const whiteouts = trees.filter(({ test: { id } }) => id === 'erofs/whiteouts');
const lacks = mountingLacks();

/** The image with `from` replaced by `to`, bytes as text. */
function changed([subject]: readonly TreeImage[], from: string, to: string): TreeImage[] {
  if (subject === undefined) throw new Error('the case is gone');
  const image = readFileSync(subject.image, 'latin1');
  if (!image.includes(from) || from.length !== to.length) throw new Error('nothing to change');
  const path = join(folder.path, 'changed.erofs');
  writeFileSync(path, image.replaceAll(from, to), 'latin1');
  return [{ ...subject, image: path }];
}

async function statuses(images: readonly TreeImage[], loop = false): Promise<string[]> {
  const { rows } = await judgeMounted(images, loop);
  return rows.flatMap(row => [...row.verdicts.values()].map(({ status }) => status));
}

describe.skipIf(lacks !== undefined)(
  `this machine's kernel${lacks === undefined ? '' : ` (${lacks})`}`,
  () => {
    test('shows what is expected of an image, as a file and through a loop device', async () => {
      const all = [...(await statuses(whiteouts)), ...(await statuses(whiteouts, true))];
      // A kernel without EROFS, a container: nothing is judged then, and nothing passes.
      expect(new Set(all).size).toBe(1);
      expect(['pass', 'skip']).toContain(all[0]);
    });

    test('fails an image with another name, or without its marks', async () => {
      for (const [from, to] of [
        ['...fvw', '...fvx'],
        ['overlay.overlay.whiteout', 'overlay.overlay.whiteouT'],
      ] as const) {
        const { rows } = await judgeMounted(changed(whiteouts, from, to));
        const failures = rows.flatMap(row => withStatus(row, 'fail'));
        const skipped = rows.flatMap(row => withStatus(row, 'skip'));
        expect(failures.length > 0 || skipped.length > 0).toBe(true);
      }
    });

    test('fails what is no image', async () => {
      const path = join(folder.path, 'none.erofs');
      writeFileSync(path, Buffer.alloc(8192));
      const { rows } = await judgeMounted(whiteouts.map(subject => ({ ...subject, image: path })));
      expect(rows.flatMap(row => withStatus(row, 'pass'))).toEqual([]);
    });
  },
);

test('every image of the vectors that stands for a tree is a subject', () => {
  expect(trees.length).toBeGreaterThan(100);
  expect(whiteouts).toHaveLength(1);
});
