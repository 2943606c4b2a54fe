import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputSums, inputsDigest, type Opinion } from '../suite/opinions.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readSuite } from '../suite/read-suite.ts';
import { readOpinions, withOpinions } from './opinions.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const byId = new Map(suite.cases.map(each => [each.id, each]));
const lines = readFileSync(join(suite.folder, 'SHA256SUMS'), 'utf8').split('\n').slice(0, -1);
const sums = inputSums(lines.map(line => [line.slice(66), line.slice(0, 64)]));
const all = await readOpinions(packageRoot);

// `npm run opinions` asks again.
test('the opinions are about cases that exist, and about their present inputs', () => {
  expect(Object.keys(all).length).toBeGreaterThan(400);
  const outdated = Object.entries(all).filter(([id, { inputs }]) => {
    const about = byId.get(id);
    const control = byId.get(about?.control ?? '');
    return about === undefined || control === undefined || inputs !== inputsDigest(about, control, sums);
  });
  expect(outdated.map(([id]) => id)).toEqual([]);
});

test('the control and its inputs are part of what was asked', () => {
  const about = byId.get('layers/checksum-wrong');
  const control = byId.get(about?.control ?? '');
  if (about === undefined || control === undefined) throw new Error('the case is missing');
  const asked = inputsDigest(about, control, sums);
  expect(inputsDigest(about, about, sums)).not.toBe(asked);
  expect(inputsDigest(about, control, new Map([...sums, [control.id, 'changed']]))).not.toBe(asked);
  expect(inputsDigest({ ...about, params: {} }, control, sums)).not.toBe(asked);
});

test('opinions replace the claims of a recipe about the same program, and contradict them', () => {
  const about = byId.get('layers/checksum-wrong');
  const control = byId.get(about?.control ?? '');
  if (about === undefined || control === undefined) throw new Error('the case is missing');
  const bare = {
    ...about,
    provenance: { recipe: 'r', confirmedBy: ['reference', 'GNU tar 1.0', 'other 2'] },
  };
  const inputs = inputsDigest(about, control, sums);
  const judged = (opinion: Opinion, of = inputs) =>
    withOpinions(bare, control, { [about.id]: { inputs: of, opinions: { 'GNU tar 1.34': opinion } } }, sums);
  expect(judged('rejects')).toEqual({
    test: { ...bare, provenance: { recipe: 'r', confirmedBy: ['reference', 'other 2', 'GNU tar 1.34'] } },
    problems: [],
  });
  expect(judged('rejects in image').test.provenance.confirmedBy[2]).toBe('GNU tar 1.34 (in image)');
  expect(judged('accepts').test.provenance.acceptedBy).toEqual(['GNU tar 1.34']);
  expect(judged('accepts').problems).toEqual([`${about.id}: GNU tar 1.0 does not confirm it: accepts`]);
  expect(judged('stops').test.provenance).toEqual({ recipe: 'r', confirmedBy: ['reference', 'other 2'] });
  // Asked about something else.
  expect(judged('rejects', 'x')).toEqual({ test: bare, problems: [] });
});
