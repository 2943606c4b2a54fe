/**
 * The report for people: a pure function of the events.
 * @module
 */

import { isAbsolute } from '../../suite/requirements.ts';
import {
  type CaseEvent,
  type Footer,
  type Header,
  type ReportEvent,
  type RequirementEvent,
  statuses,
} from './events.ts';

/** How words are made to stand out. */
export interface Style {
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** For files, pipes and NO_COLOR. */
export const plain: Style = { bad: same, good: same, strong: same, faint: same };

/** Ids that are named of the cases with the same cause. */
const NAMED = 8;
/** Lines of stderr that are shown; the event has all. */
const STDERR_LINES = 20;

/** The whole report. */
export function textReport(events: readonly ReportEvent[], style: Style = plain): string {
  const header = events.find(event => event.event === 'header');
  const footer = events.find(event => event.event === 'footer');
  if (header === undefined || footer === undefined) throw new Error('a report has a header and a footer');
  const requirements = new Map(
    events.filter(event => event.event === 'requirement').map(event => [event.id, event]),
  );
  const cases = events.filter(event => event.event === 'case');
  const blocks = [
    headerLines(header, style),
    ...causes(cases).map(group => failureLines(group, { header, requirements, style })),
    summaryLines(events, style),
  ];
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`;
}

function headerLines(header: Header, { strong, faint }: Style): string[] {
  const { implementation, suite, memoryLimit, platform } = header;
  const { name, version, language, url } = implementation;
  const memory =
    memoryLimit === null
      ? 'no memory limit, which this platform does not offer'
      : `${memoryLimit / 2 ** 20} MiB of memory a process`;
  return [
    strong(`composefs-oci conformance, suite ${suite.version}, specification ${header.specVersion}`),
    `implementation  ${[name, version, language && `(${language})`, url].filter(Boolean).join(' ')}`,
    `command         ${header.command}`,
    `order           seed ${header.seed}, ${count(header.jobs, 'process', 'processes')}${repeated(header)}`,
    `limits          ${header.timeoutMs} ms a case, ${memory}`,
    faint(
      `platform        ${platform.os} ${platform.arch}, node ${platform.node}, index ${suite.indexSha256.slice(0, 16)}`,
    ),
    ...(header.xfail === null ? [] : [`known failures  ${header.xfail}`]),
    ...header.leftOut.map(
      ({ id, because }) => `left out        ${id}: this runner can not read it (${because})`,
    ),
    ...header.unknownOperations.map(
      name => `note            hello declares ${name}, which the suite does not have`,
    ),
  ];
}

function repeated({ repeat }: Header): string {
  return repeat === 1 ? '' : `, each case ${repeat} times`;
}

/** What needs to be looked at, with the failures of one cause together, in order of the first id. */
function causes(cases: readonly CaseEvent[]): CaseEvent[][] {
  const groups = new Map<string, CaseEvent[]>();
  for (const result of cases) {
    if (['pass', 'xfail', 'filtered'].includes(result.status)) continue;
    const key = `${result.status} ${result.failure?.cause ?? result.listed?.line ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

interface Context {
  readonly header: Header;
  readonly requirements: ReadonlyMap<string, RequirementEvent>;
  readonly style: Style;
}

function failureLines(group: readonly CaseEvent[], { header, requirements, style }: Context): string[] {
  const [first, ...others] = group;
  if (first === undefined) return [];
  const { id, title, status, failure, listed, kept } = first;
  const cited = (name: string): string => {
    const level = requirements.get(name)?.level;
    return level == null ? name : `${name} (${level})`;
  };
  const link = (name: string): string => {
    const file = requirements.get(name)?.file;
    return file == null ? '' : `   ${file}#${name}`;
  };
  const all = first.requirements.map(cited).join(', ');
  const lines = [
    `${style.bad(status.toUpperCase())} ${style.strong(id)}   ${all}${link(first.requirements[0] ?? '')}`,
    `  ${style.faint(title)}`,
  ];
  if (failure !== undefined) lines.push(...failure.message.split('\n').map(line => `  ${line}`));
  const decisive = failure?.difference?.requirement;
  if (decisive !== undefined) lines.push(`  decided by ${cited(decisive)}${link(decisive)}`);
  if (listed !== undefined && status === 'xpass') {
    lines.push(
      `  it passes, and line ${listed.line} of the known failures says ${listed.status}: take it out`,
    );
  } else if (listed !== undefined) {
    lines.push(
      `  line ${listed.line} of the known failures says ${listed.status}, and it fails in another way`,
    );
  }
  lines.push(...stderrLines(failure?.stderr));
  if (others.length > 0) {
    const named = others.slice(0, NAMED).map(other => other.id);
    const more = others.length > NAMED ? ', …' : '';
    lines.push(
      `  same cause: ${count(others.length, 'other case', 'other cases')}: ${named.join(', ')}${more}`,
    );
  }
  if (kept !== undefined) lines.push(`  kept: ${kept}`);
  lines.push(`  reproduce: ${reproduce(header, id)}`);
  return lines;
}

function stderrLines(stderr: string | undefined): string[] {
  if (stderr === undefined || stderr.trim() === '') return [];
  const all = stderr.trimEnd().split('\n');
  const shown = all.slice(-STDERR_LINES).map(line => `    ${printableLine(line)}`);
  return [
    `  stderr${all.length > STDERR_LINES ? `, the last ${STDERR_LINES} of ${all.length} lines` : ''}:`,
    ...shown,
  ];
}

/** What an adapter wrote must not move the cursor or change colours. */
function printableLine(text: string): string {
  return text.replace(/[^\t\x20-\x7e\u00a0-\uffff]/g, '?');
}

function reproduce({ command, vectors, xfail }: Header, id: string): string {
  const impl = command === 'reference' ? '' : ` --impl ${shellQuoted(command)}`;
  const list = xfail === null ? '' : ` --xfail ${shellQuoted(xfail)}`;
  const folder = vectors === null ? '' : ` --vectors ${shellQuoted(vectors)}`;
  return `npm run conformance --${impl}${folder}${list} --case ${id} --keep`;
}

function shellQuoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function summaryLines(events: readonly ReportEvent[], style: Style): string[] {
  const footer = events.find(event => event.event === 'footer');
  if (footer === undefined) return [];
  const cases = events.filter(event => event.event === 'case');
  const executed = cases.length - footer.counts.filtered;
  const counted = statuses
    .filter(status => status !== 'filtered' && footer.counts[status] > 0)
    .map(status => `${footer.counts[status]} ${status}`);
  return [
    style.strong(
      `${executed} of ${count(cases.length, 'case', 'cases')} executed: ${counted.join(', ') || 'none'}`,
    ),
    ...filteredLines(cases),
    ...rejectionLines(footer),
    ...footer.unusedXfail.map(({ line, pattern }) =>
      style.bad(`line ${line} of the known failures, ${pattern}, matches no case: take it out`),
    ),
    ...classLines(events),
    ...shouldLines(events),
    ...verdictLines(events, footer, style),
  ];
}

function filteredLines(cases: readonly CaseEvent[]): string[] {
  const undeclared = new Map<string, number>();
  let unselected = 0;
  for (const { filtered } of cases) {
    if (filtered === undefined) continue;
    if (filtered.by === 'selection') unselected++;
    else undeclared.set(filtered.name, (undeclared.get(filtered.name) ?? 0) + 1);
  }
  const names = [...undeclared].map(([name, cases]) => `${name} (${cases})`);
  return [
    ...(names.length > 0 ? [`not asked, because hello does not declare it: ${names.join(', ')}`] : []),
    ...(unselected > 0 ? [`not asked, because you did not select it: ${unselected}`] : []),
  ];
}

function rejectionLines({ rejectionsWithoutReason: silent }: Footer): string[] {
  if (silent === 0) return [];
  return [`${count(silent, 'rejection counts', 'rejections count')} by the stage alone: no reason was given`];
}

function classLines(events: readonly ReportEvent[]): string[] {
  return events
    .filter(event => event.event === 'class')
    .map(({ class: name, requirements, notWatched, byInspection }) => {
      const { satisfied, violated, untested, inconclusive } = requirements;
      const total = satisfied + violated + untested + inconclusive;
      const rest = [`${violated} violated`, `${untested} untested`, `${inconclusive} inconclusive`].join(
        ', ',
      );
      const others = [
        ...(notWatched > 0 ? [`; ${notWatched} not watched, which takes --repeat 2`] : []),
        ...(byInspection > 0 ? [`; ${byInspection} that only reading the implementation can decide`] : []),
      ].join('');
      return `class ${name}: ${satisfied} of ${total} requirements satisfied, ${rest}${others}`;
    });
}

function shouldLines(events: readonly ReportEvent[]): string[] {
  const violated = events.filter(
    event =>
      event.event === 'requirement' && event.verdict === 'violated' && !isAbsolute(event.level ?? 'MUST'),
  );
  if (violated.length === 0) return [];
  const ids = violated.map(event => (event.event === 'requirement' ? event.id : ''));
  return [`recommendations not followed: ${ids.join(', ')}`];
}

function verdictLines(events: readonly ReportEvent[], footer: Footer, style: Style): string[] {
  const claimed = events.filter(event => event.event === 'class').map(event => event.class);
  if (footer.conformant) return [style.good(`conformant: yes, as ${claimed.join(', ')}`)];
  return [style.bad('conformant: no'), ...footer.because.map(reason => `  ${reason}`)];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function same(text: string): string {
  return text;
}
