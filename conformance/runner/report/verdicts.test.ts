import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../suite/requirements.ts';
import { requirement } from '../run/tiny-suite.test.helper.ts';
import type { CaseEvent, Header } from './events.ts';
import { headerOf } from './header.test.helper.ts';
import { verdictsOf } from './verdicts.ts';

const header = headerOf(['fsverity.digest']);

const failure = { status: 'fail', cause: 'c', message: 'm' } as const;

/** A case that cites VERITY-001. */
function event(more: Partial<CaseEvent>): CaseEvent {
  const requirements = ['VERITY-001'];
  return {
    event: 'case',
    id: 'a/b',
    title: 't',
    op: 'fsverity.digest',
    requirements,
    status: 'pass',
    ...more,
  };
}

function verdicts(
  cases: readonly CaseEvent[],
  requirements: readonly Requirement[] = [requirement('VERITY-001', ['digester'])],
  more: Partial<Header> = {},
) {
  return verdictsOf({
    header: { ...header, ...more },
    cases,
    requirements: new Map(requirements.map(known => [known.id, known])),
    unusedXfail: [],
    stopped: null,
    durationMs: 1,
  });
}

describe('the verdict on a requirement', () => {
  it.each([
    ['satisfied', [event({})]],
    ['satisfied', [event({}), event({ status: 'filtered', filtered: { by: 'feature', name: 'f' } })]],
    ['satisfied', [event({ status: 'xpass' })]],
    ['violated', [event({}), event({ status: 'fail', failure })]],
    ['violated', [event({ status: 'xfail', failure })]],
    ['violated', [event({ status: 'crash', failure: { ...failure, status: 'crash' } })]],
    ['violated', [event({ status: 'unsupported', failure: { ...failure, status: 'unsupported' } })]],
    [
      'inconclusive',
      [event({}), event({ status: 'inconclusive', failure: { ...failure, status: 'inconclusive' } })],
    ],
    ['inconclusive', [event({}), event({ status: 'filtered', filtered: { by: 'selection' } })]],
    ['inconclusive', [event({}), event({ status: 'filtered', filtered: { by: 'stop' } })]],
    ['untested', [event({ status: 'filtered', filtered: { by: 'operation', name: 'o' } })]],
    ['untested', []],
  ] as const)('is %s', (verdict, cases) => {
    expect(verdicts(cases).requirements[0]?.verdict).toBe(verdict);
  });
});

describe('a failure that some of the requirements of the case explain', () => {
  it('violates these, and says nothing about the others', () => {
    const requirements = ['DUMP-001', 'DUMP-008'];
    const failed = event({ requirements, status: 'fail', failure: { ...failure, violates: ['DUMP-008'] } });
    const known = [...requirements, 'DUMP-011'].map(id => requirement(id, ['reader']));
    const verdictsById = (...cases: CaseEvent[]) =>
      Object.fromEntries(verdicts(cases, known).requirements.map(({ id, verdict }) => [id, verdict]));
    expect(verdictsById(failed)).toEqual({
      'DUMP-001': 'inconclusive',
      'DUMP-008': 'violated',
      'DUMP-011': 'untested',
    });
    // A requirement that the case does not cite can be the one that is violated.
    const uncited = { ...failed, failure: { ...failure, violates: ['DUMP-011'] } };
    expect(verdictsById(uncited)).toEqual({
      'DUMP-001': 'inconclusive',
      'DUMP-008': 'inconclusive',
      'DUMP-011': 'violated',
    });
  });
});

describe('conformant', () => {
  it('is true if all requirements of the claimed classes are satisfied', () => {
    const { footer, classes } = verdicts([event({})]);
    expect(footer).toMatchObject({ conformant: true, because: [], exitCode: 0 });
    expect(classes).toMatchObject([{ class: 'digester', requirements: { satisfied: 1, untested: 0 } }]);
  });

  it('is false if a requirement of a claimed class is untested, but not one of another class', () => {
    const claimed = [requirement('VERITY-001', ['digester']), requirement('VERITY-002', ['digester'])];
    expect(verdicts([event({})], claimed).footer).toMatchObject({
      conformant: false,
      because: ['untested: VERITY-002'],
      exitCode: 0,
    });
    const others = [requirement('VERITY-001', ['digester']), requirement('EROFS-001', ['writer'])];
    expect(verdicts([event({})], others).footer.conformant).toBe(true);
  });

  it('ignores requirements that cases cannot test, and recommendations', () => {
    const { footer, classes } = verdicts(
      [event({})],
      [
        requirement('VERITY-001', ['digester']),
        requirement('VERITY-002', ['digester'], { verification: 'runner' }),
        requirement('VERITY-003', ['digester'], { verification: 'inspection: not observable' }),
        requirement('VERITY-004', ['digester'], { level: 'SHOULD' }),
      ],
    );
    expect(footer.conformant).toBe(true);
    expect(classes[0]).toMatchObject({ notWatched: 1, byInspection: 1 });
  });

  it('binds only implementations with an optional feature to the requirements that depend on it', () => {
    const known = [requirement('VERITY-001', ['digester']), requirement('EROFS-085', ['digester'])];
    const cites = { id: 'c/d', requirements: ['EROFS-085', 'VERITY-001'] } as const;
    const lacks = event({ ...cites, status: 'filtered', filtered: { by: 'feature', name: 'format.v2' } });
    const without = verdicts([event({}), lacks], known);
    expect(without.footer).toMatchObject({ conformant: true, because: [] });
    expect(without.requirements.map(({ id }) => id)).toEqual(['VERITY-001']);
    const has = event({ ...cites, status: 'fail', failure });
    expect(verdicts([event({}), has], known).footer.because).toContain('violated: EROFS-085, VERITY-001');
    const needed = event({ ...cites, status: 'filtered', filtered: { by: 'feature', name: 'format.v1' } });
    expect(verdicts([event({}), needed], known).footer.because).toEqual(['untested: EROFS-085']);
  });

  it('is false if a requirement is violated, also in a class that is not claimed', () => {
    const known = [requirement('VERITY-001', ['digester']), requirement('DUMP-001', ['writer'])];
    const cases = [event({}), event({ id: 'c/d', requirements: ['DUMP-001'], status: 'xfail', failure })];
    expect(verdicts(cases, known).footer).toMatchObject({
      conformant: false,
      because: ['violated: DUMP-001'],
    });
  });

  it('abbreviates consecutive ids', () => {
    const missing = ['001', '003', '004', '005', '009', '010', '012'].map(n =>
      requirement(`VERITY-${n}`, ['digester']),
    );
    expect(verdicts([], missing).footer.because[0]).toBe(
      'untested: VERITY-001, VERITY-003 to VERITY-005, VERITY-009, VERITY-010, VERITY-012',
    );
  });

  it('is false if no class is claimed', () => {
    const { footer } = verdicts([event({})], undefined, { operations: ['dumpfile.canonical'] });
    expect(footer.because).toEqual(['the declared operations claim no conformance class']);
  });

  it('is false if the runner cannot read some of the cases', () => {
    const { footer } = verdicts([event({})], undefined, { leftOut: [{ id: 'x/y', because: 'new' }] });
    expect(footer.because).toEqual(['the runner cannot read some of the cases: use a newer version of it']);
  });

  it('is false without spec/requirements.json', () => {
    const results = {
      header,
      cases: [event({})],
      requirements: undefined,
      unusedXfail: [],
      stopped: null,
      durationMs: 1,
    };
    expect(verdictsOf(results).footer.because[0]).toBe(
      'the requirements of its classes are unknown: spec/requirements.json is missing',
    );
  });
});
