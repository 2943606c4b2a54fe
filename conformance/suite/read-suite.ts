/**
 * Reads the vectors listed in `index.json`.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, CaseFile } from './case.ts';
import { readCaseFile } from './case-file.ts';
import { schemaCheck } from './json-schema.ts';

/** A folder of vectors. */
export interface Suite {
  readonly folder: string;
  readonly version: string;
  /** The SHA-256 of `index.json`, which identifies the expectations of a run. */
  readonly indexSha256: string;
  readonly cases: readonly Case[];
  /** Cases that this runner cannot read because they come from a later version of the suite. */
  readonly leftOut: readonly { readonly id: string; readonly because: string }[];
}

/** The vectors cannot be read. */
export class UnreadableSuite extends Error {}

/** Reads the vectors in `folder`. Throws {@link UnreadableSuite}. */
export function readSuite(folder: string): Suite {
  const path = join(folder, 'index.json');
  let bytes: Buffer;
  let index: unknown;
  try {
    bytes = readFileSync(path);
    index = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new UnreadableSuite(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isIndex(index)) {
    throw new UnreadableSuite(`${path} is not an index of vectors: it needs the members version and cases`);
  }
  const check = schemaCheck('vectors/schema/case.schema.json');
  const cases: Case[] = [];
  const leftOut: { id: string; because: string }[] = [];
  for (const [i, entry] of index.cases.entries()) {
    const because = check(entry);
    if (because === undefined) cases.push(entry as Case);
    else leftOut.push({ id: idOf(entry) ?? `number ${i}`, because });
  }
  const problem = inconsistency(cases);
  if (problem !== undefined) throw new UnreadableSuite(`${path}: ${problem}`);
  return {
    folder,
    version: index.version,
    indexSha256: createHash('sha256').update(bytes).digest('hex'),
    cases,
    leftOut,
  };
}

/** The version of the vectors in `folder`, without reading the cases. Throws {@link UnreadableSuite}. */
export function suiteVersion(folder: string): string {
  const path = join(folder, 'VERSION');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UnreadableSuite(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The folder of `test` in the vectors. */
export function caseFolder(suite: Suite, test: Case): string {
  return join(suite.folder, 'cases', test.id);
}

/** The bytes of an expected file of `test`. */
export async function readExpected(suite: Suite, test: Case, file: CaseFile): Promise<Uint8Array> {
  return readCaseFile(caseFolder(suite, test), file);
}

function isIndex(value: unknown): value is { readonly version: string; readonly cases: readonly unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'string' &&
    value.version !== '' &&
    'cases' in value &&
    Array.isArray(value.cases)
  );
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
    ? value.id
    : undefined;
}

function inconsistency(cases: readonly Case[]): string | undefined {
  const ids = new Set<string>();
  for (const { id } of cases) {
    if (ids.has(id)) return `two cases have the id ${id}`;
    ids.add(id);
  }
  const orphan = cases.find(({ control }) => control !== null && !ids.has(control));
  return orphan && `case ${orphan.id} has the control ${orphan.control}, which does not exist`;
}
