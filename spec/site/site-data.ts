/**
 * What the pages show: the chapters, and what the repository knows about each requirement, code and term.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../conformance/suite/case.ts';
import { readMutantNames } from '../../conformance/suite/mutants.ts';
import { readSuite } from '../../conformance/suite/read-suite.ts';
import { type ErrorCode, parseErrorCodes } from '../tool/error-codes.ts';
import type { Entry } from '../tool/requirements.ts';
import { type RecordedImplementation, readImplementations } from './recorded-implementations.ts';

/** A chapter as it is in `spec/`. */
export interface ChapterSource {
  /** Its name without `.md`: `erofs`. */
  readonly slug: string;
  readonly title: string;
  readonly source: string;
}

/** A term of the introduction. */
export interface Term {
  readonly names: readonly string[];
  /** Markdown. */
  readonly definition: string;
}

/** What is known about a requirement beyond its text. */
export interface RequirementFacts {
  readonly entry: Entry;
  readonly cases: readonly Case[];
  /** Where the reference cites it: `reference/tar/pax.ts:120`. */
  readonly places: readonly string[];
  /** What the mutants do that break it. */
  readonly mutants: readonly string[];
  /** Lines of the change log that name it. */
  readonly changes: readonly string[];
}

export interface SiteData {
  readonly root: string;
  readonly version: string;
  readonly draft: boolean;
  /** In reading order. */
  readonly chapters: readonly ChapterSource[];
  readonly requirements: ReadonlyMap<string, RequirementFacts>;
  readonly cases: readonly Case[];
  readonly codes: readonly ErrorCode[];
  readonly terms: readonly Term[];
  /** Those with a recorded run, except the reference. */
  readonly implementations: readonly RecordedImplementation[];
}

/** Reads everything from the repository at `root`. */
export function readSiteData(root: string): SiteData {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const contents = read('spec/README.md');
  const status = /^Version ([0-9.]+)(, draft)?\.$/m.exec(contents);
  if (status?.[1] === undefined) throw new Error('spec/README.md does not say which version this is');
  const chapters = [...contents.matchAll(/^[0-9]+\. \[[^\]]+\]\(([a-z-]+)\.md\)/gm)].map(([, slug = '']) => {
    const source = read(`spec/${slug}.md`);
    return { slug, source, title: /^# (.*)$/m.exec(source)?.[1] ?? slug };
  });
  const entries: Entry[] = JSON.parse(read('spec/requirements.json'));
  const { cases } = readSuite(join(root, 'vectors'));
  const introduction = read('spec/introduction.md');
  return {
    root,
    version: status[1],
    draft: status[2] !== undefined,
    chapters,
    requirements: factsOf(entries, cases, placesIn(root), readMutantNames(root), read('CHANGELOG.md')),
    cases,
    codes: parseErrorCodes(introduction) ?? [],
    terms: termsIn(introduction),
    implementations: readImplementations(root, cases),
  };
}

function factsOf(
  entries: readonly Entry[],
  cases: readonly Case[],
  places: ReadonlyMap<string, readonly string[]>,
  mutants: ReadonlyMap<string, readonly string[]>,
  changeLog: string,
): Map<string, RequirementFacts> {
  const citing = new Map<string, Case[]>();
  for (const test of cases)
    for (const id of test.requirements) citing.set(id, [...(citing.get(id) ?? []), test]);
  const changes = changeLog.split('\n').filter(line => line.startsWith('- '));
  return new Map(
    entries.map(entry => [
      entry.id,
      {
        entry,
        cases: citing.get(entry.id) ?? [],
        places: places.get(entry.id) ?? [],
        mutants: mutants.get(entry.id) ?? [],
        changes: changes.filter(line => line.includes(entry.id)).map(line => line.slice(2)),
      },
    ]),
  );
}

/** Where comments of the reference cite each requirement. */
function placesIn(root: string): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const files = readdirSync(join(root, 'reference'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.includes('.test.'))
    .sort();
  for (const file of files) {
    const lines = readFileSync(join(root, 'reference', file), 'utf8').split('\n');
    for (const [i, line] of lines.entries()) {
      for (const id of new Set(line.match(/\b[A-Z]+-[0-9]{3}\b/g)))
        places.set(id, [...(places.get(id) ?? []), `reference/${file}:${i + 1}`]);
    }
  }
  return places;
}

function termsIn(introduction: string): Term[] {
  const [, section = ''] = /^### Terms\n([\s\S]*?)^##/m.exec(introduction) ?? [];
  return section
    .split(/^- /m)
    .slice(1)
    .map(item => {
      const at = item.indexOf(': ');
      const names = [...item.slice(0, at).matchAll(/\*\*([^*]+)\*\*/g)].map(match => match[1] ?? '');
      const definition = item
        .slice(at + 2)
        .trim()
        .replaceAll('](#', '](introduction.md#');
      return { names, definition };
    });
}
