/**
 * Adds the opinions of other programs to the provenance of cases that expect a rejection.
 * @module
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case } from '../suite/case.ts';
import { type AllOpinions, inputSums, inputsDigest, opinionsPath, programName } from '../suite/opinions.ts';
import type { Files } from './files.ts';

/** The opinions in the repository `root`; none if it has no such file. */
export async function readOpinions(root: string): Promise<AllOpinions> {
  const text = await readFile(join(root, opinionsPath), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
    throw error;
  });
  return JSON.parse(text);
}

/** The sums of the inputs in `files`. */
export function sumsOf(files: Files) {
  const sums = [...files].map(([path, content]): [string, string] => {
    return [path, path.includes('/in/') ? createHash('sha256').update(content).digest('hex') : ''];
  });
  return inputSums(sums.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * `test` with the opinions about it, and what contradicts them in its recipe. Opinions about other inputs say nothing
 * and are left out.
 */
export function withOpinions(
  test: Case,
  control: Case | undefined,
  all: AllOpinions,
  sums: ReturnType<typeof sumsOf>,
): { readonly test: Case; readonly problems: readonly string[] } {
  const about = all[test.id];
  if (test.expect.outcome !== 'reject' || about === undefined || control === undefined)
    return { test, problems: [] };
  if (about.inputs !== inputsDigest(test, control, sums)) return { test, problems: [] };
  const opinions = Object.entries(about.opinions);
  const ofRecipe = test.provenance.confirmedBy;
  const measured = (claim: string) => opinions.find(([name]) => programName(name) === programName(claim));
  const problems = ofRecipe.flatMap(claim => {
    const opinion = measured(claim)?.[1] ?? 'rejects';
    return opinion.startsWith('rejects') ? [] : [`${test.id}: ${claim} does not confirm it: ${opinion}`];
  });
  const confirmations = opinions.flatMap(([name, opinion]) => {
    if (opinion === 'rejects') return [name];
    return opinion.startsWith('rejects') ? [`${name} (${opinion.replace('rejects ', '')})`] : [];
  });
  const confirmedBy = [...ofRecipe.filter(claim => measured(claim) === undefined), ...confirmations];
  const acceptedBy = opinions.filter(([, opinion]) => opinion === 'accepts').map(([name]) => name);
  const provenance = {
    ...test.provenance,
    confirmedBy,
    ...(acceptedBy.length > 0 && { acceptedBy }),
  };
  return { test: { ...test, provenance }, problems };
}
