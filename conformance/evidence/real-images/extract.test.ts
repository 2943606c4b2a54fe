import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deleteReplaced, unescaped } from './extract.ts';

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

test('unescaped reads the escapes of tar', () => {
  expect(unescaped(String.raw`a\\b\nc\344\377\t\a`)).toBe('a\\b\nc\u00e4\u00ff\t\u0007');
});

test('a whiteout deletes its path and everything below it', () => {
  make('a/', 'a/b/', 'a/b/c', 'a/d');
  deleteReplaced(root, ['./', './a/', './a/.wh.b', './a/.wh.nothing']);
  expect(left()).toEqual(['a', 'a/d']);
});

test('an opaque marker empties its directory, whatever its position in the archive', () => {
  make('a/', 'a/b/', 'a/b/c', 'a/d', 'e');
  deleteReplaced(root, ['a/', 'a/new', 'a/.wh..wh..opq', '.wh..wh.plnk']);
  expect(left()).toEqual(['a', 'e']);
});

test('a marker does not follow a symbolic link', () => {
  make('a/', 'a/b');
  symlinkSync('a', join(root, 'link'));
  deleteReplaced(root, ['link/.wh.b', 'missing/.wh.b', 'a/b/.wh.c']);
  expect(readdirSync(join(root, 'a'))).toEqual(['b']);
});

test('a directory is deleted if an entry of another type replaces it', () => {
  make('a/', 'a/b', 'c/', 'c/d');
  deleteReplaced(root, ['.', 'a', 'c/']);
  expect(left()).toEqual(['c', 'c/d']);
  expect(lstatSync(join(root, 'c')).isDirectory()).toBe(true);
});
