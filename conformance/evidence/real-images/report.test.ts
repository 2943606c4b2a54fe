import { expect, test } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import { json, type RealImageReport, summary, table } from './report.ts';

const digest = '0123456789abcdef'.repeat(4);
const same = { kind: 'says', text: digest, seconds: 1.25 } as const;
const link = 'https://example.org/why';

const report: RealImageReport = {
  name: 'static',
  image: { layout: '/cache/layout', bytes: 12_345_678, layers: 2, madeInSeconds: 7.5, fresh: true },
  names: 6,
  seconds: 20.4,
  comparisons: [
    { what: 'digest', by: 'one', status: 'same', ours: same, theirs: same },
    { what: 'digest', by: 'two', status: 'skipped', why: 'it is not installed' },
    {
      what: 'digest',
      by: 'three',
      status: 'explained',
      reasons: [{ why: 'no /usr', link }],
      ours: same,
      theirs: { kind: 'fails', why: `three: no usr\n\nStack backtrace:\n  0: main`, seconds: 0 },
    },
    {
      what: 'tree',
      by: 'four',
      status: 'DIFFERS',
      outdated: [],
      ours: {
        kind: 'says',
        text: ['/', ...Array.from({ length: 12 }, (_, i) => `/a${i}`)].join('\n'),
        seconds: 0,
      },
      theirs: { kind: 'says', text: '/\n/b', seconds: 100 },
    },
  ],
};

test('the table has a row for each comparison, followed by remarks on all that are not the same', () => {
  expect(table(report)).toBe(`\
static: 2 layers, 6 names, 12 MB, created now in 7.5 s; compared in 20 s
           what    by     answer             ours s  theirs s
same       digest  one    0123456789abcdef…     1.3       1.3
skipped    digest  two
explained  digest  three  0123456789abcdef…     1.3       0.0
DIFFERS    tree    four   13 lines              0.0     100.0
skipped digest, two
  it is not installed
explained digest, three
  no /usr
  ${link}
  theirs  three: no usr
DIFFERS tree, four
${Array.from({ length: 10 }, (_, i) => `  ours    /a${i}\n`).join('')}  ours    … 2 more
  theirs  /b
`);
});

test('the summary counts the comparisons by status', () => {
  expect(summary([report, report])).toBe('2 images: 2 same, 2 explained, 2 skipped, 2 DIFFERS\n');
});

test('the JSON satisfies its schema, with whole digests and without whole trees', () => {
  const value: unknown = JSON.parse(json([report], 1));
  expect(schemaCheck('conformance/evidence/real-images/report.schema.json')(value)).toBeUndefined();
  expect(value).toMatchObject({
    exitCode: 1,
    images: [{ findings: [{ ours: { text: digest } }, {}, {}, { ours: { text: '13 lines' } }] }],
  });
});
