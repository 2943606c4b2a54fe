/**
 * Answers that prove nothing, because the implementation gives them where they are wrong as well.
 * @module
 */

import type { CaseEvent } from './events.ts';

/**
 * The cases, those marked that pass with a result that is also the answer to another case of the same operation, whose
 * result is different. A constant answer passes every case that happens to expect it.
 */
export function withRepeatedAnswers(cases: readonly CaseEvent[]): CaseEvent[] {
  const wrong = cases.filter(
    ({ answer, failure, differently }) => answer && failure?.status === 'fail' && !differently,
  );
  return cases.map(({ sameAnswerAs: _, ...event }) => {
    const { answer } = event;
    if (answer === undefined || event.failure !== undefined) return event;
    const same = wrong.find(other => other.op === event.op && isSameResult(answer, other.answer ?? {}));
    return same === undefined ? event : { ...event, sameAnswerAs: same.id };
  });
}

/** Whether all results that both cases expect are equal. */
function isSameResult(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const shared = Object.keys(a).filter(name => Object.hasOwn(b, name));
  return shared.length > 0 && shared.every(name => a[name] === b[name]);
}
