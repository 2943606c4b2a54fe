/**
 * The report in the Test Anything Protocol, version 14.
 * @module
 */

import { isBad, listProblems, problemOf, reproduce, whyFiltered } from './causes.ts';
import type { CaseEvent, Header, ReportEvent } from './events.ts';
import { implementationName, partsOf } from './parts.ts';

/** The report in TAP. */
export function tapReport(events: readonly ReportEvent[]): string {
  const { header, cases, footer } = partsOf(events);
  const stale = listProblems(footer.unusedXfail);
  const lines = [
    'TAP version 14',
    `1..${cases.length + stale.length}`,
    `# composefs-oci ${header.suite.version}: ${oneLine(implementationName(header))}`,
    ...cases.flatMap((result, i) => testPoint(result, i + 1, header)),
    ...stale.map((problem, i) => `not ok ${cases.length + i + 1} - ${escaped(problem)}`),
    ...(footer.stopped === null ? [] : [`Bail out! ${escaped(footer.stopped.message)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function testPoint(result: CaseEvent, number: number, header: Header): string[] {
  const { id, status, listed, title, requirements } = result;
  if (status === 'filtered') return [`ok ${number} - ${escaped(id)} # SKIP ${escaped(whyFiltered(result))}`];
  if (status === 'xfail') {
    return [`not ok ${number} - ${escaped(id)} # TODO ${escaped(`${listed?.link} ${listed?.reason}`)}`];
  }
  if (!isBad(result)) return [`ok ${number} - ${escaped(id)}`];
  const diagnostic = {
    status,
    message: problemOf(result),
    title,
    requirements,
    reproduce: reproduce(header, id),
  };
  // Every JSON value is a YAML value, if it is pure ASCII.
  const yaml = Object.entries(diagnostic).map(
    ([name, value]) => `  ${name}: ${ascii(JSON.stringify(value))}`,
  );
  return [`not ok ${number} - ${escaped(id)}`, '  ---', ...yaml, '  ...'];
}

/** `text` in a description or a reason, where `#` starts a directive. */
function escaped(text: string): string {
  return oneLine(text).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\u2027\u202a-\uffff]+/g, ' ');
}

function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
