/**
 * The report, as a table and as JSON.
 * @module
 */

import type { CachedImage } from './cache.ts';
import {
  type AnswerPair,
  type Comparison,
  differentLines,
  type Reason,
  type ToolAnswer,
} from './comparison.ts';

/** One image and its comparisons. */
export interface RealImageReport {
  readonly name: string;
  readonly image: CachedImage;
  /** The number of names in its tree, including the root. */
  readonly names: number;
  readonly comparisons: readonly Comparison[];
  /** Seconds that all comparisons took together. */
  readonly seconds: number;
}

/** The most differing lines that are shown of each answer. */
const MAX_LINES = 10;
/** The most characters that are shown of a line. */
const MAX_WIDTH = 160;

/** The table of one image, followed by remarks on its rows. */
export function table({ name, image, names, comparisons, seconds }: RealImageReport): string {
  const created = `created ${image.fresh ? 'now' : 'earlier'} in ${image.madeInSeconds} s`;
  const size = `${(image.bytes / 1e6).toFixed(0)} MB`;
  const cells = comparisons.map(comparison => [
    comparison.status,
    comparison.what,
    comparison.by,
    short(comparison),
    comparison.status === 'skipped' ? '' : comparison.ours.seconds.toFixed(1),
    comparison.status === 'skipped' ? '' : comparison.theirs.seconds.toFixed(1),
  ]);
  const head = ['', 'what', 'by', 'answer', 'ours s', 'theirs s'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i]?.length ?? 0)));
  const rows = [head, ...cells].map(row =>
    row
      .map((cell, i) => (i < 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const title = `${name}: ${image.layers} layers, ${names} names, ${size}, ${created}; compared in ${seconds.toFixed(0)} s`;
  return `${[title, ...rows, ...remarks(comparisons)].join('\n')}\n`;
}

/** For example `4 images: 37 same, 3 explained`. */
export function summary(reports: readonly RealImageReport[]): string {
  const all = reports.flatMap(report => report.comparisons);
  const counts = (['same', 'explained', 'skipped', 'DIFFERS'] as const).map(
    status => [status, all.filter(comparison => comparison.status === status).length] as const,
  );
  const shown = counts.filter(([, count]) => count > 0).map(([status, count]) => `${count} ${status}`);
  return `${reports.length} ${reports.length === 1 ? 'image' : 'images'}: ${shown.join(', ')}\n`;
}

/** The report as one JSON value, without long texts. */
export function json(reports: readonly RealImageReport[], exitCode: number): string {
  const images = reports.map(({ name, image, names, seconds, comparisons }) => ({
    name,
    ...image,
    names,
    seconds,
    findings: comparisons.map(comparison =>
      comparison.status === 'skipped'
        ? comparison
        : { ...comparison, ours: brief(comparison.ours), theirs: brief(comparison.theirs) },
    ),
  }));
  return `${JSON.stringify({ exitCode, images }, null, 2)}\n`;
}

function brief(answer: ToolAnswer): ToolAnswer {
  if (answer.kind === 'fails') return answer;
  return { ...answer, text: inOneLine(answer.text) };
}

/** A digest as it is; for a dumpfile, its number of lines. */
function inOneLine(text: string): string {
  const lines = text.split('\n').length;
  return lines > 1 ? `${lines} lines` : text;
}

function short(comparison: Comparison): string {
  if (comparison.status === 'skipped' || comparison.ours.kind === 'fails') return '';
  const text = inOneLine(comparison.ours.text);
  return /^[0-9a-f]{64,}$/.test(text) ? `${text.slice(0, 16)}…` : text;
}

/** The remarks on rows; rows with the same remark share it. */
function remarks(comparisons: readonly Comparison[]): string[] {
  const titles = new Map<string, string[]>();
  for (const comparison of comparisons) {
    const lines = remark(comparison);
    if (lines.length === 0) continue;
    const text = lines.join('\n');
    const title = `${comparison.status} ${comparison.what}, ${comparison.by}`;
    titles.set(text, [...(titles.get(text) ?? []), title]);
  }
  return [...titles].flatMap(([text, shared]) => [...shared, text]);
}

function remark(comparison: Comparison): string[] {
  switch (comparison.status) {
    case 'same':
      return [];
    case 'skipped':
      return [`  ${comparison.why}`];
    case 'explained':
      return [...comparison.reasons.map(reason), ...difference(comparison)];
    case 'DIFFERS': {
      const outdated = comparison.outdated.map(
        known =>
          `  a known difference no longer occurs; remove it from known-differences.ts:\n${reason(known)}`,
      );
      return [...outdated, ...difference(comparison)];
    }
  }
}

function reason({ why, link }: Reason): string {
  return `  ${why}\n  ${link}`;
}

function difference({ ours, theirs }: AnswerPair): string[] {
  if (ours.kind === 'fails' || theirs.kind === 'fails') {
    return [...failure('ours  ', ours), ...failure('theirs', theirs)];
  }
  const { left, right } = differentLines(ours.text, theirs.text);
  return [...firstLines('ours  ', left), ...firstLines('theirs', right)];
}

/** The message of a program that failed, without a stack backtrace. */
function failure(side: string, answer: ToolAnswer): string[] {
  if (answer.kind === 'says') return [];
  const [message = ''] = answer.why.split(/^Stack backtrace:$/m);
  return firstLines(
    side,
    message.split('\n').filter(line => line.trim() !== ''),
  );
}

function firstLines(side: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, MAX_LINES).map(line => `  ${side}  ${cut(line)}`);
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...shown, `  ${side}  … ${more} more`] : shown;
}

function cut(line: string): string {
  return line.length > MAX_WIDTH ? `${line.slice(0, MAX_WIDTH)}…` : line;
}
