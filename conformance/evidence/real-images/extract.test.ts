import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWay, unescaped } from './extract.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'extract-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function make(...paths: string[]): void {
  for (const path of paths) {
    if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
    else writeFileSync(join(root, path), '');
  }
}

const left = () => (readdirSync(root, { recursive: true }) as string[]).sort();

test('unescaped reads what tar escapes', () => {
  expect(unescaped(String.raw`a\\b\nc\344\377\t\a`)).toBe('a\\b\nc\u00e4\u00ff\t\u0007');
});

test('a whiteout deletes its name, with everything below', () => {
  make('a/', 'a/b/', 'a/b/c', 'a/d');
  makeWay(root, ['./', './a/', './a/.wh.b', './a/.wh.nothing']);
  expect(left()).toEqual(['a', 'a/d']);
});

test('an opaque marker empties its directory, wherever it stands', () => {
  make('a/', 'a/b/', 'a/b/c', 'a/d', 'e');
  makeWay(root, ['a/', 'a/new', 'a/.wh..wh..opq', '.wh..wh.plnk']);
  expect(left()).toEqual(['a', 'e']);
});

test('a marker does not follow a link', () => {
  make('a/', 'a/b');
  symlinkSync('a', join(root, 'link'));
  makeWay(root, ['link/.wh.b', 'missing/.wh.b', 'a/b/.wh.c']);
  expect(readdirSync(join(root, 'a'))).toEqual(['b']);
});

test('a directory makes way for what is none, and for no directory', () => {
  make('a/', 'a/b', 'c/', 'c/d');
  makeWay(root, ['.', 'a', 'c/']);
  expect(left()).toEqual(['c', 'c/d']);
  expect(lstatSync(join(root, 'c')).isDirectory()).toBe(true);
});
