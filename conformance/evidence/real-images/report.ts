/**
 * What came of everything, as a table and as JSON.
 * @module
 */

import type { Cached } from './cache.ts';
import { type Answer, type Both, differentLines, type Finding, type Reason } from './comparison.ts';

/** One image and what came of its checks. */
export interface ImageReport {
  readonly name: string;
  readonly image: Cached;
  /** Names of its tree, the root included. */
  readonly names: number;
  readonly findings: readonly Finding[];
  /** Seconds that all checks of it took together. */
  readonly seconds: number;
}

/** Lines of a difference that are shown, of each side. */
const SHOWN = 10;
/** Characters of them. */
const WIDTH = 160;

/** The table of one image, and what there is to say about its rows. */
export function table({ name, image, names, findings, seconds }: ImageReport): string {
  const made = `${image.fresh ? 'made now' : 'from the cache, once made'} in ${image.madeInSeconds} s`;
  const size = `${(image.bytes / 1e6).toFixed(0)} MB`;
  const cells = findings.map(finding => [
    finding.status,
    finding.what,
    finding.by,
    short(finding),
    finding.status === 'skipped' ? '' : finding.ours.seconds.toFixed(1),
    finding.status === 'skipped' ? '' : finding.theirs.seconds.toFixed(1),
  ]);
  const head = ['', 'what', 'by', 'answer', 'ours s', 'theirs s'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i]?.length ?? 0)));
  const rows = [head, ...cells].map(row =>
    row
      .map((cell, i) => (i < 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const title = `${name}: ${image.layers} layers, ${names} names, ${size}, ${made}; compared in ${seconds.toFixed(0)} s`;
  return `${[title, ...rows, ...remarks(findings)].join('\n')}\n`;
}

/** `37 same, 3 explained` */
export function summary(reports: readonly ImageReport[]): string {
  const all = reports.flatMap(report => report.findings);
  const counts = (['same', 'explained', 'skipped', 'DIFFERS'] as const).map(
    status => [status, all.filter(finding => finding.status === status).length] as const,
  );
  const shown = counts.filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`);
  return `${reports.length} ${reports.length === 1 ? 'image' : 'images'}: ${shown.join(', ')}\n`;
}

/** The same as one JSON value; long texts are left out of it. */
export function json(reports: readonly ImageReport[], exitCode: number): string {
  const images = reports.map(({ name, image, names, seconds, findings }) => ({
    name,
    ...image,
    names,
    seconds,
    findings: findings.map(finding =>
      finding.status === 'skipped'
        ? finding
        : { ...finding, ours: brief(finding.ours), theirs: brief(finding.theirs) },
    ),
  }));
  return `${JSON.stringify({ exitCode, images }, null, 2)}\n`;
}

function brief(answer: Answer): Answer {
  if (answer.kind === 'fails') return answer;
  return { ...answer, text: inOneLine(answer.text) };
}

/** A digest as it is, a dumpfile by its number of lines. */
function inOneLine(text: string): string {
  const lines = text.split('\n').length;
  return lines > 1 ? `${lines} lines` : text;
}

function short(finding: Finding): string {
  if (finding.status === 'skipped' || finding.ours.kind === 'fails') return '';
  const text = inOneLine(finding.ours.text);
  return /^[0-9a-f]{64,}$/.test(text) ? `${text.slice(0, 16)}…` : text;
}

/** What there is to say about rows, once where it is the same about several. */
function remarks(findings: readonly Finding[]): string[] {
  const titles = new Map<string, string[]>();
  for (const finding of findings) {
    const lines = remark(finding);
    if (lines.length === 0) continue;
    const text = lines.join('\n');
    const title = `${finding.status} ${finding.what}, ${finding.by}`;
    titles.set(text, [...(titles.get(text) ?? []), title]);
  }
  return [...titles].flatMap(([text, shared]) => [...shared, text]);
}

function remark(finding: Finding): string[] {
  switch (finding.status) {
    case 'same':
      return [];
    case 'skipped':
      return [`  ${finding.why}`];
    case 'explained':
      return [...finding.reasons.map(reason), ...difference(finding)];
    case 'DIFFERS': {
      const outdated = finding.outdated.map(known => `  explained.ts is not up to date:\n${reason(known)}`);
      return [...outdated, ...difference(finding)];
    }
  }
}

function reason({ why, link }: Reason): string {
  return `  ${why}\n  ${link}`;
}

function difference({ ours, theirs }: Both): string[] {
  if (ours.kind === 'fails' || theirs.kind === 'fails') {
    return [...failure('ours  ', ours), ...failure('theirs', theirs)];
  }
  const { left, right } = differentLines(ours.text, theirs.text);
  return [...some('ours  ', left), ...some('theirs', right)];
}

/** What a program said, without the addresses of its code. */
function failure(who: string, answer: Answer): string[] {
  if (answer.kind === 'says') return [];
  const [said = ''] = answer.why.split(/^Stack backtrace:$/m);
  return some(
    who,
    said.split('\n').filter(line => line.trim() !== ''),
  );
}

function some(who: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, SHOWN).map(line => `  ${who}  ${cut(line)}`);
  const more = lines.length - SHOWN;
  return more > 0 ? [...shown, `  ${who}  … ${more} more`] : shown;
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line;
}
