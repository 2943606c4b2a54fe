/**
 * The report for people, a pure function of the events.
 * @module
 */

import { isAbsolute } from '../../suite/requirements.ts';
import { casesByCause, reproduce } from './causes.ts';
import {
  type CaseEvent,
  type Footer,
  type Header,
  type ReportEvent,
  type RequirementEvent,
  statuses,
} from './events.ts';

/** The styles of a terminal. */
export interface TextStyle {
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** No styles, for files, pipes and NO_COLOR. */
export const plain: TextStyle = { bad: unstyled, good: unstyled, strong: unstyled, faint: unstyled };

/** The ids shown of cases with the same cause. */
const SHOWN_IDS = 8;
/** The lines of stderr shown; the event has all of them. */
const STDERR_LINES = 20;

/** The whole report. */
export function textReport(events: readonly ReportEvent[], style: TextStyle = plain): string {
  const header = events.find(event => event.event === 'header');
  const footer = events.find(event => event.event === 'footer');
  if (header === undefined || footer === undefined) throw new Error('a report has a header and a footer');
  const requirements = new Map(
    events.filter(event => event.event === 'requirement').map(event => [event.id, event]),
  );
  const cases = events.filter(event => event.event === 'case');
  const blocks = [
    headerLines(header, style),
    ...casesByCause(cases).map(group => failureLines(group, { header, requirements, style })),
    summaryLines(events, style),
  ];
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`;
}

function headerLines(header: Header, { strong, faint }: TextStyle): string[] {
  const { implementation, suite, memoryLimit, platform } = header;
  const { name, version, language, url } = implementation;
  const memory =
    memoryLimit === null
      ? 'no memory limit (needs Linux with prlimit)'
      : `${memoryLimit / 2 ** 20} MiB of memory per process`;
  return [
    strong(`composefs-oci conformance, suite ${suite.version}, specification ${header.specVersion}`),
    `implementation  ${[name, version, language && `(${language})`, url].filter(Boolean).join(' ')}`,
    `command         ${header.command}`,
    `order           seed ${header.seed}, ${count(header.jobs, 'process', 'processes')}${repeatText(header)}`,
    `limits          ${header.timeoutMs} ms per case, ${memory}`,
    faint(
      `platform        ${platform.os} ${platform.arch}, node ${platform.node}, index ${suite.indexSha256.slice(0, 16)}`,
    ),
    ...(header.recorded === null
      ? []
      : [`recorded        ${header.recorded.time}, answers ${header.recorded.answersSha256.slice(0, 16)}`]),
    ...(header.xfail === null ? [] : [`known failures  ${header.xfail}`]),
    ...header.leftOut.map(
      ({ id, because }) => `left out        ${id}: this runner cannot read the case (${because})`,
    ),
    ...header.unknownOperations.map(
      name => `note            hello declares the operation ${name}, which this suite does not have`,
    ),
  ];
}

function repeatText({ repeat }: Header): string {
  return repeat === 1 ? '' : `, each case ${repeat} times`;
}

interface ReportContext {
  readonly header: Header;
  readonly requirements: ReadonlyMap<string, RequirementEvent>;
  readonly style: TextStyle;
}

function failureLines(group: readonly CaseEvent[], { header, requirements, style }: ReportContext): string[] {
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
  const violated = failure?.violates ?? first.requirements;
  const all = violated.map(cited).join(', ');
  const lines = [
    `${style.bad(status.toUpperCase())} ${style.strong(id)}   ${all}${link(violated[0] ?? '')}`,
    `  ${style.faint(title)}`,
  ];
  if (failure !== undefined) lines.push(...failure.message.split('\n').map(line => `  ${line}`));
  const definedBy = failure?.difference?.requirement;
  if (definedBy !== undefined) {
    lines.push(`  requirement of this field: ${cited(definedBy)}${link(definedBy)}`);
  }
  const undecided = first.requirements.filter(name => !violated.includes(name));
  if (undecided.length > 0) lines.push(`  says nothing about: ${undecided.join(', ')}`);
  if (listed !== undefined && status === 'xpass') {
    lines.push(
      `  passes, but known-failures line ${listed.line} lists it with status ${listed.status}; remove it`,
    );
  } else if (listed !== undefined) {
    lines.push(
      `  fails differently from known-failures line ${listed.line}, which lists it with status ${listed.status}`,
    );
  }
  lines.push(...stderrLines(failure?.stderr));
  if (others.length > 0) {
    const shown = others.slice(0, SHOWN_IDS).map(other => other.id);
    const more = others.length > SHOWN_IDS ? ', …' : '';
    lines.push(
      `  same cause in ${count(others.length, 'other case', 'other cases')}: ${shown.join(', ')}${more}`,
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

/** Replaces control characters, which could move the cursor or change colours. */
function printableLine(text: string): string {
  return text.replace(/[^\t\x20-\x7e\u00a0-\uffff]/g, '?');
}

function summaryLines(events: readonly ReportEvent[], style: TextStyle): string[] {
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
    ...stopLines(footer).map(style.bad),
    ...filteredLines(cases),
    ...rejectionLines(footer),
    ...footer.unusedXfail.map(({ line, pattern }) =>
      style.bad(`known-failures line ${line}: pattern ${pattern} matches no case; remove it`),
    ),
    ...classLines(events),
    ...shouldLines(events),
    ...verdictLines(events, footer, style),
  ];
}

function stopLines({ stopped }: Footer): string[] {
  return stopped === null ? [] : [`stopped early: ${stopped.message}`];
}

function filteredLines(cases: readonly CaseEvent[]): string[] {
  const undeclared = new Map<string, number>();
  let unselected = 0;
  let afterStop = 0;
  let inOtherShards = 0;
  let unrecorded = 0;
  for (const { filtered } of cases) {
    if (filtered === undefined) continue;
    if (filtered.by === 'selection') unselected++;
    else if (filtered.by === 'stop') afterStop++;
    else if (filtered.by === 'shard') inOtherShards++;
    else if (filtered.by === 'record') unrecorded++;
    else undeclared.set(filtered.name, (undeclared.get(filtered.name) ?? 0) + 1);
  }
  const names = [...undeclared].map(([name, cases]) => `${name} (${cases})`);
  return [
    ...(names.length > 0 ? [`not run because hello does not declare them: ${names.join(', ')}`] : []),
    ...(afterStop > 0 ? [`not run because the run stopped early: ${afterStop}`] : []),
    ...(inOtherShards > 0 ? [`not run because they are in other shards: ${inOtherShards}`] : []),
    ...(unrecorded > 0
      ? [`not judged because the record has no answer to their requests: ${unrecorded}`]
      : []),
    ...(unselected > 0 ? [`not run because they are not selected: ${unselected}`] : []),
  ];
}

function rejectionLines({ rejectionsWithoutReason: silent }: Footer): string[] {
  if (silent === 0) return [];
  return [`${count(silent, 'rejection', 'rejections')} without an error code: only the stage was checked`];
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
        ...(notWatched > 0 ? [`; ${notWatched} not observed (use --repeat 2)`] : []),
        ...(byInspection > 0 ? [`; ${byInspection} to be verified by inspection`] : []),
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

function verdictLines(events: readonly ReportEvent[], footer: Footer, style: TextStyle): string[] {
  const claimed = events.filter(event => event.event === 'class').map(event => event.class);
  if (footer.conformant) return [style.good(`conformant: yes, as ${claimed.join(', ')}`)];
  return [style.bad('conformant: no'), ...footer.because.map(reason => `  ${reason}`)];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function unstyled(text: string): string {
  return text;
}
