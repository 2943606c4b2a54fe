/**
 * Merges the reports of all shards of a run into the report of the whole run.
 * @module
 */

import { isDeepStrictEqual } from 'node:util';
import type { Requirement } from '../../suite/requirements.ts';
import type { CaseEvent, Header, ReportEvent } from './events.ts';
import { type Report, UnreadableReport } from './read-report.ts';
import { withRepeatedAnswers } from './repeated-answers.ts';
import { verdictsOf } from './verdicts.ts';

/**
 * The report of the run without `--shard`, except for times. Throws {@link UnreadableReport} if the reports are not
 * those of all shards of one run.
 */
export function mergeReports(
  reports: readonly Report[],
  requirements: ReadonlyMap<string, Requirement> | undefined,
): ReportEvent[] {
  const ordered = [...reports].sort((a, b) => indexOf(a) - indexOf(b));
  const [first] = ordered;
  if (first === undefined) throw new UnreadableReport('give the reports of all shards');
  const of = first.header.shard?.of ?? 0;
  const given = ordered.map(indexOf).join(', ');
  if (given !== Array.from({ length: of }, (_, i) => i + 1).join(', ')) {
    throw new UnreadableReport(`the reports are of the shards ${given}: give each of the ${of} shards once`);
  }
  for (const { header } of ordered) checkSameRun(first.header, header);
  const header: Header = { ...first.header, shard: null, jobs: Math.max(...ordered.map(r => r.header.jobs)) };
  const cases = withRepeatedAnswers(first.cases.map((event, i) => mergedCase(event, ordered, i)));
  const { unusedXfail } = first.footer;
  const stopped = ordered.find(({ footer }) => footer.stopped !== null)?.footer.stopped ?? null;
  const durationMs = ordered.reduce((sum, { footer }) => sum + footer.durationMs, 0);
  const verdicts = verdictsOf({ header, cases, requirements, unusedXfail, stopped, durationMs });
  return [header, ...cases, ...verdicts.requirements, ...verdicts.classes, verdicts.footer];
}

function indexOf({ header }: Report): number {
  if (header.shard === null) throw new UnreadableReport('a report to merge is not the report of a shard');
  return header.shard.index;
}

/** Reports can be merged that differ only in the shard, the number of processes and the machine. */
function checkSameRun(a: Header, b: Header): void {
  const comparable = ({ shard, jobs, platform, memoryLimit, ...rest }: Header) => ({
    ...rest,
    of: shard?.of,
  });
  const [x, y] = [Object.entries(comparable(a)), comparable(b) as Readonly<Record<string, unknown>>];
  const different = x.find(([name, value]) => !isDeepStrictEqual(value, y[name]));
  if (different !== undefined) {
    throw new UnreadableReport(
      `the shards are not of one run: they differ in "${different[0]}"; run each with the same options and --seed`,
    );
  }
}

/** The event of case number `i` from the shard in which it is. */
function mergedCase(event: CaseEvent, reports: readonly Report[], i: number): CaseEvent {
  const all = reports.map(({ cases }) => cases[i]);
  if (all.some(other => other?.id !== event.id)) {
    throw new UnreadableReport('the shards are not of one run: they have different cases');
  }
  return all.find(other => other?.filtered?.by !== 'shard') ?? event;
}
