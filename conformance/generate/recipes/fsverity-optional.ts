/**
 * fs-verity digests with blocks of 65536 bytes and with salts, and formatted digests.
 * @module
 */

import type { Recipe } from '../recipe.ts';
import { counted, digests, letters } from './fsverity.ts';

const hello = Uint8Array.from(Buffer.from('hello world'));

/** The case `fsverity/<slug>`: a malformed salt. */
function rejectsSalt(
  slug: string,
  title: string,
  salt: string,
  confirmedBy: readonly string[] = ['fsverity-utils 1.6'],
): Recipe {
  return {
    id: `fsverity/${slug}`,
    make: () => ({
      title,
      op: 'fsverity.digest',
      requirements: ['VERITY-010'],
      needs: ['digest.salt'],
      input: { data: 'in/data' },
      params: { algorithm: 'fsverity-sha256-12', salt },
      expect: { outcome: 'reject', stage: 'request', reasons: ['REQUEST_SALT'] },
      control: 'fsverity/salt-32',
      confirmedBy,
      files: { 'in/data': hello },
    }),
  };
}

export const recipes: readonly Recipe[] = [
  digests('large-blocks-hello', {
    title: 'Blocks of 65536 bytes give 11 bytes a different digest',
    requirements: ['VERITY-008', 'VERITY-006'],
    algorithm: 'fsverity-sha256-16',
    data: hello,
    digest: 'e43fbd1c2c18e909fb47a2fb287668295ebff5e53a5c5df7f8a72f0de88f4fb3',
  }),
  digests('large-blocks-hello-sha512', {
    title: 'Blocks of 65536 bytes give a different digest under SHA-512',
    requirements: ['VERITY-008', 'VERITY-006'],
    algorithm: 'fsverity-sha512-16',
    data: hello,
    digest:
      '9e3e64f7d61b4a7b8aeb229ac78064cff7b2554df4f9fcb24eb5597170bbeb2e0dae9304f4da31fbd82c376a3fa0fa173d13096a8d035f90a41599b98fcd8b7b',
  }),
  digests('large-blocks-empty', {
    title: 'For the empty file, only the block size in the descriptor differs',
    requirements: ['VERITY-008', 'VERITY-005', 'VERITY-006'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha256-16',
    data: counted(0),
    digest: '37a711c20e34543da6c1507ccc4e04258a1725cc672518b1c6d5d03104fb9e95',
  }),
  digests('large-blocks-65535', {
    title: 'A 65536-byte block without its last byte is padded',
    requirements: ['VERITY-008', 'VERITY-003'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha256-16',
    data: counted(65535),
    digest: '1c9580d2eda5ae43d6843b9b171c060b6a9e4994f98d9ce093bcd6db9eb4f44c',
  }),
  digests('large-blocks-65536', {
    title: 'The hash of a single full 65536-byte block is the root hash',
    requirements: ['VERITY-008', 'VERITY-003', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha256-16',
    data: counted(65536),
    digest: '65ed49942bfbf1ec9c846dbdb643a4562076ad6a87fd24dad3b5c51e29474a13',
  }),
  digests('large-blocks-65537', {
    title: 'Two 65536-byte blocks need a second level',
    requirements: ['VERITY-008', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha256-16',
    data: counted(65537),
    digest: 'b169f85f08e97b0603abe91bc990fba894bc2b72f6ed91e6559a3ea22bc1ca44',
  }),
  digests('large-blocks-65536-sha512', {
    title: 'A single full 65536-byte block has one level under SHA-512',
    requirements: ['VERITY-008', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-16',
    data: counted(65536),
    digest:
      '6324cadae30e14e60779ab77b6cab05d0a76d12a9a8a298cfb09f86de3d105a6d91087f805a1232a503ccacc4196ab359288dd4b02bf90394948c8774fcb18d7',
  }),
  digests('large-blocks-65537-sha512', {
    title: 'Two 65536-byte blocks need a second level under SHA-512',
    requirements: ['VERITY-008', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-16',
    data: counted(65537),
    digest:
      '03e0ec97b73bf016ea182bba48361a0aa24fc2eb71999975e3e0aaa2639582bf59a0177bd51194746b586ef24776e9692c7608f94bb94c2af2e429c19e9fd765',
  }),
  digests('large-blocks-1024-sha512', {
    title: 'The hashes of 1024 large blocks fill one block under SHA-512',
    requirements: ['VERITY-008', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-16',
    data: letters(67108864),
    digest:
      '4a95501ced08ce7985f82650303dad03553718fa4afd46945ccbe5e9fcbc741c24a328725a15bfc8324646e0fec1b4faff436ea9f35ba52c1398112e943840a1',
  }),
  digests('large-blocks-1025-sha512', {
    title: 'The hashes of 1025 large blocks need a third level under SHA-512',
    requirements: ['VERITY-008', 'VERITY-004'],
    class: 'EDGE_CASE',
    algorithm: 'fsverity-sha512-16',
    data: letters(67108865),
    digest:
      'b8be47dec57071e3f8393acc0d979aa33d7844bc375008df24c20b25335d6ba78c7547f55f7a46c010b36310edd4ebdda3569aaf8fc561b1db07fb5677b48b4a',
  }),
  digests('salt', {
    title: 'The salt, padded to the input size, precedes each block',
    requirements: ['VERITY-009', 'VERITY-006'],
    data: hello,
    salt: '0123456789abcdef',
    digest: '7c1a988cbcd31c26e2e62a74e667d33bbc009acb0f3965b02e64b4c06033ed13',
  }),
  digests('salt-sha512', {
    title: 'The salt is padded to 128 bytes under SHA-512',
    requirements: ['VERITY-009', 'VERITY-006'],
    algorithm: 'fsverity-sha512-12',
    data: hello,
    salt: '0123456789abcdef',
    digest:
      'bafda827dad79efb4ff021419b8722a87b87c48db1c2572c7dac4e221804dcebd76da7526f90c361592588fc0705c0b4e17ad5da04d30cb1b15d385d91241186',
  }),
  digests('salt-one-byte', {
    title: 'A salt of one zero byte is not an empty salt',
    requirements: ['VERITY-009', 'VERITY-006'],
    class: 'EDGE_CASE',
    data: hello,
    salt: '00',
    digest: '15919759c1dd9fa875d785b0e5438d5bf989d743d1cfe44e0f239ecc31f5bca1',
  }),
  digests('salt-32', {
    title: 'A salt can have 32 bytes',
    requirements: ['VERITY-010', 'VERITY-009'],
    class: 'LIMIT',
    data: hello,
    salt: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    digest: '9f4b0a1d06a1e1e7c1fe7f159745c29ecc5a6aa297a0d8bd2690d087d023fb0b',
  }),
  digests('salt-levels', {
    title: 'The salt precedes blocks of hashes',
    requirements: ['VERITY-009', 'VERITY-004'],
    data: counted(20000),
    salt: '0123456789abcdef',
    digest: '4e519afbc47105bb93ad423f91782be3c518a9a7bf6491db642398887451e5be',
  }),
  digests('salt-empty-file', {
    title: 'The root hash of the empty file does not depend on the salt',
    requirements: ['VERITY-009', 'VERITY-005'],
    class: 'EDGE_CASE',
    data: counted(0),
    salt: '0123456789abcdef',
    digest: '6e063d618f3004dee895607fc73949739bf36c5de81ca4e6ad31062d7188b413',
  }),
  digests('salt-large-blocks', {
    title: 'The salt precedes blocks of 65536 bytes',
    requirements: ['VERITY-009', 'VERITY-008'],
    algorithm: 'fsverity-sha512-16',
    data: counted(65537),
    salt: 'ff',
    digest:
      'c8cec7a31534834b043389da9903c55679ecfef5c81b5c017483fa91c6f171f011cca0752118c8f0c70da80e9b3c404ba8e5157513e96e1facf98c64758d129e',
  }),
  digests('formatted', {
    title: 'The formatted digest contains a magic, the algorithm and the size',
    requirements: ['VERITY-011'],
    data: hello,
    digest: '1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64',
    formatted: '4653566572697479010020001e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64',
  }),
  digests('formatted-sha512', {
    title: 'The formatted digest under SHA-512 has number 2 and size 64',
    requirements: ['VERITY-011'],
    algorithm: 'fsverity-sha512-12',
    data: hello,
    digest:
      '18430270729d162d4e469daca123ae61893db4b0583d8f7081e3bf4f92b88ba514e7982f10733fb6aa895195c5ae8fd2eb2c47a8be05513ce5a0c51a6f570409',
    formatted:
      '46535665726974790200400018430270729d162d4e469daca123ae61893db4b0583d8f7081e3bf4f92b88ba514e7982f10733fb6aa895195c5ae8fd2eb2c47a8be05513ce5a0c51a6f570409',
  }),
  digests('formatted-salt', {
    title: 'The formatted digest does not name the salt or the block size',
    requirements: ['VERITY-011'],
    algorithm: 'fsverity-sha256-16',
    data: hello,
    salt: '01',
    digest: 'ca602f3ac60c8d70fdc0343a44c270c970ef97477566bf2f710b56295120bc47',
    formatted: '465356657269747901002000ca602f3ac60c8d70fdc0343a44c270c970ef97477566bf2f710b56295120bc47',
  }),
  rejectsSalt('salt-33', 'A salt of 33 bytes is rejected', '00'.repeat(33)),
  rejectsSalt('salt-half-byte', 'A salt with an odd number of digits is rejected', '012'),
  rejectsSalt('salt-no-hex', 'A salt that is not hexadecimal is rejected', '0g'),
  // fsverity-utils reads capitals too.
  rejectsSalt('salt-in-capitals', 'A salt with a capital letter is rejected', '0A', []),
];
