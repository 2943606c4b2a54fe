import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { type Coverage, NEW_DIGEST, recordedCoverage, SIGNED_BEFORE } from './coverage.ts';

/** The rows whose text differs from the name in the record. */
const names: Readonly<Record<string, string>> = {
  'signature in the artifact': 'signature',
  'manifest, with a space more and its new digest': NEW_DIGEST,
  'nothing, but cosign signed the image before it was sealed': SIGNED_BEFORE,
};

/** The verdicts of a record, without error codes. */
function withoutCodes(coverage: Coverage): Coverage {
  const verdicts = Object.entries(coverage).map(([what, { cosign, verify }]) => [
    what,
    { cosign, verify: verify === 'accepts' ? 'accepts' : 'rejects' },
  ]);
  return Object.fromEntries(verdicts);
}

/** The table of the chapter, in the form of a record. */
function tableIn(chapter: string): { readonly inline: Coverage; readonly artifact: Coverage } {
  const [, rows = ''] = /<!-- table: cosign-coverage -->\n\|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(chapter) ?? [];
  const cells = rows
    .trimEnd()
    .split('\n')
    .map(row => row.split('|').map(cell => cell.trim()));
  const mode = (at: number) =>
    Object.fromEntries(
      cells
        .filter(row => row[at] !== '')
        .map(row => [names[row[1] ?? ''] ?? row[1], { cosign: row[at], verify: row[at + 1] }]),
    ) as Coverage;
  return { inline: mode(2), artifact: mode(4) };
}

test('the table of what is noticed is that of the recorded run', () => {
  const chapter = readFileSync(join(packageRoot, 'spec/sealing.md'), 'utf8');
  const { cosign, inline, artifact } = recordedCoverage();
  expect(tableIn(chapter)).toEqual({ inline: withoutCodes(inline), artifact: withoutCodes(artifact) });
  expect(chapter).toContain(`cosign ${cosign}, with a key`);
});
