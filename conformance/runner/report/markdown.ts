/**
 * The report as Markdown, for the summary of a CI job or a comment.
 * @module
 */

import { casesByCause, listProblems, problemOf, reproduce } from './causes.ts';
import { type CaseEvent, type Header, type ReportEvent, statuses } from './events.ts';
import { classColumns, classRow, executedCases, implementationName, partsOf } from './parts.ts';

/** Causes shown: a summary on GitHub has at most 1 MiB. */
const SHOWN_CAUSES = 50;

/** The report as Markdown with tables. */
export function markdownReport(events: readonly ReportEvent[]): string {
  const parts = partsOf(events);
  const { header, cases, classes, footer } = parts;
  const causes = casesByCause(cases);
  const blocks = [
    `## ${text(implementationName(header))}: ${footer.conformant ? 'conformant' : 'not conformant'}`,
    `composefs-oci suite ${text(header.suite.version)}, specification ${text(header.specVersion)}: ${executedCases(parts)} of ${cases.length} cases executed.`,
    table(
      ['status', 'cases'],
      statuses
        .filter(status => footer.counts[status] > 0)
        .map(status => [status, `${footer.counts[status]}`]),
    ),
    ...(classes.length === 0 ? [] : [table(classColumns, classes.map(classRow))]),
    ...(footer.because.length === 0 ? [] : [footer.because.map(reason => `- ${text(reason)}`).join('\n')]),
    ...(footer.stopped === null ? [] : [`**Stopped early:** ${text(footer.stopped.message)}`]),
    ...listProblems(footer.unusedXfail).map(text),
    ...causes.slice(0, SHOWN_CAUSES).map(group => failure(group, header)),
    ...(causes.length > SHOWN_CAUSES
      ? [`${causes.length - SHOWN_CAUSES} more causes: see the full report.`]
      : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function failure(group: readonly [CaseEvent, ...CaseEvent[]], header: Header): string {
  const [first] = group;
  const others = group.length === 1 ? [] : [`- same cause in ${group.length - 1} other cases`];
  return [
    `### ${first.status} ${text(first.id)}`,
    '',
    `- ${text(first.title)}`,
    `- requirements: ${text((first.failure?.violates ?? first.requirements).join(', '))}`,
    `- ${text(problemOf(first))}`,
    ...others,
    `- reproduce: ${text(reproduce(header, first.id))}`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** `content` as plain text in Markdown, on one line: an adapter must not be able to write links, images or HTML. */
function text(content: string): string {
  return content
    .replace(/[^\x20-\x7e\u00a0-\u2027\u202a-\uffff]+/g, ' ')
    .replace(/[\\`*_{}[\]()#+.!|~<>&:@-]/g, char =>
      char === '&' ? '&amp;' : char === '<' ? '&lt;' : `\\${char}`,
    );
}
