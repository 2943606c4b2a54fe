/**
 * The verdicts on requirements and classes, and the totals, computed from the results of the cases.
 * @module
 */

import { claimedClasses, needsOf } from '../../suite/classes.ts';
import { isAbsolute, type Requirement } from '../../suite/requirements.ts';
import { isSelective, lacksOptionalFeature, wasExcluded } from '../select.ts';
import {
  type CaseEvent,
  type ClassEvent,
  type Footer,
  type Header,
  type RequirementEvent,
  type Stop,
  statuses,
  type Verdict,
  verdicts,
} from './events.ts';
import { type Observation, observe } from './observed-requirements.ts';

/** The events after the cases of a run. */
export interface Verdicts {
  readonly requirements: readonly RequirementEvent[];
  readonly classes: readonly ClassEvent[];
  readonly footer: Footer;
}

/** The results of all cases of a run. */
export interface RunResults {
  readonly header: Header;
  readonly cases: readonly CaseEvent[];
  /** Undefined without `spec/requirements.json`. */
  readonly requirements: ReadonlyMap<string, Requirement> | undefined;
  readonly unusedXfail: Footer['unusedXfail'];
  readonly stopped: Stop | null;
  readonly durationMs: number;
}

/** The verdicts of a run. */
export function verdictsOf(results: RunResults): Verdicts {
  const requirements = requirementEvents(results);
  const classes = classEvents(results, requirements);
  return { requirements, classes, footer: footer(results, requirements, classes) };
}

/** The verdicts on all requirements that are tested by cases, cited by cases of this run, or observed in it. */
function requirementEvents({ header, cases, requirements }: RunResults): RequirementEvent[] {
  const byId = new Map<string, CaseEvent[]>();
  for (const { id, verification } of requirements?.values() ?? []) {
    if (verification === 'vector') byId.set(id, []);
  }
  const optional = new Set<string>();
  const needed = new Set<string>(claimedClasses(header.operations).flatMap(name => needsOf[name].operations));
  for (const result of cases) {
    for (const id of new Set([...result.requirements, ...(result.failure?.violates ?? [])])) {
      const ofOtherClass = result.filtered?.by === 'operation' && !needed.has(result.op);
      if (lacksOptionalFeature(result.filtered) || ofOtherClass) {
        optional.add(id);
        continue;
      }
      // Skipped cases do not count against a requirement that is verified by inspection or by the runner.
      const verifiedElsewhere = (requirements?.get(id)?.verification ?? 'vector') !== 'vector';
      if (verifiedElsewhere && result.status === 'filtered') continue;
      byId.set(id, [...(byId.get(id) ?? []), result]);
    }
  }
  // A requirement does not bind implementations that lack the optional feature of all its cases. Neither is it judged
  // if only operations can test it that no claimed class requires.
  for (const id of optional) if (byId.get(id)?.length === 0) byId.delete(id);
  const counts = new Map([...byId].map(([id, citing]) => [id, countsOf(id, citing)]));
  for (const { id, verification } of requirements?.values() ?? []) {
    if (verification !== 'runner') continue;
    const failed = (byId.get(id) ?? []).filter(result => violates(result, id));
    const observation = observe(id, header, cases);
    // Without an observation, cases that cite the requirement and pass do not satisfy it.
    if (observation === undefined && failed.length === 0) counts.delete(id);
    else counts.set(id, observedCounts(failed, observation));
    byId.set(id, [...(observation?.cases ?? [])]);
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

function countsOf(id: string, citing: readonly CaseEvent[]): RequirementEvent['cases'] {
  const failed = citing.filter(result => violates(result, id)).length;
  return {
    passed: citing.filter(hasPassed).length,
    failed,
    inconclusive: citing.filter(({ failure }) => failure !== undefined).length - failed,
    filtered: citing.filter(({ status }) => status === 'filtered').length,
  };
}

/**
 * Failed cases that cite an observed requirement violate it, and only observed cases that pass can satisfy it: an
 * implementation that does nothing with its input neither hangs nor changes its answers.
 */
function observedCounts(failed: readonly CaseEvent[], observation?: Observation): RequirementEvent['cases'] {
  const violations = new Set([...failed, ...(observation?.violations ?? [])]);
  const kept = observation?.cases.filter(result => !violations.has(result)) ?? [];
  const passed = kept.filter(hasPassed).length;
  return { passed, failed: violations.size, inconclusive: kept.length - passed, filtered: 0 };
}

function hasPassed({ status }: CaseEvent): boolean {
  return status === 'pass' || status === 'xpass';
}

/** Whether the result violates requirement `id`. A failure that others explain shows nothing about it. */
function violates({ failure }: CaseEvent, id: string): boolean {
  if (failure === undefined || failure.status === 'inconclusive') return false;
  return failure.violates?.includes(id) ?? true;
}

/**
 * A case excluded by the selection, a shard or an early stop could have failed, so a requirement is not satisfied without it.
 * Neither is one whose cases all pass with answers that are wrong elsewhere.
 */
function verdictOf(counts: RequirementEvent['cases'], citing: readonly CaseEvent[]): Verdict {
  if (counts.failed > 0) return 'violated';
  if (counts.inconclusive > 0) return 'inconclusive';
  if (counts.passed === 0) return 'untested';
  const isOpen = citing.some(({ filtered }) => wasExcluded(filtered));
  const isProven = citing.some(result => hasPassed(result) && result.sameAnswerAs === undefined);
  return isOpen || !isProven ? 'inconclusive' : 'satisfied';
}

function classEvents(
  { header, requirements }: RunResults,
  events: readonly RequirementEvent[],
): ClassEvent[] {
  const withVerdict = new Set(events.map(({ id }) => id));
  return claimedClasses(header.operations).map(name => {
    const ofClass = events.filter(event => event.classes.includes(name) && isAbsolute(event.level ?? 'MUST'));
    const others = [...(requirements?.values() ?? [])].filter(({ classes, level }) => {
      return classes.includes(name) && isAbsolute(level);
    });
    return {
      event: 'class',
      class: name,
      requirements: record(verdicts, verdict => ofClass.filter(event => event.verdict === verdict).length),
      notWatched: others.filter(({ id, verification }) => verification === 'runner' && !withVerdict.has(id))
        .length,
      byInspection: others.filter(({ verification }) => verification.startsWith('inspection')).length,
      undeclared: [
        ...needsOf[name].operations.filter(needed => !header.operations.includes(needed)),
        ...needsOf[name].features.filter(needed => !header.features.includes(needed)),
      ],
    };
  });
}

function footer(
  results: RunResults,
  requirements: readonly RequirementEvent[],
  classes: readonly ClassEvent[],
): Footer {
  const { cases, unusedXfail, stopped, durationMs } = results;
  const counts = record(statuses, status => cases.filter(result => result.status === status).length);
  const because = reasonsAgainst(results, requirements, classes);
  const executed = cases.length - counts.filtered;
  const bad = executed - counts.pass - counts.xfail + unusedXfail.length;
  return {
    event: 'footer',
    counts,
    rejectionsWithoutReason: cases.filter(({ withoutReason }) => withoutReason).length,
    unusedXfail,
    conformant: because.length === 0,
    because,
    stopped,
    exitCode: stopped !== null ? stopCodes[stopped.by] : executed === 0 ? 4 : bad > 0 ? 1 : 0,
    durationMs,
  };
}

const stopCodes = { timeouts: 1, environment: 3, bug: 5 } as const;

/** Every reason why the implementation does not conform. */
function reasonsAgainst(
  { header, requirements: known, stopped }: RunResults,
  requirements: readonly RequirementEvent[],
  classes: readonly ClassEvent[],
): string[] {
  const because: string[] = [];
  if (stopped !== null) because.push('the run stopped early');
  if (classes.length === 0) because.push('the declared operations claim no conformance class');
  if (known === undefined) {
    because.push('the requirements of its classes are unknown: spec/requirements.json is missing');
  }
  if (isSelective(header.selection)) because.push('only a selection of the cases was run');
  if (header.shard !== null)
    because.push('only a shard of the cases was run: merge the reports of all shards');
  if (header.leftOut.length > 0)
    because.push('the runner cannot read some of the cases: use a newer version of it');
  const claimed = new Set<string>(classes.map(event => event.class));
  const absolute = requirements.filter(({ level }) => isAbsolute(level ?? 'MUST'));
  const ids = (verdict: Verdict, everywhere: boolean) =>
    absolute
      .filter(event => event.verdict === verdict)
      .filter(event => everywhere || event.classes.some(name => claimed.has(name)))
      .map(({ id }) => id);
  // A violated requirement counts even if it belongs to a class that is not claimed.
  const violated = ids('violated', true);
  if (violated.length > 0) because.push(`violated: ${idList(violated)}`);
  for (const verdict of ['untested', 'inconclusive'] as const) {
    const found = ids(verdict, false);
    if (found.length > 0) because.push(`${verdict}: ${idList(found)}`);
  }
  for (const event of classes) {
    if (event.undeclared.length > 0)
      because.push(`to conform as ${event.class}, also declare ${event.undeclared.join(', ')}`);
    if (event.requirements.satisfied === 0)
      because.push(`no requirement of class ${event.class} is satisfied`);
  }
  return because;
}

function record<Key extends string>(
  keys: readonly Key[],
  value: (key: Key) => number,
): Readonly<Record<Key, number>> {
  return Object.fromEntries(keys.map(key => [key, value(key)])) as Record<Key, number>;
}

/** Sorted ids for people; three or more consecutive ids become `EROFS-003 to EROFS-005`. */
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
