/**
 * Adds the implementations that computed the expected result in a recorded run to the provenance of a case.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case } from '../suite/case.ts';
import { type AllConfirmations, byCase, caseDigest, confirmationsPath } from '../suite/confirmations.ts';
import { programName } from '../suite/opinions.ts';
import type { Files } from './files.ts';

/** The results in the repository `root`; none if it has no such file. */
export async function readConfirmations(root: string): Promise<AllConfirmations> {
  const text = await readFile(join(root, confirmationsPath), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text);
}

/** The SHA-256 of the files of each case by their paths, by the id of the case. */
export function sumsOfCases(files: Files): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sums = [...files].map(
    ([path, content]) => [path, createHash('sha256').update(content).digest('hex')] as const,
  );
  return byCase(sums);
}

/**
 * `test` with the implementations that confirm it, and the claims of its recipe that a recorded run contradicts.
 * `sums` are those of its files.
 */
export function withConfirmations(
  test: Case,
  all: AllConfirmations,
  sums: ReadonlyMap<string, string>,
): { readonly test: Case; readonly problems: readonly string[] } {
  const { provenance } = test;
  const digest = caseDigest(test, sums);
  const known = new Set([...provenance.confirmedBy, ...(provenance.acceptedBy ?? [])].map(programName));
  const results = Object.entries(all);
  const names = results.flatMap(([name, { passes }]) =>
    passes[test.id] === digest && !known.has(programName(name)) ? [name] : [],
  );
  const problems = results.flatMap(([name, { fails }]) =>
    fails[test.id] === digest && provenance.confirmedBy.includes(name)
      ? [`${test.id}: ${name} does not confirm it`]
      : [],
  );
  return {
    test: { ...test, provenance: { ...provenance, confirmedBy: [...provenance.confirmedBy, ...names] } },
    problems,
  };
}
