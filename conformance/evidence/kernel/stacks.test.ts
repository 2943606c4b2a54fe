import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { readDumpfileTree } from '../external-checks/dumpfile-tree.ts';
import type { SeenListing } from '../external-checks/listing-difference.ts';
import { expectedStack, type StackLayer, stackedLayers } from './expected-stack.ts';
import { type StackInputs, stackCheck, stackInputs } from './stacks.ts';

function tree(...lines: readonly string[]) {
  return readDumpfileTree(Buffer.from(`${lines.join('\n')}\n`));
}

function layer(directories: readonly string[], ...lines: readonly string[]): StackLayer {
  return { tree: tree(...lines), directories: new Set(directories) };
}

const root = '/ 0 40700 3 1 1 0 5.0 - - -';
const impliedRoot = '/ 0 40755 3 0 0 0 0.0 - - -';
const whiteout = (path: string) => `${path} 0 20644 1 0 0 0 0.0 - - -`;

describe('a stack shows the merged tree', () => {
  test('with the attributes of an implied directory', () => {
    const base = layer(['/', '/d'], root, '/d 0 40700 2 1 1 0 5.0 - - -');
    const top = layer([], impliedRoot, '/d 0 40755 2 0 0 0 0.0 - - -', '/d/f 0 100644 1 0 0 0 0.0 - - -');
    const merged = tree(root, '/d 0 40700 2 1 1 0 5.0 - - -', '/d/f 0 100644 1 0 0 0 0.0 - - -');
    const shown = expectedStack(merged, [base, top]).tree;
    expect([shown.get('/')?.mode, shown.get('/d')?.mode]).toEqual([0o40755, 0o40755]);
    const explicit = { ...top, directories: new Set(['/', '/d']) };
    expect(expectedStack(merged, [base, explicit]).tree.get('/d')?.mode).toBe(0o40700);
  });

  test('with the name of a whiteout in a directory that no other layer has', () => {
    const base = layer(['/'], root);
    const top = layer(['/'], root, '/e 0 40755 2 0 0 0 0.0 - - -', whiteout('/e/f'), whiteout('/g'));
    const { tree: shown, listed } = expectedStack(tree(root), [base, top]);
    expect([...shown.keys()]).toEqual(['/', '/e']);
    expect([...listed]).toEqual(['/e/f']);
    expect(shown.get('/e')?.xattrs.get('user.overlay.opaque')).toBe('x');
    const again = layer(['/'], root, '/e 0 40755 2 0 0 0 0.0 - - -');
    expect([...expectedStack(tree(root), [base, top, again]).listed]).toEqual([]);
    expect([
      ...expectedStack(tree(root), [base, top, layer(['/'], root, whiteout('/e'))]).tree.keys(),
    ]).toEqual(['/']);
  });

  test('from the topmost opaque root on', () => {
    const opaque = { tree: tree(`${root} trusted.overlay.opaque=y`) };
    const plain = { tree: tree(root) };
    expect(stackedLayers([plain, opaque, plain])).toEqual([opaque, plain]);
    expect(stackedLayers([plain, plain])).toHaveLength(2);
  });
});

describe('the check of a stack', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);
  let inputs: StackInputs;
  beforeAll(async () => {
    inputs = await stackInputs(readSuite(join(packageRoot, 'vectors')));
  });

  test('is for every case of several layers with standalone trees', () => {
    expect(new Set(inputs.without.values())).toEqual(
      new Set(['MERGE_LINK_LOWER', 'MERGE_DEVICE', 'MERGE_PARENT']),
    );
    expect(inputs.stacks.length).toBeGreaterThan(4 * inputs.without.size);
  });

  test('fails if a deleted name is there, or a kept one is not', () => {
    const input = inputs.stacks.find(({ test: { id } }) => id === 'merge/directory-kept');
    if (input === undefined) throw new Error('the case merge/directory-kept is missing');
    const check = stackCheck(input, 0, folder.path);
    const status = (ok: SeenListing) => check.judge([{ result: { ok }, log: [] }])[0]?.result?.status;
    const paths = [...input.merged.keys()];
    const entry = (path: string) => ({ path, errno: 'ENOENT' });
    expect(status(paths.map(entry))).toBe('fail');
    expect(status([])).toBe('fail');
    expect(check.judge([{ result: { unavailable: 'old' }, log: [] }])[0]?.result?.status).toBe('skip');
  });
});
