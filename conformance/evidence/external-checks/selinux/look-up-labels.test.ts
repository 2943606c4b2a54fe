import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { labelLookups } from '../../../implementations/install/paths.ts';
import { type LabelRequest, lookUpLabels } from './look-up-labels.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labels-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const requests: readonly LabelRequest[] = [
  { path: '/', type: 'd' },
  { path: '/a', type: '-' },
  { path: '/a', type: 'd' },
  { path: '/b', type: 'l' },
  { path: '/x/\xff\n', type: 'p' },
];

/** A program that behaves as look_up_labels with these lines and exit code does. */
function fake(lines: readonly string[], code: number) {
  const program = join(folder, 'program');
  const script = ['#!/bin/sh', 'cat >/dev/null', ...lines.map(line => `echo '${line}'`), `exit ${code}`];
  writeFileSync(program, `${script.join('\n')}\n`, { mode: 0o755 });
  return { version: '0', program };
}

describe.each(labelLookups())('libselinux $version', lookup => {
  test('labels by pattern, type and <<none>>, and reads the files beside', async () => {
    const contexts = join(folder, 'file_contexts');
    writeFileSync(contexts, '/.* all\n/a -d dir\n/b <<none>>\n');
    writeFileSync(`${contexts}.local`, '/t/.* below\n');
    writeFileSync(`${contexts}.subs`, '/x /t\n');
    const labels = ['all', 'all', 'dir', undefined, 'below'];
    expect(await lookUpLabels(lookup, contexts, requests)).toEqual({
      kind: 'answered',
      answers: labels.map(label => (label === undefined ? { kind: 'none' } : { kind: 'label', label })),
    });
  });

  test('rejects a line of one word', async () => {
    const contexts = join(folder, 'file_contexts');
    writeFileSync(contexts, '/a\n');
    expect(await lookUpLabels(lookup, contexts, requests)).toMatchObject({ kind: 'rejected' });
  });
});

test('a failed lookup is not an answer without a label', async () => {
  const lookup = fake(['=a', '-', '!Invalid argument', '-', '-'], 0);
  expect(await lookUpLabels(lookup, 'x', requests)).toMatchObject({
    answers: [
      { kind: 'label', label: 'a' },
      { kind: 'none' },
      { kind: 'failed', why: 'Invalid argument' },
      { kind: 'none' },
      { kind: 'none' },
    ],
  });
});

test.each([
  ['too few answers', ['=a'], 0],
  ['a wrong input', [], 2],
])('%s is an error', async (_, lines, code) => {
  await expect(lookUpLabels(fake(lines, code), 'x', requests)).rejects.toThrow(`exit code ${code}`);
});
