import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type DiskFaults, diskImage, hashTree, offsets } from '../../generate/builder/ddi.ts';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { signatureBy, small, smallRoot } from '../../generate/recipes/ddi/parts.ts';
import { programPath } from '../../implementations/install/paths.ts';
import type { DiskImageFacts } from './disk-image-facts.ts';
import { checkByDissect, checkByRepart } from './systemd-disk-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'systemd-disk-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { certificate } = testKeys.rsa;
const rootHash = hashTree(small).root.toString('hex');

function unsigned(faults: DiskFaults = {}): DiskImageFacts {
  return { disk: diskImage(small, undefined, faults), image: small, rootHash, certificate: undefined };
}

function signed(signature: Buffer = signatureBy(testKeys.rsa)): DiskImageFacts {
  return { disk: diskImage(small, signature), image: small, rootHash, certificate };
}

/** Sets bytes of the entry `number` in both tables. */
function inEntry(number: number, at: number, hex: string): DiskFaults {
  return { table: table => void table.write(hex, number * 128 + at, 'hex') };
}

const { entry } = offsets;

describe.skipIf(programPath('systemd-repart') === undefined)('systemd-repart', () => {
  test('finds the partitions, and changes none', () => {
    expect(checkByRepart(unsigned(), folder)).toEqual({ status: 'pass' });
    expect(checkByRepart(signed(), folder)).toEqual({ status: 'pass' });
  });

  test.each([
    ['type', inEntry(0, entry.type, '00')],
    ['UUID', inEntry(1, entry.uuid, '00')],
    ['first sector', inEntry(0, entry.first, '0808')],
    ['name', inEntry(1, entry.name, '43')],
    ['table', { disk: disk => disk.fill(0, 512, 1024).fill(0, disk.length - 512) } as DiskFaults],
  ])('does not pass a disk image with a different %s', (_, faults) => {
    expect(checkByRepart(unsigned(faults), folder).status).toBe('fail');
  });
});

describe.skipIf(programPath('systemd-dissect') === undefined || process.arch !== 'x64')(
  'systemd-dissect',
  () => {
    test('finds a root file system with a hash tree, or a signed one, if the types are those of one', () => {
      expect(checkByDissect(unsigned(), folder)).toEqual({ status: 'pass' });
      expect(checkByDissect(signed(), folder)).toEqual({ status: 'pass' });
    });

    test('is not taken for a system without the types of one', () => {
      const automatic = (table: Buffer) => {
        table.write('e3bc684fcde8b14d96e7fbcaf984b709', entry.type, 'hex');
        table.write('10', entry.attributes + 7, 'hex');
      };
      expect(checkByDissect(unsigned({ table: automatic }), folder)).toEqual({
        status: 'fail',
        why: 'it takes the disk image for a root file system',
      });
    });

    test('does not pass another root hash, or an unsigned disk image as a signed one', () => {
      const other = smallRoot.replace(/^./, '0');
      expect(checkByDissect({ ...unsigned(), rootHash: other }, folder).status).toBe('fail');
      expect(checkByDissect({ ...unsigned(), certificate }, folder).status).toBe('fail');
    });

    test('does not pass a signature partition without the object', () => {
      expect(checkByDissect(signed(Buffer.alloc(4096, '{')), folder).status).toBe('fail');
    });
  },
);
