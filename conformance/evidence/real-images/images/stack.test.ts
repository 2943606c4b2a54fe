import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LayerChanges, LayerStack } from './stack.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function stack(...layers: (readonly string[])[]): LayerStack {
  const made = new LayerStack();
  for (const [i, paths] of layers.entries()) {
    for (const path of paths) {
      const at = join(folder, String(i), path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, `${i}`);
    }
    made.push(join(folder, String(i)));
  }
  return made;
}

test('the top layer that has a path decides', () => {
  const below = stack(['a/x', 'a/y'], ['a/x']);
  expect(below.find('a/x')).toBe(join(folder, '1/a/x'));
  expect(below.find('a/y')).toBe(join(folder, '0/a/y'));
  expect(below.find('a/z')).toBeUndefined();
  expect(below.list('a')).toEqual(['x', 'y']);
});

test('whiteouts, opaque directories and files hide files of lower layers', () => {
  const below = stack(['a/x', 'b/x', 'c/x', 'd/x'], ['.wh.a', 'b/.wh..wh..opq', 'c', 'd/.wh.x', 'b/new']);
  for (const path of ['a/x', 'b/x', 'c/x', 'd/x']) expect(below.find(path), path).toBeUndefined();
  expect(below.list('b')).toEqual(['new']);
  expect(below.files('.')).toEqual(['c']);
});

test('changes are written as a layer whose directories keep their attributes', () => {
  const below = stack(['a/b/x', 'a/b/y', 'c/z']);
  const { mtimeMs } = lstatSync(join(folder, '0/a/b'));
  const changes = new LayerChanges(join(folder, 'upper'), below);
  changes.change('a/b/x', '+');
  changes.remove('a/b/y');
  changes.empty('c');
  changes.finish();
  expect(readdirSync(join(folder, 'upper'), { recursive: true }).sort()).toEqual(
    ['a', 'a/b', 'a/b/.wh.y', 'a/b/x', 'c', 'c/.wh..wh..opq'].sort(),
  );
  expect(readFileSync(join(folder, 'upper/a/b/x'), 'utf8')).toBe('0+');
  expect(lstatSync(join(folder, 'upper/a/b')).mtimeMs).toBeCloseTo(mtimeMs, -1);
});
