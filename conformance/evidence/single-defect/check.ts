/**
 * Shows of each case that has to be rejected whether one check decides it.
 * @module
 */

import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { distribute } from '../../runner/run/schedule.ts';
import { WorkDirectories } from '../../runner/run/work-directory.ts';
import type { Case } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { copyReference, type ReferenceCopy, type ThrowStatement } from './copy-reference.ts';
import type { ProbeResult } from './probe.ts';
import { Prober } from './prober.ts';

/**
 * What happens to a case if the check that rejects it is switched off:
 *
 * - `decided`: the input is accepted;
 * - `stuck`: the reference cannot go on without the check, and nothing else rejects the input;
 * - `masked`: another check rejects it;
 * - `unknown`: it is not known which check rejects it.
 */
export type Decision =
  | { readonly kind: 'decided' }
  | { readonly kind: 'stuck'; readonly check: ThrowStatement; readonly problem: string }
  | { readonly kind: 'masked'; readonly check: ThrowStatement; readonly message: string }
  | { readonly kind: 'unknown'; readonly problem: string };

/** The decision on each case of `suite` that has to be rejected, by its id. */
export async function decisions(
  suite: Suite,
  jobs = availableParallelism(),
): Promise<ReadonlyMap<string, Decision>> {
  const cases = suite.cases.filter(({ expect }) => expect.outcome === 'reject');
  const work = WorkDirectories.create(false);
  const copy = copyReference();
  try {
    const found = new Map<string, Decision>();
    const probers = Array.from({ length: jobs }, () => new Prober(copy.folder));
    await distribute(cases, probers, async (prober, test) => {
      const run = async (off: number | null) => {
        const folder = work.prepare(test, caseFolder(suite, test));
        const { input, outDir } = folder;
        const result = await prober.run({ op: test.op, params: test.params, input, outDir, off });
        folder.remove();
        return result;
      };
      found.set(test.id, await decide(test, copy, run));
    });
    for (const prober of probers) await prober.end();
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    work.remove();
    rmSync(copy.folder, { recursive: true });
  }
}

async function decide(
  { expect }: Case,
  { statements }: ReferenceCopy,
  run: (off: number | null) => Promise<ProbeResult>,
): Promise<Decision> {
  const first = await run(null);
  if (first.kind !== 'rejected') return { kind: 'unknown', problem: `the reference ${first.kind} it` };
  const check = first.by === null ? undefined : statements[first.by];
  if (check === undefined) return { kind: 'unknown', problem: `no statement throws: ${first.message}` };
  if (expect.outcome === 'reject' && !expect.reasons.some(code => first.message.endsWith(`(${code})`))) {
    return { kind: 'unknown', problem: `another error code: ${first.message}` };
  }
  const second = await run(first.by);
  switch (second.kind) {
    case 'accepted':
      return { kind: 'decided' };
    case 'failed':
      return { kind: 'stuck', check, problem: second.message };
    case 'rejected':
      return { kind: 'masked', check, message: second.message };
  }
}
