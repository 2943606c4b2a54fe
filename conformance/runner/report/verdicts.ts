/**
 * What the cases say about requirements, classes and the whole.
 * @module
 */

import { claimedClasses } from '../../suite/classes.ts';
import type { Expected } from '../../suite/known-failures.ts';
import { isAbsolute, type Requirement } from '../../suite/requirements.ts';
import { isOptional, isSelective } from '../select.ts';
import {
  type CaseEvent,
  type ClassEvent,
  type Footer,
  type Header,
  type RequirementEvent,
  statuses,
  type Verdict,
  verdicts,
} from './events.ts';
import { type Watched, watched } from './watched.ts';

/** What a run ends with, after its cases. */
export interface Verdicts {
  readonly requirements: readonly RequirementEvent[];
  readonly classes: readonly ClassEvent[];
  readonly footer: Footer;
}

/** What is known when all cases are done. */
export interface Done {
  readonly header: Header;
  readonly cases: readonly CaseEvent[];
  /** Undefined where the vectors came without the specification. */
  readonly requirements: ReadonlyMap<string, Requirement> | undefined;
  readonly unusedXfail: readonly Expected[];
  readonly durationMs: number;
}

/** The verdicts of a run. */
export function verdictsOf(done: Done): Verdicts {
  const requirements = requirementEvents(done);
  const classes = classEvents(done, requirements);
  return { requirements, classes, footer: footer(done, requirements, classes) };
}

/** Ids that a run has to say something about: all that cases decide, all that cases cite, all that it watched. */
function requirementEvents({ header, cases, requirements }: Done): RequirementEvent[] {
  const byId = new Map<string, CaseEvent[]>();
  for (const { id, verification } of requirements?.values() ?? []) {
    if (verification === 'vector') byId.set(id, []);
  }
  const optional = new Set<string>();
  for (const result of cases) {
    for (const id of result.requirements) {
      if (isOptional(result.filtered)) {
        optional.add(id);
        continue;
      }
      // A case that was not asked leaves nothing open where no case has to decide.
      const decidedElsewhere = (requirements?.get(id)?.verification ?? 'vector') !== 'vector';
      if (decidedElsewhere && result.status === 'filtered') continue;
      byId.set(id, [...(byId.get(id) ?? []), result]);
    }
  }
  // What only cases with an optional feature decide does not bind who lacks the feature.
  for (const id of optional) if (byId.get(id)?.length === 0) byId.delete(id);
  const counts = new Map([...byId].map(([id, citing]) => [id, countsOf(citing)]));
  for (const { id, verification } of requirements?.values() ?? []) {
    if (verification !== 'runner') continue;
    const failed = (byId.get(id) ?? []).filter(isFailure);
    const seen = watched(id, header, cases);
    // What only the runner can see is not shown by cases that pass, where it did not look.
    if (seen === undefined && failed.length === 0) counts.delete(id);
    else counts.set(id, watchedCounts(failed, seen));
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, counted]) => {
      const known = requirements?.get(id);
      return {
        event: 'requirement',
        id,
        level: known?.level ?? null,
        file: known?.file ?? null,
        classes: known?.classes ?? [],
        verdict: verdictOf(counted, byId.get(id) ?? []),
        cases: counted,
      };
    });
}

function countsOf(citing: readonly CaseEvent[]): RequirementEvent['cases'] {
  return {
    passed: citing.filter(({ status }) => status === 'pass' || status === 'xpass').length,
    failed: citing.filter(isFailure).length,
    inconclusive: citing.filter(({ status, failure }) => (failure?.status ?? status) === 'inconclusive')
      .length,
    filtered: citing.filter(({ status }) => status === 'filtered').length,
  };
}

/** Cases that cite a requirement can break it; that it is kept, only what the runner saw of all cases can say. */
function watchedCounts(failed: readonly CaseEvent[], seen?: Watched): RequirementEvent['cases'] {
  const broken = new Set([...failed, ...(seen?.broken ?? [])]);
  const passed = seen?.cases.filter(result => !broken.has(result)).length ?? 0;
  return { passed, failed: broken.size, inconclusive: 0, filtered: 0 };
}

function isFailure({ failure }: CaseEvent): boolean {
  return failure !== undefined && failure.status !== 'inconclusive';
}

/** A case that the user left out might have failed, so what the others say of the requirement is not all. */
function verdictOf(counts: RequirementEvent['cases'], citing: readonly CaseEvent[]): Verdict {
  if (counts.failed > 0) return 'violated';
  if (counts.inconclusive > 0) return 'inconclusive';
  if (counts.passed === 0) return 'untested';
  return citing.some(({ filtered }) => filtered?.by === 'selection') ? 'inconclusive' : 'satisfied';
}

function classEvents({ header, requirements }: Done, events: readonly RequirementEvent[]): ClassEvent[] {
  const decided = new Set(events.map(({ id }) => id));
  return claimedClasses(header.operations).map(name => {
    const ofClass = events.filter(event => event.classes.includes(name) && isAbsolute(event.level ?? 'MUST'));
    const others = [...(requirements?.values() ?? [])].filter(({ classes, level }) => {
      return classes.includes(name) && isAbsolute(level);
    });
    return {
      event: 'class',
      class: name,
      requirements: record(verdicts, verdict => ofClass.filter(event => event.verdict === verdict).length),
      notWatched: others.filter(({ id, verification }) => verification === 'runner' && !decided.has(id))
        .length,
      byInspection: others.filter(({ verification }) => verification.startsWith('inspection')).length,
    };
  });
}

function footer(
  done: Done,
  requirements: readonly RequirementEvent[],
  classes: readonly ClassEvent[],
): Footer {
  const { cases, unusedXfail, durationMs } = done;
  const counts = record(statuses, status => cases.filter(result => result.status === status).length);
  const because = reasons(done, requirements, classes);
  const executed = cases.length - counts.filtered;
  const bad = executed - counts.pass - counts.xfail + unusedXfail.length;
  return {
    event: 'footer',
    counts,
    rejectionsWithoutReason: cases.filter(({ withoutReason }) => withoutReason).length,
    unusedXfail: unusedXfail.map(({ line, pattern }) => ({ line, pattern })),
    conformant: because.length === 0,
    because,
    exitCode: executed === 0 ? 4 : bad > 0 ? 1 : 0,
    durationMs,
  };
}

/** Every reason against `conformant`. */
function reasons(
  { header, requirements: known }: Done,
  requirements: readonly RequirementEvent[],
  classes: readonly ClassEvent[],
): string[] {
  const because: string[] = [];
  if (classes.length === 0)
    because.push('it claims no conformance class with the operations that it declares');
  if (known === undefined) because.push('there is no spec/requirements.json to say what its classes require');
  if (isSelective(header.selection)) because.push('only a selection of the cases was asked');
  if (header.leftOut.length > 0) because.push('the runner can not read some of the cases');
  const claimed = new Set<string>(classes.map(event => event.class));
  const absolute = requirements.filter(({ level }) => isAbsolute(level ?? 'MUST'));
  const ids = (verdict: Verdict, everywhere: boolean) =>
    absolute
      .filter(event => event.verdict === verdict)
      .filter(event => everywhere || event.classes.some(name => claimed.has(name)))
      .map(({ id }) => id);
  // What was asked and is wrong is wrong, whichever class it belongs to.
  const violated = ids('violated', true);
  if (violated.length > 0) because.push(`violated: ${idList(violated)}`);
  for (const verdict of ['untested', 'inconclusive'] as const) {
    const found = ids(verdict, false);
    if (found.length > 0) because.push(`${verdict}: ${idList(found)}`);
  }
  for (const event of classes) {
    if (event.requirements.satisfied === 0) because.push(`nothing shows that it is a ${event.class}`);
  }
  return because;
}

function record<Key extends string>(
  keys: readonly Key[],
  value: (key: Key) => number,
): Readonly<Record<Key, number>> {
  return Object.fromEntries(keys.map(key => [key, value(key)])) as Record<Key, number>;
}

/** Sorted ids for people: three and more in a row as `EROFS-003 to EROFS-005`. */
function idList(ids: readonly string[]): string {
  const runs: string[][] = [];
  for (const id of ids) {
    const run = runs.at(-1);
    if (run !== undefined && id === next(run.at(-1) ?? '')) run.push(id);
    else runs.push([id]);
  }
  return runs.map(run => (run.length < 3 ? run.join(', ') : `${run[0]} to ${run.at(-1)}`)).join(', ');
}

function next(id: string): string {
  const [area = '', number = ''] = id.split('-');
  return `${area}-${String(Number(number) + 1).padStart(3, '0')}`;
}
