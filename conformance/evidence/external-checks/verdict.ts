/**
 * What judges say, and how it is summed up.
 * @module
 */

/** What one judge says about one case. */
export type Verdict =
  | { readonly status: 'pass' }
  | { readonly status: 'fail'; readonly why: string }
  /** It was not judged. This never counts as passed. */
  | { readonly status: 'skip'; readonly why: string };

/** What one judge says about all it was given. */
export interface Row {
  /** Who judged, with a version, as `provenance.confirmedBy` names it. */
  readonly judge: string;
  /** What was judged, in the plural. */
  readonly what: string;
  /** By id of the case. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export const pass: Verdict = { status: 'pass' };

export function fail(why: string): Verdict {
  return { status: 'fail', why };
}

export function skip(why: string): Verdict {
  return { status: 'skip', why };
}

/** The verdicts of `row` with `status`, with their ids. */
export function withStatus<Status extends Verdict['status']>(
  { verdicts }: Row,
  status: Status,
): (Extract<Verdict, { status: Status }> & { readonly id: string })[] {
  const found: (Extract<Verdict, { status: Status }> & { readonly id: string })[] = [];
  for (const [id, verdict] of verdicts) {
    if (verdict.status === status) {
      found.push({ ...(verdict as Extract<Verdict, { status: Status }>), id });
    }
  }
  return found;
}

/** The rows as a table, and below it every failure, and every reason for which something was skipped. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(row => [
    row.judge,
    row.what,
    ...(['pass', 'fail', 'skip'] as const).map(status => String(withStatus(row, status).length)),
  ]);
  const head = ['judge', 'what', 'pass', 'fail', 'skipped'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i]?.length ?? 0)));
  const lines = [head, ...cells].map(row =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  for (const row of rows) {
    for (const { id, why } of withStatus(row, 'fail')) lines.push(`FAIL ${id}, ${row.judge}: ${why}`);
    const reasons = new Map<string, number>();
    for (const { why } of withStatus(row, 'skip')) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    for (const [why, count] of reasons) {
      lines.push(`SKIPPED ${count} ${row.what}, ${row.judge}: ${why}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
