/**
 * The report, as text and as JSON.
 * @module
 */

/** The result of one check. */
export type RoundTripResult = { readonly image: string; readonly what: string; readonly by: string } & (
  | { readonly status: 'passed' }
  | { readonly status: 'FAILED' | 'skipped'; readonly why: string }
);

const statuses = ['passed', 'FAILED', 'skipped'] as const;

/** A line for each check of an image, followed by the reason if it failed. */
export function lines(results: readonly RoundTripResult[]): string {
  const width = Math.max(...results.map(({ what }) => what.length));
  const text = results.flatMap(result => {
    const line = `${result.status.padEnd(7)}  ${result.what.padEnd(width)}  ${result.by}`;
    return result.status === 'FAILED' ? [line, ...indented(result.why)] : [line];
  });
  return `${[results[0]?.image ?? '', ...text].join('\n')}\n`;
}

/** The reasons for skipped checks, each once, and the numbers: `37 passed, 0 failed, 3 skipped`. */
export function summary(results: readonly RoundTripResult[]): string {
  const reasons = new Map<string, number>();
  for (const result of results) {
    if (result.status === 'skipped') reasons.set(result.why, (reasons.get(result.why) ?? 0) + 1);
  }
  const skipped = [...reasons].map(([why, count]) => `${count} skipped: ${why}`);
  const counts = statuses.map(status => `${count(results, status)} ${status.toLowerCase()}`);
  return `${[...skipped, counts.join(', ')].join('\n')}\n`;
}

/** All results as one JSON value. */
export function json(results: readonly RoundTripResult[], exitCode: number): string {
  const [passed, failed, skipped] = statuses.map(status => count(results, status));
  return `${JSON.stringify({ exitCode, passed, failed, skipped, findings: results }, null, 2)}\n`;
}

function count(results: readonly RoundTripResult[], status: RoundTripResult['status']): number {
  return results.filter(result => result.status === status).length;
}

function indented(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map(line => `  ${line}`);
}
