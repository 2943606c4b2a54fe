import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { confirmationsPath } from '../../suite/confirmations.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { allConfirmations, judgeResults, resultsFolder } from './results.ts';
import { withTable } from './table.ts';

it('the table and the confirmations are what the recorded runs say', async () => {
  const results = await judgeResults(packageRoot);
  expect(results.map(({ implementation }) => implementation.split(' ')[0])).toEqual(
    expect.arrayContaining(['composefs-oci', 'witness', 'mkcomposefs', 'composefs-rs']),
  );
  const readme = readFileSync(join(packageRoot, resultsFolder, 'README.md'), 'utf8');
  expect(withTable(readme, results)).toBe(readme);
  const confirmations = JSON.parse(readFileSync(join(packageRoot, confirmationsPath), 'utf8'));
  expect(confirmations).toEqual(allConfirmations(results));
});
