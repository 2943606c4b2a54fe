/**
 * Data blocks and tails of directories, and how tails move inodes.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { directory, file, names, writes } from './parts.ts';

/** The size in bytes of the entries `.` and `..`. */
const DOTS = 12 + 1 + 12 + 2;

/** A directory `/d` whose entries have `size` bytes in total; all but the last have 100 bytes each. */
function ofSize(size: number): string {
  const count = Math.floor((size - DOTS) / 100) - 1;
  const last = size - DOTS - 100 * count - 12;
  const all = [...names(count, 88), 'z'.repeat(last)];
  return directory('/', { nlink: '3' }) + directory('/d') + all.map(name => file(`/d/${name}`)).join('');
}

export const recipes: readonly Recipe[] = [
  writes('directory-empty', {
    title: 'An empty directory has a tail with two entries',
    requirements: ['EROFS-014', 'EROFS-029', 'EROFS-030', 'EROFS-045'],
    input: directory('/', { nlink: '3' }) + directory('/d'),
    digest: '7f6dc78705b4c9598172f79587d28434bf5f92f33a8c6c84085cc3180a6ef18f',
  }),
  writes('directory-2048', {
    title: 'Directory entries of 2048 bytes are stored as a tail',
    requirements: ['EROFS-029', 'EROFS-044'],
    class: 'EDGE_CASE',
    input: ofSize(2048),
    digest: 'd1f42c92d4f982326467d26369eda08b04c8f216b7848af68d9818e72d33ce0c',
  }),
  writes('directory-2049', {
    title: 'Directory entries of 2049 bytes are stored as a data block',
    requirements: ['EROFS-029', 'EROFS-047'],
    class: 'EDGE_CASE',
    input: ofSize(2049),
    digest: '6b72f485c238c655c7819643dedfaff44b2c96e4f2b83b13280b7f7bdd047342',
  }),
  writes('directory-4096', {
    title: 'Directory entries of 4096 bytes fill one data block',
    requirements: ['EROFS-029', 'EROFS-047'],
    class: 'EDGE_CASE',
    input: ofSize(4096),
    digest: '95a005864f23ba79a02a8fd17d810dae41b1c4bdc87e4ac9192a6551bb2d3683',
  }),
  writes('directory-4097', {
    title: 'An entry that does not fit into a block goes into the next block',
    requirements: ['EROFS-029', 'EROFS-030'],
    class: 'EDGE_CASE',
    input: ofSize(4097),
    digest: 'e9902fa0fa2070ca2f9a3504ebd29036e3e66e6a33a5d690c78f528021aab325',
  }),
  writes('directory-block-and-tail', {
    title: 'A directory can have a data block and a tail of 2048 bytes',
    requirements: ['EROFS-029', 'EROFS-040', 'EROFS-041'],
    class: 'EDGE_CASE',
    input: ofSize(4027 + 2048),
    digest: '4a66450ea0817c1a16d489bec22222191fd5dac3267f7bc7ada313bc8a53f997',
  }),
  writes('directory-two-blocks', {
    title: 'A directory tail of 2049 bytes becomes a second data block',
    requirements: ['EROFS-029', 'EROFS-041'],
    class: 'EDGE_CASE',
    input: ofSize(4027 + 2049),
    digest: '0e06df19337d0def5373341cb08b6abe62f4b9887046ff452e03936476c48660',
  }),
  writes('directory-1000', {
    title: 'A directory with a thousand names has several blocks',
    requirements: ['EROFS-029', 'EROFS-047'],
    input:
      directory('/', { nlink: '3' }) +
      directory('/d') +
      names(1000, 20)
        .map(name => file(`/d/${name}`))
        .join(''),
    digest: 'cb13abd7a65726f4c61571b250fa38fdc4a722d5d746b32a671178b310b0449f',
  }),
  writes('root-block-and-tail', {
    title: 'The root can have a data block and a tail',
    requirements: ['EROFS-029', 'EROFS-049'],
    input:
      directory('/') +
      names(30, 50)
        .map(name => file(`/${name}`))
        .join(''),
    digest: 'ca2e9f17eb015771bd18bce7d9c6deae3dc56a9723532bbc4bdd7f99e6f14e9a',
  }),
  writes('root-moved-by-its-tail', {
    title: 'A gap before the root keeps its tail within a block',
    requirements: ['EROFS-044', 'EROFS-049', 'EROFS-045'],
    class: 'EDGE_CASE',
    input:
      directory('/', { xattrs: `user.k=${'v'.repeat(1700)}` }) +
      names(30, 50)
        .map(name => file(`/${name}`))
        .join(''),
    digest: '81a63921b0ac852559db029a02195200096fdd343fac262b492e04db84f839c6',
  }),
  writes('tails-moved', {
    title: 'Gaps before inodes keep each tail within a block',
    requirements: ['EROFS-044', 'EROFS-045'],
    input:
      directory('/', { nlink: '12' }) +
      names(10, 5)
        .map((name, i) => tailed(`/${name}`, i))
        .join(''),
    digest: '89ed49643d47412886dc2a1aa22ed9ebf92972c6ce12c960338cb927ea9bb695',
  }),
];

/** A directory with a tail of about 1500 bytes; the size grows with `i`. */
function tailed(path: string, i: number): string {
  const inside = names(14, 90 + i).map(name => file(`${path}/${name}`));
  return directory(path, i % 2 === 0 ? {} : { mtime: '1.0' }) + inside.join('');
}
