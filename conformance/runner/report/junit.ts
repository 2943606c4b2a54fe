/**
 * The report as JUnit XML, for CI systems that show test results: a suite per area, a test case per case.
 *
 * There is no standard of the format. The elements here are those that Jenkins, GitLab and Gradle agree on.
 * @module
 */

import { isBad, listProblems, problemOf, reproduce, whyFiltered } from './causes.ts';
import type { CaseEvent, Header, ReportEvent } from './events.ts';
import { xmlText } from './markup.ts';
import { implementationName, partsOf } from './parts.ts';

/** The report as JUnit XML. */
export function junitReport(events: readonly ReportEvent[]): string {
  const { header, cases, footer } = partsOf(events);
  const areas = new Map<string, CaseEvent[]>();
  for (const result of cases) {
    const area = result.id.split('/')[0] ?? '';
    areas.set(area, [...(areas.get(area) ?? []), result]);
  }
  const suites = [...areas].map(([area, ofArea]) => {
    return suite(
      area,
      ofArea.map(result => testCase(result, header)),
      ofArea,
    );
  });
  const stale = listProblems(footer.unusedXfail);
  if (footer.stopped !== null) stale.push(`stopped early: ${footer.stopped.message}`);
  if (stale.length > 0) suites.push(runSuite(stale));
  const failures = cases.filter(isBad).length + stale.length;
  const counts = attributes({
    name: `composefs-oci ${header.suite.version}: ${implementationName(header)}`,
    tests: cases.length + stale.length,
    failures,
    time: seconds(footer.durationMs),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${counts}>\n${suites.join('')}</testsuites>\n`;
}

function suite(area: string, lines: readonly string[], cases: readonly CaseEvent[]): string {
  const counts = attributes({
    name: area,
    tests: cases.length,
    failures: cases.filter(isBad).length,
    skipped: cases.filter(({ status }) => status === 'filtered' || status === 'xfail').length,
    time: seconds(cases.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)),
  });
  return `<testsuite${counts}>\n${lines.join('')}</testsuite>\n`;
}

/** Failures of the run that belong to no case. */
function runSuite(problems: readonly string[]): string {
  const lines = problems.map(problem => {
    const message = attributes({ message: problem, type: 'run' });
    return `<testcase${attributes({ name: problem, classname: 'run' })}><failure${message}/></testcase>\n`;
  });
  const counts = attributes({ name: 'run', tests: lines.length, failures: lines.length });
  return `<testsuite${counts}>\n${lines.join('')}</testsuite>\n`;
}

function testCase(result: CaseEvent, header: Header): string {
  const [area = '', ...slug] = result.id.split('/');
  const named = attributes({
    name: slug.join('/'),
    classname: area,
    time: seconds(result.durationMs ?? 0),
  });
  return `<testcase${named}>${outcome(result, header)}</testcase>\n`;
}

function outcome(result: CaseEvent, header: Header): string {
  const { status, listed, failure, title, requirements } = result;
  if (status === 'filtered') return `<skipped${attributes({ message: whyFiltered(result) })}/>`;
  if (status === 'xfail') {
    return `<skipped${attributes({ message: `known failure: ${listed?.link} ${listed?.reason}` })}/>`;
  }
  if (!isBad(result)) return '';
  const problem = problemOf(result);
  const text = `${title}\n${requirements.join(', ')}\n${problem}\nreproduce: ${reproduce(header, result.id)}\n`;
  const stderr = failure?.stderr === undefined ? '' : `<system-err>${xmlText(failure.stderr)}</system-err>`;
  return `<failure${attributes({ message: problem, type: status })}>${xmlText(text)}</failure>${stderr}`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  // A parser turns a line break in an attribute into a space.
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xmlText(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
