import { expect, test } from 'vitest';
import { LayoutBuilder } from '../../conformance/generate/builder/layout.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import type { Sha2 } from '../hash/sha2.ts';
import { writeLayout } from '../seal/node/layouts.test.helper.ts';
import { readEntries } from './entries.ts';
import { openLayout } from './layout.ts';

const times = <T>(count: number, of: T): T[] => Array<T>(count).fill(of);

// LAYER-016
test('an index that is listed thousands of times on four levels is read once for each level', async () => {
  const builder = new LayoutBuilder();
  const image = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: 'x', size: 1 };
  const fourth = builder.nested(times(1000, image));
  const third = builder.nested(times(1000, fourth));
  const second = builder.nested([fourth, third].flatMap(each => times(1000, each)));
  const first = builder.nested([fourth, third, second].flatMap(each => times(1000, each)));
  builder.index(...[fourth, third, second, first].flatMap(each => times(1000, each)));
  let reads = 0;
  const sha2: Sha2 = {
    ...nodeSha2,
    create: hash => {
      reads += 1;
      // Without a memory of what was visited, there would be 1000^4 reads.
      if (reads > 10) throw new Error('an index is read again');
      return nodeSha2.create(hash);
    },
  };
  const { images } = await readEntries(await openLayout(writeLayout(builder), sha2), undefined);
  expect(reads).toBe(4 + 3 + 2 + 1);
  expect(images).toHaveLength(1000);
});
