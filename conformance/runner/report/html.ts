/**
 * The report as one HTML file without scripts, and without anything that it loads.
 * @module
 */

import { isBad, listProblems, problemOf, reproduce, whyFiltered } from './causes.ts';
import { type CaseEvent, type Header, type ReportEvent, statuses } from './events.ts';
import { xmlText } from './markup.ts';
import { classColumns, classRow, executedCases, implementationName, partsOf } from './parts.ts';

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #888; padding: 0.2rem 0.6rem; text-align: left; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** The report as an HTML document. */
export function htmlReport(events: readonly ReportEvent[]): string {
  const parts = partsOf(events);
  const { header, cases, requirements, classes, footer } = parts;
  const name = implementationName(header);
  const verdict = footer.conformant ? 'conformant' : 'not conformant';
  const notes = [
    ...(footer.stopped === null ? [] : [`stopped early: ${footer.stopped.message}`]),
    ...footer.because,
    ...listProblems(footer.unusedXfail),
  ];
  const body = [
    `<h1>${xmlText(name)}: ${verdict}</h1>`,
    `<p>composefs-oci suite ${xmlText(header.suite.version)}, specification ${xmlText(header.specVersion)}: ${executedCases(parts)} of ${cases.length} cases executed, seed ${header.seed}.</p>`,
    ...(notes.length === 0 ? [] : [`<ul>${notes.map(note => `<li>${xmlText(note)}</li>`).join('')}</ul>`]),
    '<h2>Cases by status</h2>',
    table(
      ['status', 'cases'],
      statuses.map(status => [status, `${footer.counts[status]}`]),
    ),
    ...(classes.length === 0 ? [] : ['<h2>Classes</h2>', table(classColumns, classes.map(classRow))]),
    '<h2>Failures</h2>',
    ...(cases.some(isBad) ? cases.filter(isBad).map(result => failure(result, header)) : ['<p>None.</p>']),
    '<h2>Requirements</h2>',
    table(
      ['requirement', 'level', 'verdict', 'passed', 'failed', 'inconclusive', 'filtered'],
      requirements.map(({ id, level, verdict: found, cases: counted }) => [
        id,
        level ?? '',
        found,
        ...[counted.passed, counted.failed, counted.inconclusive, counted.filtered].map(String),
      ]),
    ),
    '<h2>Cases</h2>',
    table(
      ['case', 'status', 'title', 'requirements'],
      cases.map(result => [result.id, statusText(result), result.title, result.requirements.join(', ')]),
    ),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>composefs-oci: ${xmlText(name)}</title>
<style>${style}</style>
</head>
<body>
${body.join('\n')}
</body>
</html>
`;
}

function failure(result: CaseEvent, header: Header): string {
  const { id, status, title, requirements, failure: found } = result;
  const lines = [
    title,
    requirements.join(', '),
    problemOf(result),
    ...(found?.stderr ? [`stderr:\n${found.stderr}`] : []),
  ];
  const command = `reproduce: ${reproduce(header, id)}`;
  return `<h3>${status} ${xmlText(id)}</h3>\n<pre>${xmlText([...lines, command].join('\n'))}</pre>`;
}

function statusText(result: CaseEvent): string {
  return result.status === 'filtered' ? `filtered: ${whyFiltered(result)}` : result.status;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[]) => row.map(cell => `<td>${xmlText(cell)}</td>`).join('');
  const headRow = head.map(cell => `<th scope="col">${xmlText(cell)}</th>`).join('');
  const lines = rows.map(row => `<tr>${cells(row)}</tr>`);
  return ['<table>', `<thead><tr>${headRow}</tr></thead>`, '<tbody>', ...lines, '</tbody>', '</table>'].join(
    '\n',
  );
}
