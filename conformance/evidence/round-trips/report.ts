/**
 * What came of everything, as text and as JSON.
 * @module
 */

/** What came of one check. */
export type Finding = { readonly image: string; readonly what: string; readonly by: string } & (
  | { readonly status: 'passed' }
  | { readonly status: 'FAILED' | 'skipped'; readonly why: string }
);

const statuses = ['passed', 'FAILED', 'skipped'] as const;

/** A line for each check of an image, and below it why it failed. */
export function lines(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  const text = findings.flatMap(finding => {
    const line = `${finding.status.padEnd(7)}  ${finding.what.padEnd(width)}  ${finding.by}`;
    return finding.status === 'FAILED' ? [line, ...indented(finding.why)] : [line];
  });
  return `${[findings[0]?.image ?? '', ...text].join('\n')}\n`;
}

/** Why checks were skipped, each reason once, and `37 passed, 0 failed, 3 skipped`. */
export function summary(findings: readonly Finding[]): string {
  const reasons = new Map<string, number>();
  for (const finding of findings) {
    if (finding.status === 'skipped') reasons.set(finding.why, (reasons.get(finding.why) ?? 0) + 1);
  }
  const skipped = [...reasons].map(([why, count]) => `${count} skipped: ${why}`);
  const counts = statuses.map(status => `${count(findings, status)} ${status.toLowerCase()}`);
  return `${[...skipped, counts.join(', ')].join('\n')}\n`;
}

/** All of it as one JSON value. */
export function json(findings: readonly Finding[], exitCode: number): string {
  const [passed, failed, skipped] = statuses.map(status => count(findings, status));
  return `${JSON.stringify({ exitCode, passed, failed, skipped, findings }, null, 2)}\n`;
}

function count(findings: readonly Finding[], status: Finding['status']): number {
  return findings.filter(finding => finding.status === status).length;
}

function indented(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map(line => `  ${line}`);
}
