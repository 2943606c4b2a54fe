import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hex } from '../../../reference/bytes.ts';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { expectedResult } from '../../suite/case.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readSuite } from '../../suite/read-suite.ts';
import { readDumpfileTree } from '../external-checks/dumpfile-tree.ts';
import { mountedListing, overlayListing } from '../external-checks/expected-listing.ts';
import type { SeenEntry } from '../external-checks/listing-difference.ts';
import type { ImageResult } from './jobs.ts';
import { type TreeInput, treeCheck, treeInputs, withoutImage } from './trees.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const accepted = suite.cases.filter(each => each.op === 'layers.tree' && expectedResult(each) !== undefined);
const folder = temporaryFolder();
afterAll(folder.remove);

let inputs: readonly TreeInput[];
beforeAll(async () => {
  inputs = await treeInputs(suite);
});

test('every tree that layers give has an image, unless no image can hold it', () => {
  const shown = inputs.flatMap(({ tests }) => tests.map(({ id }) => id));
  expect([...shown, ...Object.keys(withoutImage)].sort()).toEqual(accepted.map(({ id }) => id).sort());
});

test.each(Object.entries(withoutImage))('no image holds the tree of %s (%s)', id => {
  const found = accepted.find(each => each.id === id);
  if (found === undefined) throw new Error(`${id} is missing`);
  const dumpfile = readFileSync(join(caseFolder(suite, found), 'expect/tree.dump'));
  const write = () =>
    Buffer.concat([
      ...writeErofs(parseDumpfile(dumpfile), { format: 'v1', algorithm: 'fsverity-sha256-12' }),
    ]);
  expect(write).toThrow(/DUMPFILE_XATTR|EROFS_WHITEOUT_LINKED/);
});

test('a kernel confirms every case of the tree that it shows, and none of a different one', () => {
  const input = inputs.find(({ tests }) => tests.length > 1);
  if (input === undefined) throw new Error('no two cases expect the same tree');
  const check = treeCheck(input, 0, folder.path);
  const digest = hex(fsverityDigest(input.image.image, input.image.algorithm, nodeSha2));
  const entries = mountedListing(readDumpfileTree(input.image.dumpfile), 'v1');
  const seen = (listing: readonly object[]) =>
    listing.map(entry =>
      'xattrs' in entry
        ? ({ ...entry, xattrs: Object.fromEntries(entry.xattrs as Map<string, string>) } as SeenEntry)
        : (entry as SeenEntry),
    );
  const statuses = (change: (shown: SeenEntry[]) => SeenEntry[]) => {
    const result: ImageResult = {
      digest: { ok: digest },
      mounted: { ok: { entries: change(seen(entries)), absent: [] } },
      overlay: { ok: { entries: seen(overlayListing(entries)), absent: [] } },
    };
    return check.judge([{ result, log: [] }]).map(({ name, result: of }) => [name, of?.status]);
  };
  expect(statuses(shown => shown)).toEqual(input.tests.map(({ id }) => [id, 'pass']));
  expect(statuses(shown => shown.slice(1))).toEqual(input.tests.map(({ id }) => [id, 'fail']));
});
