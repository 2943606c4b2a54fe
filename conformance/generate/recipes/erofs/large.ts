/**
 * Images of more bytes than a writer has to hold at a time. Their files are expected to have a digest only, because the
 * images would be longer than all other files of the vectors.
 * @module
 */

import type { Draft, Recipe } from '../../recipe.ts';
import { bytes, root } from '../dumpfile/lines.ts';
import { COMPOSEFS_RS, directory, external, file, MKCOMPOSEFS, names } from './parts.ts';

interface Large extends Pick<Draft, 'title' | 'requirements' | 'class'> {
  readonly input: string;
  readonly digest: string;
}

/** The case `erofs/<slug>`: the image of `input` has this digest. */
function digests(slug: string, { input, digest, ...about }: Large): Recipe {
  return {
    id: `erofs/${slug}`,
    make: () => ({
      ...about,
      op: 'erofs.write',
      input: { dumpfile: 'in/dumpfile' },
      params: { format: 'v1', algorithm: 'fsverity-sha256-12' },
      expect: { outcome: 'accept', values: { digest } },
      files: { 'in/dumpfile': bytes(input) },
      confirmedBy: [MKCOMPOSEFS, COMPOSEFS_RS],
    }),
  };
}

/** Files whose 1024 chunks have a data block. */
const blocks = Array.from({ length: 260 }, (_, i) =>
  external(`/f${String(i).padStart(3, '0')}`, String(2n ** 53n), {
    uid: String(i * 300),
    xattrs: 'user.k=v',
  }),
);

/** Files with 1024 chunks down to 425, each with an owner of its own. */
const chunks = Array.from({ length: 600 }, (_, i) =>
  external(`/f${String(i).padStart(3, '0')}`, String(2n ** 53n - BigInt(i) * 2n ** 43n), {
    uid: String(i * 200),
  }),
);

export const recipes: readonly Recipe[] = [
  digests('image-of-2-mib', {
    title: 'An image of about 2 MiB is written completely and in order',
    requirements: ['EROFS-045', 'EROFS-034'],
    class: 'EDGE_CASE',
    input: root + chunks.join(''),
    digest: 'b21ca49e871062a7f129f92e0fec88bb6f1579e26ba6b5deef89c738b8d1a3cb',
  }),
  digests('data-blocks-of-1-mib', {
    title: 'Data blocks of more than 1 MiB are written completely',
    requirements: ['EROFS-045', 'EROFS-046', 'EROFS-047', 'EROFS-041'],
    class: 'EDGE_CASE',
    input:
      directory('/', { nlink: '3' }) +
      blocks.join('') +
      directory('/z') +
      names(30, 90)
        .map(name => file(`/z/${name}`))
        .join(''),
    digest: 'b5a5d05d68c806fbfc0f028a7ba1bdf30016a4dc561a7bf1e20b164af62545eb',
  }),
];
