/**
 * The results of external checks, and the table of them.
 * @module
 */

/** The result of one checker for one case. */
export type CheckResult =
  | { readonly status: 'pass' }
  | { readonly status: 'fail'; readonly why: string }
  /** It was not checked. This never counts as passed. */
  | { readonly status: 'skip'; readonly why: string };

/** All results of one checker for one kind of input. */
export interface CheckRow {
  /** Name and version of the checker, as `provenance.confirmedBy` names it. */
  readonly checker: string;
  /** The kind of input, in the plural. */
  readonly what: string;
  /** By case id. */
  readonly results: ReadonlyMap<string, CheckResult>;
}

export const pass: CheckResult = { status: 'pass' };

export function fail(why: string): CheckResult {
  return { status: 'fail', why };
}

export function skip(why: string): CheckResult {
  return { status: 'skip', why };
}

/** The results of `row` with `status`, with the ids of the cases. */
export function withStatus<Status extends CheckResult['status']>(
  { results }: CheckRow,
  status: Status,
): (Extract<CheckResult, { status: Status }> & { readonly id: string })[] {
  const found: (Extract<CheckResult, { status: Status }> & { readonly id: string })[] = [];
  for (const [id, verdict] of results) {
    if (verdict.status === status) {
      found.push({ ...(verdict as Extract<CheckResult, { status: Status }>), id });
    }
  }
  return found;
}

/** The rows as a table, followed by every failure, and by every reason for skipped checks. */
export function table(rows: readonly CheckRow[]): string {
  const cells = rows.map(row => [
    row.checker,
    row.what,
    ...(['pass', 'fail', 'skip'] as const).map(status => String(withStatus(row, status).length)),
  ]);
  const head = ['checker', 'input', 'pass', 'fail', 'skipped'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i]?.length ?? 0)));
  const lines = [head, ...cells].map(row =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  for (const row of rows) {
    for (const { id, why } of withStatus(row, 'fail')) lines.push(`FAIL ${id}, ${row.checker}: ${why}`);
    const reasons = new Map<string, number>();
    for (const { why } of withStatus(row, 'skip')) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    for (const [why, count] of reasons) {
      lines.push(`SKIPPED ${count} ${row.what}, ${row.checker}: ${why}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
