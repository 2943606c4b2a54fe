import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsOf } from '../../suite/classes.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readRequirements } from '../../suite/requirements.ts';
import { requirement } from '../run/tiny-suite.test.helper.ts';
import type { CaseEvent } from './events.ts';
import { headerOf } from './header.test.helper.ts';
import { observedRequirements } from './observed-requirements.ts';
import { verdictsOf } from './verdicts.ts';

const header = {
  ...headerOf(['layers.tree', 'image.digest', 'erofs.read']),
  features: [...needsOf['tree-builder'].features, ...needsOf.reader.features],
};

const requirements = new Map(
  [
    requirement('EROFS-080', ['reader'], { verification: 'runner' }),
    requirement('TREE-003', ['tree-builder'], { verification: 'runner' }),
    requirement('TREE-001', ['tree-builder', 'reader']),
  ].map(known => [known.id, known]),
);

function tree(more: Partial<CaseEvent> = {}): CaseEvent {
  const id = 'layers/x';
  const base = { event: 'case', id, title: 't', op: 'layers.tree', requirements: ['TREE-001'] } as const;
  return { ...base, status: 'pass', ...more };
}

const image = tree({ id: 'erofs/x', op: 'erofs.read' });
const failure = { status: 'fail', cause: 'c', message: 'm' } as const;

function verdicts(repeat: number, ...cases: CaseEvent[]) {
  const result = verdictsOf({
    header: { ...header, repeat },
    cases,
    requirements,
    unusedXfail: [],
    stopped: null,
    durationMs: 1,
  });
  const found = Object.fromEntries(result.requirements.map(({ id, verdict }) => [id, verdict]));
  const notWatched = Object.fromEntries(result.classes.map(event => [event.class, event.notWatched]));
  return { ...found, notWatched, conformant: result.footer.conformant };
}

describe('a requirement that only the runner can verify', () => {
  it('is observed if cases are repeated', () => {
    expect(verdicts(1, tree(), image)).toEqual({
      'EROFS-080': 'satisfied',
      'TREE-001': 'satisfied',
      notWatched: { 'tree-builder': 1, reader: 0 },
      conformant: true,
    });
    expect(verdicts(2, tree(), image)).toMatchObject({
      'TREE-003': 'satisfied',
      notWatched: { 'tree-builder': 0, reader: 0 },
      conformant: true,
    });
  });

  it('is violated by a different answer, also in a known failure', () => {
    for (const status of ['fail', 'xfail'] as const) {
      expect(
        verdicts(2, tree({ status, failure, differently: true }), tree({ id: 'layers/y' })),
      ).toMatchObject({
        'TREE-003': 'violated',
        conformant: false,
      });
    }
  });

  it('is not satisfied by cases that do not pass, whatever they answer', () => {
    // The same wrong answer twice shows nothing about right ones.
    expect(verdicts(2, tree({ status: 'fail', failure }), tree({ id: 'layers/y' }))).toMatchObject({
      'TREE-003': 'inconclusive',
      conformant: false,
    });
    for (const status of ['fail', 'inconclusive', 'unsupported'] as const) {
      const rejected = { ...image, status, failure: { ...failure, status } };
      expect(verdicts(1, tree(), rejected)).toMatchObject({ 'EROFS-080': 'inconclusive' });
    }
  });

  it('is violated by a reader that hangs or crashes', () => {
    for (const status of ['timeout', 'crash'] as const) {
      const hung = { ...image, status, failure: { ...failure, status } };
      expect(verdicts(1, tree(), hung)).toMatchObject({ 'EROFS-080': 'violated', conformant: false });
    }
  });

  it('is not satisfied by a case that cites it and passes, but can be violated by one', () => {
    const citing = tree({ requirements: ['TREE-001', 'TREE-003'] });
    expect(verdicts(1, citing)).not.toHaveProperty('TREE-003');
    expect(verdicts(1, { ...citing, status: 'fail', failure })).toMatchObject({ 'TREE-003': 'violated' });
  });

  it('has the verification runner in the specification', () => {
    const all = readRequirements(join(packageRoot, 'spec/requirements.json'));
    const ids = [...(all?.values() ?? [])].filter(({ verification }) => verification === 'runner');
    expect(ids.map(({ id }) => id).sort()).toEqual(Object.keys(observedRequirements).sort());
  });
});
