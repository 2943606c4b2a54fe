/**
 * Regular files and symbolic links: inline content, data blocks, chunks, objects.
 * @module
 */

import { longContent, type Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import {
  COMPOSEFS_RS,
  digest,
  directory,
  external,
  FSCK,
  FSVERITY,
  file,
  LINUX,
  MKCOMPOSEFS,
  object,
  objectOf,
  onlyC,
  rejectsTree,
  symlink,
  tailEndsWithBlock,
  type Written,
  writes,
} from './parts.ts';

const long = 'ab'.repeat(64);
const longObject = objectOf(long);
const GIB = 2n ** 30n;

/** Accepted by mkcomposefs only: composefs-rs has a lower limit. */
const aboveRust = {
  confirmedBy: [MKCOMPOSEFS, FSVERITY, FSCK, LINUX],
  links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/lib.rs'],
} as const;

/** A file with more content than every parser has to accept (DUMP-042). */
function largeInline(
  size: number,
  about: Pick<Written, 'title' | 'requirements' | 'digest' | 'class'>,
): Recipe {
  return writes(`inline-${size}`, {
    ...aboveRust,
    optional: longContent,
    control: 'inline-512',
    input: root + file('/a', 'a'.repeat(size)) + file('/b', 'b'),
    ...about,
  });
}

/** A symbolic link with a target of `length` bytes, and a file after it. */
function longSymlink(
  length: number,
  about: Pick<Written, 'title' | 'requirements' | 'digest' | 'class'>,
): Recipe {
  return writes(`symlink-${length}`, {
    ...aboveRust,
    input: root + symlink('/s', 't'.repeat(length)) + file('/z', 'z'),
    ...about,
  });
}

export const recipes: readonly Recipe[] = [
  writes('inline-small', {
    title: 'Content of 0, 1 and 64 bytes is stored next to the inode',
    requirements: ['EROFS-033', 'EROFS-039', 'EROFS-040', 'EROFS-045'],
    input: root + file('/a') + file('/b', 'x') + file('/c', 'y'.repeat(64)),
    digest: '3962052f5889a276b8edb4ad4014c68e9628ed64ca38168ef9769035a98eef47',
  }),
  writes('inline-512', {
    title: 'A tail of 512 bytes is moved if it would cross a block',
    requirements: ['EROFS-033', 'EROFS-044'],
    input:
      root +
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
        .map(name => file(`/${name}`, name.repeat(512)))
        .join(''),
    digest: '258b134c235180a72b09b639a8e282fddea03c3cd1e7579ede2113a1c0c968f1',
  }),
  writes('tail-ends-with-block', {
    title: 'A tail that ends with its block is not moved',
    requirements: ['EROFS-044'],
    class: 'EDGE_CASE',
    input: tailEndsWithBlock,
    digest: 'fbe4559e73351da4fdc86cea1ebf97a46f131af624ac89e601fa5418f658cd20',
  }),
  largeInline(2048, {
    title: 'Content of 2048 bytes is stored as a tail',
    requirements: ['EROFS-033', 'EROFS-044'],
    digest: '4bb4f86a2ed3086e92a6c77986ab1b3b03418921100a2930add3be1545441129',
  }),
  largeInline(2049, {
    title: 'Content of 2049 bytes is stored as a data block',
    requirements: ['EROFS-033', 'EROFS-047'],
    digest: '5fbe0928dc7b2a6e1b29a6faa13b3cdf2215b1e90ef786aabc27b2fdbdb99b3e',
  }),
  largeInline(4096, {
    title: 'Content of 4096 bytes is stored as a data block',
    requirements: ['EROFS-033', 'EROFS-047'],
    digest: 'f0a21fb392df0f6021b79f6038ebbd6c1dad735e7dbbb55db668239607fadbfd',
  }),
  largeInline(4097, {
    title: 'Content of 4097 bytes is stored as a data block and a tail',
    requirements: ['EROFS-033', 'EROFS-041'],
    digest: '006d55329427ed78e0c93d42e0bb936bef8277a01c5eccca2f246779e1777e6f',
  }),
  largeInline(5000, {
    title: 'Content of 5000 bytes is stored as a data block and a tail',
    requirements: ['EROFS-033', 'EROFS-041'],
    class: 'LIMIT',
    digest: '4bad72fc0e874eeebd21e9c7999c2d44032e2da397a69f8bb9f520f9771dad04',
  }),
  writes('external', {
    title: 'An external file names its object and the digest of the object',
    requirements: ['EROFS-006', 'EROFS-007', 'EROFS-034', 'EROFS-039', 'EROFS-041'],
    input: root + external('/a', '65', { payload: object, digest }),
    digest: '940c3820af702326be3c55d767fc9f8adfde63e766de4ed37b03e63298ebc09d',
  }),
  writes('external-sha512', {
    title: 'A SHA-512 object digest has 64 bytes and algorithm number 2',
    requirements: ['EROFS-006', 'EROFS-003'],
    needs: ['digest.sha512-12'],
    confirmedBy: [FSVERITY, FSCK, LINUX],
    input: root + external('/a', '65', { payload: longObject, digest: long }),
    algorithm: 'fsverity-sha512-12',
    digest:
      '50c7f9bb3c762f6560d7aca0bbe2819034b7d18cfe746d3cea7d93e5fff300572d3f3a481cd082419fb016acf0d10f8f70a546c7df8a7541058732421b7717ec',
  }),
  writes('external-same-object', {
    title: 'Two files with the same object share their overlay attributes',
    requirements: ['EROFS-006', 'EROFS-007', 'EROFS-021'],
    input:
      root +
      external('/a', '65', { payload: object, digest }) +
      external('/b', '65', { payload: object, digest }),
    digest: 'aa018f9a5e1abbe5c51837b21bf565e3de40f1d09c77b0513afe76f7305f42e3',
  }),
  writes('external-without-digest', {
    title: 'An external file without a digest has an empty metacopy attribute',
    requirements: ['EROFS-006', 'EROFS-007'],
    input: root + external('/a', '65', { payload: object }),
    digest: 'fc0568e454fa17ea37d5ddd50d61960b2701ab9521021301cf53267ae0711023',
  }),
  writes('external-without-object', {
    title: 'An external file without a payload has no redirect attribute',
    requirements: ['EROFS-006', 'EROFS-007', 'EROFS-034'],
    input: root + external('/a', '1') + external('/b', '4096'),
    digest: 'a2878d859c2adf7c4bdba54d7a200b3d5c496c12a3982d06744befc1835d3094',
  }),
  writes('external-other-path', {
    title: 'The redirect is the payload, not derived from the digest',
    requirements: ['EROFS-007'],
    ...onlyC,
    input: root + external('/a', '65', { payload: 'objects/of/another/store', digest }),
    digest: '7c9460b2c57d5af7466b328b0b590db446ec2773d84961d8b17c830b1dc81d3a',
  }),
  writes('external-sizes', {
    title: 'The chunk size grows with the file size, up to 2^43',
    requirements: ['EROFS-034', 'EROFS-036', 'EROFS-041', 'EROFS-040'],
    class: 'EDGE_CASE',
    input:
      root +
      [
        1n,
        2n,
        4096n,
        4097n,
        8192n,
        8193n,
        4n * GIB - 1n,
        4n * GIB,
        4n * GIB + 1n,
        8192n * GIB,
        8192n * GIB + 1n,
      ]
        .map((size, i) => external(`/${String.fromCharCode(0x61 + i)}`, String(size)))
        .join(''),
    digest: '604d67bd3368a6b28c314d84741c7576e75986c4b372be162c641858a3707083',
  }),
  writes('external-largest', {
    title: 'A file of 2^53 bytes has 1024 chunks',
    requirements: ['EROFS-034', 'EROFS-044'],
    class: 'LIMIT',
    input: root + external('/a', String(2n ** 53n)) + file('/b', 'b'),
    digest: '699a4f0c267f17fd2a5cfeb60f0cc9b8f972eb09c8cb0afb7def3b4044e9137b',
  }),
  writes('external-chunks-in-block', {
    title: 'Chunk addresses that do not fit next to the inode get a data block',
    requirements: ['EROFS-044', 'EROFS-047', 'EROFS-041'],
    class: 'LIMIT',
    input: root + external('/a', String(2n ** 53n), { xattrs: 'user.k=v' }) + file('/b', 'b'),
    digest: '4653e63bdc3f4f80b0e2cca10b0152e9519acb3c9acfc6709202c37fc0dbe783',
  }),
  writes('external-chunks-1021-and-1022', {
    title: 'A block of chunk addresses is full, however many chunks there are',
    requirements: ['EROFS-044', 'EROFS-047', 'EROFS-034'],
    class: 'LIMIT',
    // The attribute body has 44 bytes: 1021 addresses fit behind it, 1022 do not.
    input:
      root +
      external('/a', String(1021n * 2n ** 43n), { xattrs: 'user.a=v' }) +
      external('/b', String(1022n * 2n ** 43n), { xattrs: 'user.b=v' }) +
      file('/c', 'c'),
    digest: 'c8c260a201f251f285a80980c190d0e2185f035e2a26edaeeb25c870baa6cbf4',
  }),
  writes('external-empty', {
    title: 'A file of size 0 has no object, whatever its line says',
    requirements: ['EROFS-006', 'EROFS-007', 'EROFS-034'],
    ...onlyC,
    input: root + external('/a', '0', { payload: object, digest }),
    digest: 'b8d6206e85b56c9132740d4c1028072c84af63b64d0ad45d908a0803e6779e62',
  }),
  writes('symlink-short', {
    title: 'A short target is stored next to the inode',
    requirements: ['EROFS-032', 'EROFS-045'],
    input: root + symlink('/a', 't') + symlink('/b', '../target'),
    digest: 'ff3572e9fac517473e6051e5a1e1f4044c837ce20592a43944bf2e4aa93b9d96',
  }),
  writes('symlink-block-crossed', {
    title: 'A symlink that would cross a block begins at the next block',
    requirements: ['EROFS-043'],
    class: 'EDGE_CASE',
    input: root + ['a', 'b', 'c', 'd', 'e', 'f'].map(name => symlink(`/${name}`, name.repeat(1000))).join(''),
    digest: '90230a1004766b226072128dfd1d683766f71be7d6a5babf805b306c9aef7fbe',
  }),
  ...(
    [
      [
        735,
        'ends one byte before its block is not moved',
        '4c8636a1df98cce7ce26bab52e7e8e87f6fea90372b7c0efc48be22802aa5e55',
      ],
      [
        736,
        'ends with its block is not moved',
        'c1328a396e51a17caeee2cf4db70001e70e9df24df1dbcfa9f5838a6ec1a8e60',
      ],
      [
        737,
        'would cross its block by one byte begins at the next',
        '96709cf0eb39a035a743280dc5516760a890b83b10f3ac8153373dac5b61c56c',
      ],
    ] as const
  ).map(([length, what, known]) =>
    writes(`symlink-before-block-${length}`, {
      title: `A symlink that ${what}`,
      requirements: ['EROFS-043'],
      class: 'EDGE_CASE',
      // /m begins at byte 1216 of a block, and /o at byte 3328 or 4096; the forms have 32 bytes.
      input:
        root +
        symlink('/m', 'm'.repeat(1000)) +
        symlink('/n', 'n'.repeat(1000)) +
        symlink('/o', 'o'.repeat(length)) +
        file('/p', 'p'),
      digest: known,
    }),
  ),
  longSymlink(4031, {
    title: 'A target of 4031 bytes fits next to a compact inode',
    requirements: ['EROFS-043', 'EROFS-032'],
    class: 'EDGE_CASE',
    digest: '19c0391b1c9f768747c2b863a3445ea623d0d0e1f23b71baf33e8b6c42ae855b',
  }),
  longSymlink(4063, {
    title: 'A target of 4063 bytes just fits next to a compact inode',
    requirements: ['EROFS-043', 'EROFS-032'],
    class: 'EDGE_CASE',
    digest: '6ae3ed9d5ae99d8bd09f211f1a87a23a3a52b7aa8704472847f2dd56c5b83078',
  }),
  longSymlink(4064, {
    title: 'A target of 4064 bytes gets a data block, its inode a new block',
    requirements: ['EROFS-043', 'EROFS-047'],
    class: 'EDGE_CASE',
    digest: 'cdea170e25d99c596137804b401a61d42e695e2c8f9eb9c213d2e2b278b2d63e',
  }),
  longSymlink(4095, {
    title: 'A target of 4095 bytes gets a data block',
    requirements: ['EROFS-043', 'EROFS-047'],
    class: 'LIMIT',
    digest: '06d968d8c672fad6e39839a33a07ae90d012859edb88862413b1efbffb25254d',
  }),
  writes('many-kinds-of-places', {
    title: 'Inodes of many sizes follow one another',
    requirements: ['EROFS-042', 'EROFS-043', 'EROFS-044'],
    input:
      directory('/') +
      Array.from({ length: 40 }, (_, i) => {
        const name = `/n${String(i).padStart(2, '0')}`;
        const more = {
          mtime: i % 3 === 0 ? '5.0' : '0.0',
          ...(i % 4 === 0 ? { xattrs: `user.k=${'v'.repeat(i)}` } : {}),
        };
        if (i % 3 === 0) return file(name, 'c'.repeat((i * 37) % 500), more);
        return i % 3 === 1
          ? symlink(name, 't'.repeat(1 + ((i * 53) % 900)), more)
          : external(name, String(65 + i), more);
      }).join(''),
    digest: '402a61c82ef0afa2c1a441f5cd0f9a5f2ef542a041b0d800c8d1511a8194beef',
  }),
  rejectsTree('digest-too-short', {
    title: 'A SHA-256 object digest in a SHA-512 image is rejected',
    requirements: ['EROFS-003'],
    needs: ['digest.sha512-12'],
    input: root + external('/a', '65', { payload: object, digest }),
    params: { algorithm: 'fsverity-sha512-12' },
    reasons: ['EROFS_DIGEST_SIZE'],
    control: 'external-sha512',
  }),
  rejectsTree('digest-too-long', {
    title: 'A SHA-512 object digest in a SHA-256 image is rejected',
    requirements: ['EROFS-003'],
    input: root + external('/a', '65', { payload: longObject, digest: long }),
    reasons: ['EROFS_DIGEST_SIZE'],
    confirmedBy: [`${COMPOSEFS_RS} (in its parser)`],
    control: 'external',
  }),
  rejectsTree('another-algorithm', {
    title: 'An image with an unknown algorithm is rejected',
    requirements: ['VERITY-002'],
    input: root + external('/a', '65', { payload: object, digest }),
    params: { algorithm: 'fsverity-sha256-14' },
    stage: 'request',
    reasons: ['REQUEST_ALGORITHM'],
    control: 'external',
  }),
  writes('external-almost-its-object', {
    title: 'A payload that differs from the object path in one byte is kept',
    requirements: ['EROFS-006', 'EROFS-007'],
    ...onlyC,
    input:
      root +
      [
        `4${object.slice(1)}`,
        `${object.slice(0, 1)}b${object.slice(2)}`,
        `${object.slice(0, 2)}-${object.slice(3)}`,
        `${object.slice(0, 3)}4${object.slice(4)}`,
        `${object.slice(0, -2)}4a`,
        `${object.slice(0, -1)}b`,
        `${object}5`,
      ]
        .map((payload, i) => external(`/f${i}`, '65', { payload, digest }))
        .join(''),
    digest: 'c9217acd53806b3518699b158abe21ba93c6900236db772e9c91d05f018131b7',
  }),
];
