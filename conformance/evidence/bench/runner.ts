/**
 * The runner's own time for each case.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { RunFailed, type Summary, summary } from './measure.ts';
import type { CheckedTarget } from './targets.ts';

/** The name of this measurement for `--only`. */
export const RUNNER = 'runner';
/** The most milliseconds of wall time for one case with two processes. */
export const RUNNER_TARGET = 1;

const program = join(packageRoot, 'dist/conformance/runner/main.js');
const adapter = join(packageRoot, 'dist/conformance/evidence/bench/instant-adapter.js');

/** The time of the runner. */
export interface RunnerResult {
  readonly cases: number;
  /** Milliseconds of wall time for one case. */
  readonly perCase: Summary | undefined;
}

/** Runs all cases with an adapter that answers at once, once to warm up and then `runs` times. Throws {@link RunFailed}. */
export function measureRunner(runs: number): RunnerResult {
  runOnce();
  const measured = Array.from({ length: runs }, runOnce);
  return {
    cases: measured[0]?.cases ?? 0,
    perCase: summary(measured.map(({ cases, durationMs }) => durationMs / cases)),
  };
}

/** Whether the time meets its target. */
export function checkRunner({ perCase }: RunnerResult): CheckedTarget | undefined {
  if (perCase === undefined) return undefined;
  const { median } = perCase;
  const what = `${RUNNER}: milliseconds for one case, two processes`;
  return { what, limit: RUNNER_TARGET, value: median, met: median <= RUNNER_TARGET };
}

function runOnce(): { readonly cases: number; readonly durationMs: number } {
  const impl = `exec "${process.execPath}" "${adapter}"`;
  const args = [program, '--impl', impl, '--jobs', '2', '--seed', '1', '--reporter', 'jsonl'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const footer = JSON.parse(stdout.trimEnd().split('\n').at(-1) || '{}');
  // Every answer is wrong, so the run fails, but it must reach the last case.
  if (footer.event !== 'footer' || footer.stopped !== null)
    throw new RunFailed(`the runner failed: ${stderr}`);
  const { filtered, ...ran } = footer.counts as Readonly<Record<string, number>>;
  return { cases: Object.values(ran).reduce((sum, count) => sum + count, 0), durationMs: footer.durationMs };
}
