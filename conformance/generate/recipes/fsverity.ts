/**
 * fs-verity digests with blocks of 4096 bytes.
 * @module
 */

import { createHash } from 'node:crypto';
import type { GeneratedBytes } from '../../suite/case.ts';
import type { Draft, Recipe } from '../recipe.ts';

type Algorithm = `fsverity-${'sha256' | 'sha512'}-${'12' | '16'}`;

/** Data, and its digest. */
interface Digested extends Pick<Draft, 'class' | 'links'> {
  readonly title: string;
  readonly requirements: readonly string[];
  readonly algorithm?: Algorithm;
  readonly data: Uint8Array | GeneratedBytes;
  /** In hexadecimal. Default: none. */
  readonly salt?: string;
  readonly digest: string;
  /** The formatted digest in hexadecimal, if the case requests it. */
  readonly formatted?: string;
}

/** The case `fsverity/<slug>`; fsverity-utils computes the same digest. */
export function digests(
  slug: string,
  { algorithm = 'fsverity-sha256-12', data, salt, digest, formatted, ...rest }: Digested,
): Recipe {
  const needs = [
    ...(algorithm === 'fsverity-sha256-12' ? [] : [algorithm.replace('fsverity-', 'digest.')]),
    ...(salt === undefined ? [] : ['digest.salt']),
    ...(formatted === undefined ? [] : ['digest.formatted']),
  ];
  return {
    id: `fsverity/${slug}`,
    make: () => ({
      op: 'fsverity.digest',
      needs,
      input: { data: 'generate' in data ? data : 'in/data' },
      params: { algorithm, ...(salt === undefined ? {} : { salt }) },
      expect: {
        outcome: 'accept',
        values: { digest, ...(formatted === undefined ? {} : { formatted }) },
      },
      files: 'generate' in data ? {} : { 'in/data': data },
      confirmedBy: ['fsverity-utils 1.6'],
      ...rest,
    }),
  };
}

/** `size` bytes with different blocks: the numbers from 0 up, 32 bits each. */
export function counted(size: number): Uint8Array {
  const bytes = Buffer.alloc(Math.ceil(size / 4) * 4);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(i / 4, i);
  return Uint8Array.from(bytes.subarray(0, size));
}

/** `size` letters a, generated instead of stored. */
export function letters(size: number): GeneratedBytes {
  const sha256 = createHash('sha256');
  for (let left = size; left > 0; left -= 4096) sha256.update('a'.repeat(Math.min(left, 4096)));
  return { generate: { patternHex: '61', size, sha256: sha256.digest('hex') } };
}

export const recipes: readonly Recipe[] = [
  digests('empty', {
    title: 'The empty file has a root hash of zero bytes',
    requirements: ['VERITY-005', 'VERITY-006', 'VERITY-007'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs/issues/442'],
    data: counted(0),
    digest: '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95',
  }),
  digests('empty-sha512', {
    title: 'The empty file has a root hash of zero bytes under SHA-512',
    requirements: ['VERITY-005', 'VERITY-001'],
    algorithm: 'fsverity-sha512-12',
    data: counted(0),
    digest:
      'ccf9e5aea1c2a64efa2f2354a6024b90dffde6bbc017825045dce374474e13d10adb9dadcc6ca8e17a3c075fbd31336e8f266ae6fa93a6c3bed66f9e784e5abf',
  }),
  digests('hello', {
    title: 'The example in the standard has the stated digest',
    requirements: ['VERITY-001', 'VERITY-003', 'VERITY-006', 'VERITY-007'],
    data: Uint8Array.from(Buffer.from('hello world')),
    digest: '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64',
  }),
  digests('one-byte', {
    title: 'A single byte is padded to a block',
    requirements: ['VERITY-003', 'VERITY-006'],
    data: counted(1),
    digest: 'b803429503d95915829b29fdbc8bbad142f3abfd11b1cadf5526582e685c0551',
  }),
  digests('one-byte-sha512', {
    title: 'A single byte is padded to a block under SHA-512',
    requirements: ['VERITY-001', 'VERITY-003', 'VERITY-006'],
    algorithm: 'fsverity-sha512-12',
    data: counted(1),
    digest:
      '9fcf5172b085b1c8f9365eecb37a1869e193a4705654a5829f11939cd01d5c0fd97276be8cd9d49f76cfc8dcfeb80f8128e3548a1de50b56912b9e3fc7bde27b',
  }),
  digests('zero-byte', {
    title: 'The size distinguishes zero bytes of data from padding',
    requirements: ['VERITY-006'],
    class: 'EDGE_CASE',
    data: new Uint8Array(2),
    digest: '10e15ad8705fcb8bedb5188cf5ea9f99128b9789376564f4c3801d49624c44c2',
  }),
  digests('size-4095', {
    title: 'A block without its last byte is padded',
    requirements: ['VERITY-003'],
    class: 'EDGE_CASE',
    data: counted(4095),
    digest: 'f495ae52160f349607d1f617943d9b10a2e0bafb20e3387e801343aa6d177261',
  }),
  digests('size-4096', {
    title: 'The hash of a single full block is the root hash',
    requirements: ['VERITY-003', 'VERITY-004'],
    class: 'EDGE_CASE',
    data: counted(4096),
    digest: '45b6a4ca48e9910eaa53991c9d74ccd2c316ccea1175a0896da3194e90bf334e',
  }),
  digests('size-4096-sha512', {
    title: 'The hash of a single full block is the root hash under SHA-512',
    requirements: ['VERITY-001', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-12',
    data: counted(4096),
    digest:
      '0e02c4ae4deef4e1060cd701267907e4b3f898a691472826d949f2dc383ee101f99b54b1817989fbbf96bc013833125e4287c913107fc345a77ac028c1243a4c',
  }),
  digests('size-4097', {
    title: 'Two blocks need a second level',
    requirements: ['VERITY-004'],
    class: 'EDGE_CASE',
    data: counted(4097),
    digest: '3903d881e6313426fea54bb4232d3d7c14d9f39efa98c72040128cd06ea83571',
  }),
  digests('size-4097-sha512', {
    title: 'Two blocks need a second level under SHA-512',
    requirements: ['VERITY-001', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-12',
    data: counted(4097),
    digest:
      'f454fa4d365817b6fe73d388ba83823aef650de370d61eac40f02e464f458e49c7f9a7055a315db57a9207bf55aeab79c5961165b483929da1366a7a264b78c6',
  }),
  digests('blocks-differ', {
    title: 'Hashes are in the order of the blocks',
    requirements: ['VERITY-003', 'VERITY-004'],
    data: counted(20_000),
    digest: 'ac70dce5e97a4c38809a6831b3e0069157b7c90edba3fb3917a987bde6ece0ef',
  }),
  digests('blocks-128', {
    title: 'The hashes of 128 blocks fill one block',
    requirements: ['VERITY-004'],
    class: 'EDGE_CASE',
    data: letters(128 * 4096),
    digest: '35ce0df2a57eb54aeba7969570bac9dfadfac295ec181a03f13ac7a7da54909e',
  }),
  digests('blocks-129', {
    title: 'The hashes of 129 blocks need a third level',
    requirements: ['VERITY-004'],
    class: 'EDGE_CASE',
    data: letters(128 * 4096 + 1),
    digest: 'cc4f297494cf9e0b6f159db6d30a62d3fcc219fc9c0cbc2d8792bd264da4d9cb',
  }),
  digests('blocks-64-sha512', {
    title: 'The hashes of 64 blocks fill one block under SHA-512',
    requirements: ['VERITY-001', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-12',
    data: letters(64 * 4096),
    digest:
      '2328f25279bc64639d2ecffdf896fe6ef7b5964696e221d96d25a25a4916b41693a4dd835c4f6ecb0df9a8f5b9df64fd80baeb9e42ab816312dc61e7acc1bf01',
  }),
  digests('blocks-65-sha512', {
    title: 'The hashes of 65 blocks need a third level under SHA-512',
    requirements: ['VERITY-001', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-12',
    data: letters(64 * 4096 + 1),
    digest:
      '9ee7c2479abdcaa2149871324c5da9816c2ee097e9952967f92cbf0d2e2638b274748a2fed14cc934d2143f16cb353b967c8e073d3a871a96154ce7b93c97c75',
  }),
  digests('four-levels', {
    title: 'The hashes of 16385 blocks need a fourth level',
    requirements: ['VERITY-004'],
    class: 'EDGE_CASE',
    data: letters(128 * 128 * 4096 + 1),
    digest: '4941c3476d3858778456d8719299de3d84d4541237c259b3ed4bcc96ed0fd828',
  }),
  {
    id: 'fsverity/unknown-block-size',
    make: () => ({
      title: 'An algorithm with blocks of 16384 bytes is rejected',
      op: 'fsverity.digest',
      requirements: ['VERITY-002'],
      input: { data: 'in/data' },
      params: { algorithm: 'fsverity-sha256-14' },
      expect: { outcome: 'reject', stage: 'request', reasons: ['REQUEST_ALGORITHM'] },
      control: 'fsverity/hello',
      files: { 'in/data': Uint8Array.from(Buffer.from('hello world')) },
    }),
  },
];
