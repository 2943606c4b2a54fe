/**
 * What `fsck` and `oci fsck` of composefs-rs say of the stores of the cases: they print no codes, so only whether they
 * find anything is compared.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedResult } from '../../suite/case.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type Examined, inFolder, unpackStore } from './parts.ts';

/** Sound stores that composefs-rs cannot open: it needs the member `default` of `erofs_formats` (spec/upstream.md). */
const unreadable: ReadonlySet<string> = new Set(['store/meta-features-empty', 'store/meta-other-members']);

/** How often cases with one code were found, in the order of the codes. */
interface Count {
  cases: number;
  found: number;
  crashed: number;
}

/** Lets `cfsctl`, a path, check the stores of all cases of `store.fsck`. A sound store that it rejects is a problem. */
export function checkWithComposefsRs(suite: Suite, cfsctl: string): Promise<Examined> {
  return inFolder(async folder => {
    const problems: string[] = [];
    const counts = new Map<string, Count>();
    let sound = 0;
    for (const test of suite.cases) {
      const findings = expectedResult(test)?.files?.['findings'];
      const archive = test.input['store'];
      if (test.op !== 'store.fsck' || typeof findings !== 'string' || typeof archive !== 'string') continue;
      const store = join(folder, test.id.replace('/', '-'));
      unpackStore(readFileSync(join(caseFolder(suite, test), archive)), store);
      const said = [['fsck'], ['oci', 'fsck']].map(args => outcomeOf(cfsctl, store, args));
      const found = said.some(outcome => outcome !== 'ok');
      const codes = codesIn(readFileSync(join(caseFolder(suite, test), findings), 'latin1'));
      if (codes.length === 0) {
        sound++;
        if (found !== unreadable.has(test.id))
          problems.push(`${test.id} is sound, and composefs-rs says: ${said.join(', ')}`);
      }
      for (const code of codes) {
        const count = counts.get(code) ?? { cases: 0, found: 0, crashed: 0 };
        counts.set(code, count);
        count.cases++;
        if (found) count.found++;
        if (said.includes('crashed')) count.crashed++;
      }
    }
    const table = [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, { cases, found, crashed }]) => {
        return `\n  ${code.padEnd(18)} found in ${found} of ${cases} cases${crashed > 0 ? `, crashed in ${crashed}` : ''}`;
      });
    return { summary: `${sound} sound stores, and others by their findings${table.join('')}`, problems };
  });
}

function outcomeOf(cfsctl: string, store: string, args: readonly string[]): 'ok' | 'found' | 'crashed' {
  const env = { ...process.env, LC_ALL: 'C', RUST_BACKTRACE: '0' };
  const { status, signal, stdout } = spawnSync(cfsctl, ['--insecure', '--repo', store, ...args], {
    env,
    encoding: 'latin1',
  });
  if (signal !== null || status === 101) return 'crashed';
  return status === 0 && !/^status: (?!ok$)/m.test(stdout) ? 'ok' : 'found';
}

/** The codes in a list of findings, each once. */
function codesIn(findings: string): string[] {
  return [...new Set(findings.split('\n').flatMap(line => (line === '' ? [] : [line.split('\t')[0] ?? ''])))];
}
