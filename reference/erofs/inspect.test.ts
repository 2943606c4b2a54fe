import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { erofsFields } from '../../conformance/generate/image-map/decode.ts';
import { digest, imageOf, object } from '../../conformance/generate/recipes/erofs/parts.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { mappedImage } from '../../conformance/suite/read-image-map.ts';
import { caseFolder, readSuite } from '../../conformance/suite/read-suite.ts';
import { ascii, byteString } from '../bytes.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { erofsFormats } from './format-rules.ts';
import { inspectErofs, inspectInode, structureName, valueText } from './inspect.ts';
import { randomImage } from './random-image.test.helper.ts';
import { writeErofs } from './write.ts';

vi.setConfig({ testTimeout: 60_000 });

/** The expected image of each case. */
function expectedImages(): [id: string, image: Uint8Array][] {
  const suite = readSuite(join(packageRoot, 'vectors'));
  return suite.cases.flatMap(test => {
    const path = mappedImage(test);
    return path === undefined ? [] : [[test.id, readFileSync(join(caseFolder(suite, test), path))]];
  });
}

/** The fields of `image` according to the inspector, as text. */
function inspected(image: Uint8Array): string[] {
  return [...inspectErofs(image)].flatMap(structure => {
    return structure.fields.map(({ at, size, name }) => {
      const where = structure.kind === 'gap' ? 'gap' : structureName(structure);
      return `${at} ${size} ${where}, ${name}`;
    });
  });
}

/** The same text, from the decoder of the conformance suite. */
function decoded(image: Uint8Array): string[] {
  return erofsFields(image).map(({ start, size, where, name }) => {
    return `${start} ${size} ${where.startsWith('gap before') ? 'gap' : where}, ${name}`;
  });
}

describe('inspection', () => {
  it.each(expectedImages())(
    'finds the same fields as the decoder of the conformance suite: %s',
    (_, image) => {
      expect(inspected(image)).toEqual(decoded(image));
    },
  );

  it.each(erofsFormats)('finds the same fields as that decoder in random images: %s', format => {
    for (let seed = 0; seed < 25; seed++) {
      const image = randomImage(seed, format);
      expect(inspected(image), `seed ${seed}`).toEqual(decoded(image));
    }
  });
});

const dumpfile = [
  '/ 0 40755 3 0 0 0 0.0 - - -\n',
  '/x 0 40755 2 0 0 0 5.0 - - -\n',
  '/x/f\\xff 3 100640 2 0 0 0 1700000000.7 - abc - user.k=v\n',
  '/xlink 0 @100640 - - - - 0.0 /x/f\\xff - -\n',
  '/xnull 0 20666 1 0 0 259 0.0 - - -\n',
  `/xo 5000 100644 1 0 0 0 0.0 ${object} - ${digest}\n`,
].join('');
const file = 'inode 260 /x/f\\xff';

describe('the inspection of one inode', () => {
  const image = imageOf(dumpfile);

  /** Structure, field, value and meaning of everything that belongs to the inode at `path`. */
  const fields = (path: string): string[] => {
    const structures = inspectInode(image, byteString(Buffer.from(path, 'latin1')));
    return [...(structures ?? [])].flatMap(structure => {
      return structure.fields.map(({ at, size, name, shown, meaning }) => {
        const value = valueText(image.subarray(at, at + size), shown);
        return [structureName(structure), name, value, meaning]
          .filter(text => text !== undefined)
          .join(' | ');
      });
    });
  };

  it('contains what belongs to the inode and nothing else', () => {
    expect(fields('/x/f\xff')).toEqual([
      `${file} | i_format | 5 | extended, tail beside the inode`,
      `${file} | i_xattr_icount | 3 | 20 bytes of attributes`,
      `${file} | i_mode | 0100640 | regular file, 0640`,
      `${file} | i_reserved | 0`,
      `${file} | i_size | 3`,
      `${file} | i_u | 0`,
      `${file} | i_ino | 260`,
      `${file} | i_uid | 0`,
      `${file} | i_gid | 0`,
      `${file} | i_mtime | 1700000000 | 2023-11-14T22:13:20Z`,
      `${file} | i_mtime_nsec | 7`,
      `${file} | i_nlink | 2`,
      `${file} | i_reserved2 | ${'00'.repeat(16)}`,
      expect.stringMatching(/h_name_filter \| 0x[0-9a-f]{8}$/),
      `${file} | h_shared_count | 0`,
      `${file} | h_reserved | 00000000000000`,
      `${file}, xattr user.k | e_name_len | 1`,
      `${file}, xattr user.k | e_name_index | 1 | user.`,
      `${file}, xattr user.k | e_value_size | 1`,
      `${file}, xattr user.k | name | "k"`,
      `${file}, xattr user.k | value | 76 | "v"`,
      `${file}, xattr user.k | zero | 0000`,
      `${file} | content | 616263`,
    ]);
  });

  it('finds the inode under each of its names', () => {
    expect(fields('/xlink')).toEqual(fields('/x/f\xff'));
    expect(inspectInode(image, ascii('/nothing'))).toBeUndefined();
    expect(inspectInode(image, ascii('/x/'))).toBeUndefined();
  });

  it('explains values', () => {
    expect(fields('/xnull')).toContain('inode 258 /xnull | i_u | 259 | device 1:3');
    expect(fields('/xo')).toContain('inode 259 /xo | i_u | 1 | chunks of 2^13 bytes');
    expect(fields('/xo')).toContain('inode 259 /xo | chunk 0 | 0xffffffff | a hole');
    expect(fields('/xo').join('\n')).toContain(`fs-verity digest sha256 ${digest}`);
    const root = fields('/').join('\n');
    expect(root).toMatch(/inode 0 \/, entry x \| nid \| \d+ \| at 0x/);
    expect(root).toContain('inode 0 /, entry x | file_type | 2 | directory');
    expect(root).toMatch(/inode 0 \/ \| i_u \| (\d) \| first block at 0x(?:\1)000/);
  });
});

describe('the inspection of a broken image', () => {
  const image = imageOf(dumpfile);
  const at = (where: string, name: string): number => {
    const found = erofsFields(image).find(field => field.where === where && field.name === name);
    if (found === undefined) throw new Error(`no ${name} in ${where}`);
    return found.start;
  };
  const names = (change: (copy: Buffer) => void): string[] => {
    const copy = Buffer.from(image);
    change(copy);
    return [...inspectErofs(copy)].map(structureName);
  };

  it('continues after a structure that cannot be decoded', () => {
    const found = names(copy => copy.writeUInt16LE(60000, at(`${file}, xattr user.k`, 'e_value_size')));
    expect(found).not.toContain(`${file}, xattr user.k`);
    expect(found).toContain('inode 259 /xo, xattr trusted.overlay.metacopy');
  });

  it('does not show a byte as part of two structures', () => {
    // The address of the entries of the root is changed to block 0, which contains inodes.
    const found = names(copy => copy.writeUInt32LE(0, at('inode 0 /', 'i_u')));
    expect(found.filter(name => name.includes('entry'))).toEqual([]);
    expect(found).toContain('inode 0 /');
  });

  it('stops after the superblock if the bytes are not an image', () => {
    expect(names(copy => copy.writeUInt32LE(0, 0))).toEqual(['composefs header', 'gap', 'superblock', 'gap']);
    expect([...inspectErofs(image.subarray(0, 10))].map(structureName)).toEqual(['composefs header', 'gap']);
    expect([...inspectErofs(new Uint8Array(0))]).toEqual([]);
  });

  it('terminates for a directory that is its own child', () => {
    const found = names(copy => {
      copy.writeUInt32LE(copy.readUInt16LE(1024 + 14), at('inode 0 /, entry x', 'nid'));
    });
    expect(found.filter(name => name === 'inode 0 /, entry x')).toHaveLength(2);
    expect(found.filter(name => name.includes('/x/f'))).toEqual([]);
  });

  it('stops in nested directories when the path exceeds the limit', () => {
    const tree = parseDumpfile(Buffer.from('/ 0 40755 2 0 0 0 0.0 - - -\n'));
    let last = tree;
    for (let i = 0; i < 3000; i++) {
      const child = { ...tree, children: new Map() };
      last.children.set(ascii('d'), child);
      last = child;
    }
    const chain = Buffer.concat([...writeErofs(tree, { format: 'v1', algorithm: 'fsverity-sha256-12' })]);
    const inodes = [...inspectErofs(chain)].filter(({ kind }) => kind === 'compact inode');
    expect(inodes).toHaveLength(1 + 256 + 2048);
  });
});
