/**
 * Answers that prove nothing, because the implementation gives them where they are wrong as well.
 * @module
 */

import type { AnswerFingerprint } from './repeat-check.ts';
import type { CaseRun } from './run-rounds.ts';

/**
 * The cases that pass with a result that is also the answer to another case of the same operation, whose result is
 * different: the id of such a case, by the id of the one that passes. A constant answer passes every case that
 * happens to expect it.
 */
export function repeatedWrongAnswers(runs: readonly CaseRun[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // An input that should have been rejected has no right result that the answer could differ from.
  const wrong = runs.filter(
    ({ test, result }) => test.expect.outcome !== 'reject' && result.status === 'fail',
  );
  for (const { test, result, fingerprint } of runs) {
    if (result.status !== 'pass' || fingerprint === undefined) continue;
    const same = wrong.find(other => {
      return other.test.op === test.op && other.fingerprint && isSameResult(fingerprint, other.fingerprint);
    });
    if (same !== undefined) found.set(test.id, same.test.id);
  }
  return found;
}

/** Whether all results that both cases expect are equal. */
function isSameResult(a: AnswerFingerprint, b: AnswerFingerprint): boolean {
  const shared = [...a.parts].filter(([name]) => b.parts.has(name));
  return shared.length > 0 && shared.every(([name, value]) => b.parts.get(name) === value);
}
