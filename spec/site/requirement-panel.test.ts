import { beforeAll, describe, expect, test } from 'vitest';
import { readMutantNames } from '../../conformance/suite/mutants.ts';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { implementationsPage } from './implementations-page.ts';
import { requirementPanel } from './requirement-panel.ts';
import { readSiteData, type SiteData } from './site-data.ts';

let data: SiteData;
beforeAll(() => {
  data = readSiteData(packageRoot);
}, 60_000);

const ID = 'EROFS-031';
const SECTION = { title: 'Images', anchor: 'images' };
const recorded = { program: 'tool', name: 'tool 1.2', date: '2026-01-02' };

/** The data with one implementation, which passes the first case of {@link ID} and fails the second one. */
function withResult(known: boolean): SiteData {
  const [first, second] = data.requirements.get(ID)?.cases.map(({ id }) => id) ?? [];
  if (first === undefined || second === undefined) throw new Error(`${ID} has fewer than two cases`);
  const results = {
    passes: new Set<string>(),
    passesWithoutCode: new Set([first]),
    fails: new Map([[second, known ? [SECTION] : []]]),
  };
  return { ...data, implementations: [{ ...recorded, ...results }] };
}

describe('the panel of a requirement', () => {
  test('links the known failures of an implementation', () => {
    expect(requirementPanel(ID, withResult(true)).text).toContain(
      '<dd><a href="implementations.html#tool">tool 1.2</a> (2026-01-02): ' +
        'passes 1 of 2 cases asked (1 without an error code), ' +
        'fails 1 (known: <a href="upstream.html#images">Images</a>)</dd>',
    );
  });

  test('links nothing for other failures', () => {
    expect(requirementPanel(ID, withResult(false)).text).toMatch(/code\), fails 1<\/dd>/);
  });

  test('says that an implementation was not asked', () => {
    expect(requirementPanel('SEAL-001', withResult(true)).text).toContain('(2026-01-02): not asked</dd>');
  });

  test('names the mutants, and only those of the requirement', () => {
    const { text } = requirementPanel('EROFS-021', data);
    const [, list = ''] = /<dt>Mutants<\/dt>(.*)/.exec(text) ?? [];
    expect(list.match(/<dd>/g)?.length).toBe(readMutantNames(packageRoot).get('EROFS-021')?.length);
    expect(list).toContain('shares an attribute that one inode has');
    expect(requirementPanel('VERIFY-017', data).text).not.toContain('Mutants');
  });
});

test('the page of implementations lists the requirements of each verdict', () => {
  const { text } = implementationsPage(withResult(true)).main;
  const [, section = ''] = /<section id="tool">([\s\S]*?)<\/section>/.exec(text) ?? [];
  const tested = [...data.requirements.values()].filter(({ cases }) => cases.length > 0).length;
  const [, passing, failing, rest] =
    /passes every case asked for (\d+), fails at least one for (\d+), and is not asked about (\d+)\./
      .exec(section)
      ?.map(Number) ?? [];
  expect((passing ?? 0) + (failing ?? 0) + (rest ?? 0)).toBe(tested);
  const [, failed = ''] = /Fails at least one case: \d+<\/summary>\n(.*)/.exec(section) ?? [];
  expect(failed.match(/<a /g)?.length).toBe(failing);
  expect(failed).toContain(`#${ID}"`);
});
