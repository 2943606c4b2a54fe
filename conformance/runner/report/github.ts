/**
 * The report as annotations of GitHub Actions: one for each cause, because a page shows few of them.
 * @module
 */

import { casesByCause, listProblems, problemOf, reproduce } from './causes.ts';
import type { ReportEvent } from './events.ts';
import { executedCases, implementationName, partsOf } from './parts.ts';

/** The report as workflow commands, one in a line. */
export function githubReport(events: readonly ReportEvent[]): string {
  const parts = partsOf(events);
  const { header, cases, footer } = parts;
  const failures = casesByCause(cases).map(group => {
    const [first] = group;
    const others = group.length === 1 ? '' : `\nsame cause in ${group.length - 1} other cases`;
    const cited = (first.failure?.violates ?? first.requirements).join(', ');
    return annotation(
      'error',
      `${first.status} ${first.id} (${cited})`,
      `${first.title}\n${problemOf(first)}${others}\nreproduce: ${reproduce(header, first.id)}`,
    );
  });
  const stopped =
    footer.stopped === null ? [] : [annotation('error', 'stopped early', footer.stopped.message)];
  const list = listProblems(footer.unusedXfail).map(problem =>
    annotation('error', 'known failures', problem),
  );
  const verdict = footer.conformant ? 'conformant' : 'not conformant';
  const summary = `${executedCases(parts)} of ${cases.length} cases executed, ${footer.counts.pass} passed; ${verdict}`;
  return [...stopped, ...failures, ...list, annotation('notice', implementationName(header), summary)].join(
    '',
  );
}

function annotation(level: 'error' | 'notice', title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
