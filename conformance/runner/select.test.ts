import { afterAll, describe, expect, it } from 'vitest';
import { requirement, run, temporaryFolder, tinyCases, writeSuite } from './run/tiny-suite.test.helper.ts';
import { isSelected, type Selection } from './select.ts';

const folder = temporaryFolder();
const suite = writeSuite(
  folder.path,
  tinyCases.map(tiny => ({ ...tiny, tags: tiny.id === 'fsverity/empty' ? ['boundary'] : [] })),
);
afterAll(folder.remove);

const requirements = new Map(
  [requirement('VERITY-001', ['digester']), requirement('DUMP-001', ['writer'], { level: 'SHOULD' })].map(
    known => [known.id, known],
  ),
);

function ids(selection: Selection): string[] {
  return suite.cases.filter(test => isSelected(test, selection, requirements)).map(({ id }) => id);
}

describe('a selection', () => {
  it('filters by id, requirement, class, tag and level', () => {
    expect(ids({})).toHaveLength(6);
    expect(ids({ cases: ['fsverity/e*', 'erofs/*'] })).toEqual(['fsverity/empty', 'erofs/undeclared']);
    expect(ids({ requirements: ['DUMP-002'] })).toEqual(['dumpfile/bad-escape']);
    expect(ids({ class: 'reader' })).toEqual(['erofs/undeclared']);
    expect(ids({ tag: 'boundary' })).toEqual(['fsverity/empty']);
    // An unknown requirement counts as MUST.
    expect(ids({ level: 'must' })).not.toContain('dumpfile/sorted');
    expect(ids({ level: 'must' })).toContain('dumpfile/bad-escape');
  });

  it('requires all of its conditions', () => {
    expect(ids({ cases: ['fsverity/*'], tag: 'boundary' })).toEqual(['fsverity/empty']);
    expect(ids({ cases: ['dumpfile/*'], tag: 'boundary' })).toEqual([]);
  });

  it('is never conformant', async () => {
    const { footer, events } = await run(suite, 'honest.mjs', { selection: { cases: ['fsverity/empty'] } });
    expect(footer).toMatchObject({ exitCode: 0, conformant: false });
    expect(footer.because).toContain('only a selection of the cases was run');
    expect(events).toContainEqual(expect.objectContaining({ id: 'VERITY-001', verdict: 'inconclusive' }));
  });

  it('can run a rejection without its control', async () => {
    const { cases } = await run(suite, 'honest.mjs', { selection: { cases: ['dumpfile/bad-escape'] } });
    expect(cases['dumpfile/bad-escape']?.status).toBe('pass');
  });

  it('that matches nothing ends with exit code 4', async () => {
    const { footer } = await run(suite, 'honest.mjs', { selection: { cases: ['none'] } });
    expect(footer.exitCode).toBe(4);
  });
});
