/**
 * What the recorded runs in `conformance/results/` say of each implementation, case by case.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../conformance/suite/case.ts';
import {
  type AllConfirmations,
  byCase,
  caseDigest,
  confirmationsPath,
} from '../../conformance/suite/confirmations.ts';
import { programName } from '../../conformance/suite/opinions.ts';
import { readSums } from '../../conformance/suite/read-sums.ts';
import { sectionsOf } from './markdown.ts';

/** A section of the chapter on upstream. */
export interface UpstreamSection {
  readonly title: string;
  readonly anchor: string;
}

/** An implementation with a recorded run. */
export interface RecordedImplementation {
  /** Without its version: `mkcomposefs`. */
  readonly program: string;
  /** With its version: `mkcomposefs 1.0.8`. */
  readonly name: string;
  /** Of the recording. */
  readonly date: string;
  readonly passes: ReadonlySet<string>;
  /** Passed by a rejection without an error code; not in `passes`. */
  readonly passesWithoutCode: ReadonlySet<string>;
  /** The sections of the chapter on upstream that name each failed case; none if the failure is not known. */
  readonly fails: ReadonlyMap<string, readonly UpstreamSection[]>;
}

/** What the recorded run of an implementation says of a requirement: numbers of cases. */
export interface RequirementVerdict {
  readonly asked: number;
  readonly passed: number;
  /** How many of the passed cases were rejected without an error code. */
  readonly withoutCode: number;
  readonly failed: number;
  /** How many of the failures the chapter on upstream lists. */
  readonly known: number;
  readonly sections: readonly UpstreamSection[];
}

/** The headings in the chapter on upstream whose cases are the known failures of a program. */
const UPSTREAM: Readonly<Record<string, string>> = {
  mkcomposefs: 'C composefs',
  'composefs-rs': 'composefs-rs',
};

/** The implementations in the repository `root`. A result of a case that changed since does not count. */
export function readImplementations(root: string, cases: readonly Case[]): RecordedImplementation[] {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const sums = byCase(readSums(join(root, 'vectors')));
  const digests = new Map(cases.map(test => [test.id, caseDigest(test, sums.get(test.id) ?? new Map())]));
  const all: AllConfirmations = JSON.parse(read(confirmationsPath));
  const dates = recordingDates(resultsTable(read('conformance/results/README.md')));
  const upstream = read('spec/upstream.md');
  return Object.entries(all).map(([name, { passes, passesWithoutCode, fails, undecided }]) => {
    const date = dates.get(name);
    if (date === undefined)
      throw new Error(`conformance/results/README.md has no row of ${name}: run npm run results`);
    const program = programName(name);
    const sections = sectionsWithCases(upstream, UPSTREAM[program]);
    const current = (list: Readonly<Record<string, string>>) =>
      Object.keys(list).filter(id => list[id] === digests.get(id));
    return {
      program,
      name,
      date,
      passes: new Set(current(passes)),
      passesWithoutCode: new Set(current(passesWithoutCode)),
      fails: new Map(current({ ...fails, ...undecided }).map(id => [id, sections.get(id) ?? []])),
    };
  });
}

/** The table of implementations in the README of the results, as Markdown. */
export function resultsTable(readme: string): string {
  const table = /^\| implementation \|.*(?:\n\|.*)*/m.exec(readme)?.[0];
  if (table === undefined) throw new Error('conformance/results/README.md has no table of implementations');
  return table;
}

function recordingDates(table: string): Map<string, string> {
  const [head = [], , ...rows] = table.split('\n').map(line => line.split('|').map(cell => cell.trim()));
  const column = head.indexOf('recorded');
  return new Map(rows.map(cells => [cells[1] ?? '', cells[column] ?? '']));
}

/** The sections under the second-level heading `title` of `chapter` that name a case, by its id. */
export function sectionsWithCases(
  chapter: string,
  title: string | undefined,
): Map<string, readonly UpstreamSection[]> {
  const found = new Map<string, UpstreamSection[]>();
  let part = '';
  for (const section of sectionsOf(chapter)) {
    if (section.level <= 2) part = section.title;
    if (part !== title) continue;
    for (const id of new Set(section.text.match(/[a-z]+\/[a-z0-9-]+/g)))
      found.set(id, [...(found.get(id) ?? []), { title: section.title, anchor: section.anchor }]);
  }
  return found;
}

/** What the recorded run says of a requirement with these cases; undefined if none was asked. */
export function verdictOn(
  cases: readonly Pick<Case, 'id'>[],
  {
    passes,
    passesWithoutCode,
    fails,
  }: Pick<RecordedImplementation, 'passes' | 'passesWithoutCode' | 'fails'>,
): RequirementVerdict | undefined {
  const withoutCode = cases.filter(({ id }) => passesWithoutCode.has(id)).length;
  const passed = cases.filter(({ id }) => passes.has(id)).length + withoutCode;
  const failures = cases.flatMap(({ id }) => {
    const sections = fails.get(id);
    return sections === undefined ? [] : [sections];
  });
  const asked = passed + failures.length;
  if (asked === 0) return undefined;
  return {
    asked,
    passed,
    withoutCode,
    failed: failures.length,
    known: failures.filter(({ length }) => length > 0).length,
    sections: [...new Map(failures.flat().map(section => [section.anchor, section])).values()],
  };
}
