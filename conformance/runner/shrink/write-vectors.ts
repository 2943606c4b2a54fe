/**
 * Writes shrunk cases as vectors, which `--vectors` takes.
 * @module
 */

import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Case, CaseInput, Expectation } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import type { CompleteAnswer, ShrunkCase } from './shrink-case.ts';

/** A case, and what it was shrunk to. */
export interface Shrunk {
  readonly test: Case;
  readonly shrunk: ShrunkCase;
}

/** The id of the shrunk form of a case; ids have at most 64 characters. */
export function shrunkId(id: string): string {
  return `${id.slice(0, 57).replace(/-$/, '')}-shrunk`;
}

/** Writes the cases, and the controls of those that expect a rejection, into the empty folder `folder`. */
export function writeVectors(folder: string, all: readonly Shrunk[], suite: Suite): void {
  const cases = all.map(each => writeCase(folder, each));
  const controls = new Set(cases.flatMap(({ control }) => (control === null ? [] : [control])));
  for (const test of suite.cases.filter(({ id }) => controls.has(id))) {
    cpSync(caseFolder(suite, test), join(folder, 'cases', test.id), { recursive: true });
    cases.push(test);
  }
  write(folder, 'index.json', `${JSON.stringify({ version: suite.version, cases }, null, 2)}\n`);
}

function writeCase(folder: string, { test, shrunk }: Shrunk): Case {
  const id = shrunkId(test.id);
  const into = join(folder, 'cases', id);
  const input: Record<string, CaseInput[string]> = {};
  const layers: { path: string; mediaType: string }[] = [];
  for (const [i, { name, mediaType, bytes }] of shrunk.parts.entries()) {
    const path = `in/${i}`;
    write(into, path, bytes);
    if (mediaType === undefined) input[name] = path;
    else layers.push({ path, mediaType });
  }
  const written: Case = {
    ...test,
    id,
    title: `The shrunk input of ${test.id}`.slice(0, 70),
    input: layers.length === 0 ? input : { ...input, layers },
    expect: expectation(test, shrunk.expected, into),
    control: shrunk.expected.kind === 'rejected' ? test.control : null,
    provenance: { recipe: test.provenance.recipe, confirmedBy: ['reference'] },
  };
  write(into, 'case.json', `${JSON.stringify(written, null, 2)}\n`);
  return written;
}

function expectation(
  { expect }: Case,
  answer: Exclude<CompleteAnswer, { kind: 'none' }>,
  into: string,
): Expectation {
  if (answer.kind === 'rejected') {
    return {
      outcome: 'reject',
      stage: answer.stage,
      reasons: answer.reason === undefined ? [] : [answer.reason],
    };
  }
  const result = expect.outcome === 'either' ? expect.ifAccept : expect.outcome === 'accept' ? expect : {};
  const names = Object.keys(result.values ?? {});
  const values = names.map(name => [name, answer.values[name] ?? '']);
  const files = Object.keys(result.files ?? {}).map(name => {
    write(into, `expect/${name}`, answer.files.get(name) ?? new Uint8Array());
    return [name, `expect/${name}`];
  });
  return {
    outcome: 'accept',
    ...(values.length > 0 && { values: Object.fromEntries(values) }),
    ...(files.length > 0 && { files: Object.fromEntries(files) }),
  };
}

function write(folder: string, path: string, content: string | Uint8Array): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { flag: 'wx' });
}
