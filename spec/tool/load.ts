/**
 * The specification from the disk.
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codes } from '../../reference/errors.ts';
import type { Spec } from './lint.ts';
import { parseChapter } from './parse.ts';

const sources = ['reference', 'conformance', 'spec/tool'];
/** Programs that test the Python of the chapters. */
const executable = 'spec/executable';
/** Folders and files with text for people. What is generated, and the schemas of others, are left out. */
const texts = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.ci', '.github', 'spec', 'reference', 'conformance'],
  ...['vectors/README.md', 'vectors/accumulated', 'vectors/schema'],
];
const notTexts =
  /^spec\/requirements\.json$|^spec\/tool\/(?:phrases|lint\.test)\.ts$|\/image-spec\/|\/go\.(?:mod|sum)$/;

/** Reads everything that the rules look at, from the repository at `root`. */
export function loadSpec(root: string): Spec {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const files = readdirSync(join(root, 'spec'))
    .filter(file => file.endsWith('.md'))
    .sort();
  const parsed = files.map(file => parseChapter(file, read(`spec/${file}`)));
  const contents = parsed.find(chapter => chapter.file === 'README.md');
  if (contents === undefined) throw new Error('spec/README.md is missing');
  const requirementsJson = existsSync(join(root, 'spec/requirements.json'))
    ? read('spec/requirements.json')
    : '[]\n';
  return {
    chapters: parsed.filter(chapter => chapter !== contents),
    contents,
    introduction: read('spec/introduction.md'),
    referenceCodes: codes,
    requirementsJson,
    before: JSON.parse(requirementsJson),
    version: versionOf(read('spec/README.md')),
    testedExamples: new Set(
      [...testFiles(root), ...pythonFiles(root)].flatMap(path => examplesIn(read(path))),
    ),
    texts: new Map(textFiles(root).map(path => [path, read(path)])),
    exists: path => existsSync(join(root, path)),
  };
}

/** Version of the specification: the line `Version 0.1.` of its table of contents, or the like. */
function versionOf(contents: string): string {
  const version = /^Version ([0-9]+\.[0-9]+)\b/m.exec(contents)?.[1];
  if (version === undefined)
    throw new Error('spec/README.md has no line that begins with "Version MAJOR.MINOR"');
  return version;
}

function testFiles(root: string): string[] {
  return sources.flatMap(folder => {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.test.ts'))
      .map(path => join(folder, path));
  });
}

function pythonFiles(root: string): string[] {
  return readdirSync(join(root, executable))
    .filter(path => path.endsWith('.py'))
    .map(path => join(executable, path));
}

function textFiles(root: string): string[] {
  return texts
    .flatMap(path => {
      if (!statSync(join(root, path)).isDirectory()) return [path];
      return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
        .map(name => join(path, name))
        .filter(name => statSync(join(root, name)).isFile());
    })
    .filter(path => !notTexts.test(path) && !path.endsWith('.pyc'));
}

function examplesIn(source: string): string[] {
  return [...source.matchAll(/\bexample\(\s*(["'])(.+?)\1/g)].map(match => match[2] ?? '');
}
