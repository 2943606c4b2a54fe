/**
 * Each format is given to a parser or validator that was not written for it: what it finds is compared with the events.
 */
import { error as annotate, notice } from '@actions/core';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HtmlValidate } from 'html-validate';
import MarkdownIt from 'markdown-it';
import { Parser } from 'tap-parser';
import { describe, expect, it, vi } from 'vitest';
import { schemaCheck } from '../../suite/json-schema.ts';
import type { CaseEvent, ReportEvent } from './events.ts';
import { headerOf } from './header.test.helper.ts';
import { isDocument, reportDocument, reporters, reportFiles } from './reporters.ts';
import { verdictsOf } from './verdicts.ts';

/** Texts that an adapter can put into a report, and that mean something in some format. */
const hostile =
  'a\nb\r\n\u001b[31m ]]> <script>alert(1)</script> &amp; # TODO \\# %0A ::error:: | `x` [l](http://h) ![i](u) "q" \'s\' \ud800 \ufffe \u2028 é 😀';

function test(id: string, more: Partial<CaseEvent>): CaseEvent {
  return {
    event: 'case',
    id,
    title: 'A fact',
    op: 'fsverity.digest',
    requirements: ['VERITY-001'],
    status: 'pass',
    durationMs: 7,
    ...more,
  };
}

const failing = (status: 'fail' | 'crash', message: string) =>
  ({ status, failure: { status, cause: `${status} ${message}`, message, stderr: hostile } }) as const;
const listed = { line: 3, status: 'fail', link: 'https://example.org/1', reason: hostile };

const cases: readonly CaseEvent[] = [
  test('fsverity/crash', failing('crash', 'it exited')),
  test('fsverity/fail', failing('fail', hostile)),
  test('fsverity/filtered', { status: 'filtered', filtered: { by: 'feature', name: 'digest.sha512-12' } }),
  test('fsverity/pass', {}),
  test('fsverity/xfail', { ...failing('fail', 'x'), status: 'xfail', listed }),
  test('fsverity/xpass', { status: 'xpass', listed }),
];

function eventsOf(
  results: readonly CaseEvent[],
  unusedXfail = [{ line: 9, pattern: 'old/*' }],
): ReportEvent[] {
  const header = { ...headerOf(['fsverity.digest']), command: hostile };
  const known = [
    {
      id: 'VERITY-001',
      level: 'MUST',
      text: 'A rule.',
      hash: '01234567',
      file: 'spec/fsverity.md',
      status: 'active',
      classes: ['digester'],
      verification: 'vector',
    },
  ];
  const requirements = new Map(known.map(each => [each.id, each]));
  const stopped = null;
  const v = verdictsOf({ header, cases: results, requirements, unusedXfail, stopped, durationMs: 42 });
  return [header, ...results, ...v.requirements, ...v.classes, v.footer];
}

const events = eventsOf(cases);
const good = eventsOf([test('fsverity/pass', {})], []);

it('no format depends on anything but the events', () => {
  for (const reporter of reporters)
    expect(reportFiles(reporter, events)).toEqual(reportFiles(reporter, events));
  expect(reporters).toEqual(['text', 'jsonl', 'junit', 'tap', 'markdown', 'github', 'html', 'badge']);
});

describe('junit', () => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
  });
  const suitesIn = (xml: string) => parser.parse(xml).testsuites[0].testsuite;

  it.each([
    ['failures', events],
    ['none', good],
  ])('is well-formed XML: %s', (_, from) => {
    const xml = reportDocument('junit', from);
    expect(XMLValidator.validate(xml)).toBe(true);
    // XML 1.0, 2.2: no control characters, surrogates or U+FFFE.
    expect(xml).toMatch(/^[\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
  });

  it('has each case with its outcome', () => {
    const [suite, run] = suitesIn(reportDocument('junit', events));
    const outcomes = suite.testcase.map((each: Record<string, unknown>) => [
      each['name'],
      'failure' in each ? 'failure' : 'skipped' in each ? 'skipped' : 'passed',
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({
      crash: 'failure',
      fail: 'failure',
      filtered: 'skipped',
      pass: 'passed',
      xfail: 'skipped',
      xpass: 'failure',
    });
    expect(suite).toMatchObject({ name: 'fsverity', tests: '6', failures: '3', skipped: '2' });
    expect(run.testcase).toHaveLength(1);
    expect(suite.testcase[1].failure[0].message).toContain('<script>alert(1)</script>');
  });
});

describe('tap', () => {
  const parse = (text: string) => {
    const results = { fullname: '', ok: false, count: 0, fail: 0, todo: 0, skip: 0 };
    const points: { readonly ok: boolean; readonly name: string; readonly diag: unknown }[] = [];
    const parser = new Parser({ strict: true }, found => Object.assign(results, found));
    parser.on('assert', point => points.push(point));
    parser.end(text);
    return { results, points };
  };

  it('has each case with its outcome', () => {
    const { results, points } = parse(reportDocument('tap', events));
    expect(results).toMatchObject({ ok: false, count: 7, fail: 5, todo: 1, skip: 1 });
    expect(points.map(({ name }) => name)).toEqual([
      ...cases.map(({ id }) => id),
      'known-failures line 9: pattern old/* matches no case; remove it',
    ]);
    expect(points[0]?.diag).toMatchObject({ status: 'crash', message: 'it exited' });
    expect(points[1]?.diag).toMatchObject({ message: hostile });
  });

  it('is ok if nothing fails', () => {
    expect(parse(reportDocument('tap', good)).results).toMatchObject({ ok: true, count: 1, fail: 0 });
  });
});

describe('markdown', () => {
  const tokens = new MarkdownIt({ html: true, linkify: true }).parse(reportDocument('markdown', events), {});
  const inline = tokens.flatMap(({ children }) => children ?? []);

  it('shows texts of an adapter as they are, without links, images or HTML', () => {
    const types = [...tokens, ...inline].map(({ type }) => type);
    for (const type of ['link_open', 'image', 'html_inline', 'html_block', 'code_inline', 'fence'])
      expect(types).not.toContain(type);
    const shown = inline.map(({ content }) => content).join('');
    for (const part of ['<script>alert(1)</script>', '&amp;', '![i](u)', '`x`'])
      expect(shown).toContain(part);
  });

  it('has a table of the statuses and of the classes, and each cause', () => {
    expect(tokens.filter(({ type }) => type === 'table_open')).toHaveLength(2);
    const headings = tokens.flatMap(({ type }, i) =>
      type === 'heading_open' ? [tokens[i + 1]?.content] : [],
    );
    expect(headings).toHaveLength(4);
  });
});

describe('github', () => {
  /** What the library of GitHub writes for an annotation. */
  const written = (action: () => void): string => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      action();
      return write.mock.calls.map(([text]) => text).join('');
    } finally {
      write.mockRestore();
    }
  };

  it('has the bytes that the library of GitHub writes', () => {
    const found = reportDocument('github', events)
      .split('\n')
      .filter(line => line !== '');
    expect(found).toHaveLength(5);
    const expected = found.map(line => {
      const [, level, title = '', message = ''] = /^::(error|notice) title=([^:]*)::(.*)$/s.exec(line) ?? [];
      const text = (escaped: string) =>
        escaped.replace(/%(0A|0D|3A|2C|25)/g, code => decodeURIComponent(code));
      const annotation = level === 'error' ? annotate : notice;
      return written(() => annotation(text(message), { title: text(title) })).trimEnd();
    });
    expect(found).toEqual(expected);
    expect(found[1]).toContain('%250A ::error::');
  });
});

describe('html', () => {
  const validator = new HtmlValidate({ extends: ['html-validate:standard'] });

  it.each([
    ['failures', events],
    ['none', good],
  ])('is valid: %s', async (_, from) => {
    const report = await validator.validateString(reportDocument('html', from));
    expect(report.results.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it('loads nothing and runs nothing', () => {
    const html = reportDocument('html', events);
    expect(html).not.toMatch(/<(script|link|img|iframe|object)|(src|href)=|url\(|@import/);
    expect(html).toContain('&lt;script&gt;');
  });
});

describe('badge', () => {
  const check = schemaCheck('conformance/schema/badge.schema.json');

  it.each([
    ['failures', events, '0 of 1 satisfied, 1 violated', 'red'],
    ['none', good, '1 of 1 satisfied', 'brightgreen'],
  ])('has counts: %s', (_, from, message, color) => {
    const files = Object.entries(reportFiles('badge', from));
    expect(files.map(([name]) => name)).toEqual(['badge-digester.json']);
    const badge = JSON.parse(files[0]?.[1] ?? '');
    expect(check(badge)).toBeUndefined();
    expect(badge).toMatchObject({ message, color });
  });

  it('cannot be printed', () => expect(isDocument('badge')).toBe(false));
});
