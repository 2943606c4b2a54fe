import { posix } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { excerpt, fragmentOf, rank, type Searchable, searchable } from './browser/rank.ts';
import { wordsOf } from './browser/words.ts';
import { sitePages } from './build-site.ts';
import { printPage } from './page.ts';
import { searchIndex } from './search-index.ts';
import { readSiteData, type SiteData } from './site-data.ts';

let data: SiteData;
const pages = new Map<string, string>();

beforeAll(() => {
  data = readSiteData(packageRoot);
  for (const page of sitePages(data)) pages.set(page.path, printPage(page, data));
}, 120_000);

/** The ids of a page. */
const anchors = new Map<string, Set<string>>();
function anchorsOf(path: string): Set<string> {
  let found = anchors.get(path);
  if (found === undefined) {
    found = new Set([...(pages.get(path) ?? '').matchAll(/ id="([^"]+)"/g)].map(match => match[1] ?? ''));
    anchors.set(path, found);
  }
  return found;
}

describe('the pages', () => {
  test('have links and anchors that lead somewhere', () => {
    const broken: string[] = [];
    let links = 0;
    for (const [path, text] of pages) {
      for (const [, target = ''] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
        if (/^(?:https?:|data:)/.test(target)) continue;
        links++;
        const [address = '', fragment] = target.split('#');
        const [file = ''] = address.split('?');
        const page = file === '' ? path : posix.join(posix.dirname(path), file);
        if (page.startsWith('assets/')) continue;
        if (!pages.has(page)) broken.push(`${path}: ${target}`);
        else if (fragment !== undefined && !anchorsOf(page).has(fragment)) broken.push(`${path}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
    expect(links).toBeGreaterThan(50_000);
  });

  test('have no id twice', () => {
    const repeated = [...pages].flatMap(([path, text]) => {
      const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(match => match[1] ?? '');
      return ids.length === new Set(ids).size ? [] : [path];
    });
    expect(repeated).toEqual([]);
  });

  test('have the texts of requirements.json', () => {
    const plain = (text: string) =>
      text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[^\p{L}\p{N}]/gu, '');
    for (const page of ['all.html', ...data.chapters.map(({ slug }) => `${slug}.html`)]) {
      const text = plain(withoutTags(pages.get(page) ?? ''));
      for (const { entry } of data.requirements.values()) {
        if (page !== 'all.html' && entry.file !== `spec/${page.replace('.html', '.md')}`) continue;
        expect(text, `${page}: ${entry.id}`).toContain(plain(entry.text));
      }
    }
  });

  test('need no JavaScript for the text, and run none that is in the page', () => {
    for (const [path, text] of pages) {
      expect(text, path).not.toMatch(/<script(?![^>]*(?:src=|application\/json))| on[a-z]+="/);
    }
  });
});

function withoutTags(page: string): string {
  return page
    .replaceAll(/<details class="panel">[\s\S]*?<\/details>/g, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

describe('the search', () => {
  let index: Searchable;
  beforeAll(() => {
    index = searchable(searchIndex(data));
  });
  const addresses = (query: string, most = 12) => rank(index, query, most).map(([, , address]) => address);

  test.each([
    ['EROFS-031', 'erofs.html#EROFS-031'],
    ['erofs-031', 'erofs.html#EROFS-031'],
    ['erofs/hardlink', 'cases/erofs/hardlink.html'],
    ['TAR_LINK', 'codes.html#TAR_LINK'],
    ['payload', 'terms.html#payload'],
    ['opaque marker', 'terms.html#marker'],
    ['xattr_icount', 'erofs.html#EROFS-037'],
  ])('finds %s first', (query, address) => {
    expect(addresses(query)[0]).toBe(address);
  });

  test.each([
    ['soft links', 'layers.html#LAYER-085'],
    ['chown root', 'merge.html#MERGE-001'],
    ['major minor', 'layers.html#LAYER-058'],
    ['checksum of the empty file', 'fsverity.html#VERITY-005'],
    ['signing certificate expired dates', 'sealing.html#SEAL-049'],
    ['rezip gzip members', 'layers.html#LAYER-032'],
  ])('finds a requirement by other words: %s', (query, address) => {
    expect(addresses(query, 6)).toContain(address);
  });

  test('a note leads to its requirement', () => {
    expect(addresses('fzstd misreads')[0]).toBe('layers.html#LAYER-098');
  });

  test('has results before a word is complete', () => {
    expect(addresses('symbolic lin', 6)).toContain('layers.html#LAYER-085');
    expect(addresses('whiteo', 6)).toContain('terms.html#whiteout');
  });

  test('shows requirements before most of the cases that test them', () => {
    for (const query of ['zstd dictionary', 'gzip header', 'hard link']) {
      const kinds = rank(index, query, 12).map(([kind]) => kind);
      expect(kinds.filter(kind => kind === 'case').length, query).toBeLessThanOrEqual(3);
      expect(kinds.indexOf('requirement'), query).toBeLessThan(6);
    }
  });

  test('shows all cases if nothing else is left', () => {
    const cases = ['a', 'b', 'c', 'd', 'e'].map(id => ['case', id, `${id}.html`, 'A quux is kept'] as const);
    const requirement = ['requirement', 'TREE-001', 'tree.html', 'Keep each quux'] as const;
    const found = rank(searchable([...cases, requirement]), 'quux', 12);
    expect(found.map(([, title]) => title)).toEqual(['TREE-001', 'a', 'b', 'c', 'd', 'e']);
  });

  test('finds nothing for words that are nowhere', () => {
    expect(addresses('xyzzyx')).toEqual([]);
    expect(addresses('')).toEqual([]);
  });

  test('has one result for each address', () => {
    const found = addresses('label', 100);
    expect(new Set(found).size).toBe(found.length);
    expect(found.length).toBe(100);
  });

  test.each([
    ['padded', 'padding'],
    ['directories', 'folder'],
    ['verification', 'verifies'],
    ['hashes', 'hash'],
    ['merging', 'merged'],
    ['extended attribute', 'xattrs'],
    ['UTF8', 'utf-8'],
  ])('%s and %s are one word', (one, other) => {
    expect(wordsOf(one)).toEqual(wordsOf(other));
  });

  test.each([
    ['status', 'stat'],
    ['need', 'ne'],
    ['string', 'str'],
  ])('%s and %s are two words', (one, other) => {
    expect(wordsOf(one)).not.toEqual(wordsOf(other));
  });

  test('shows the sentence with most of the words', () => {
    const text =
      'A reader does not trust the image. It returns the tree, or rejects the image. Times are kept.';
    expect(excerpt(text, 'rejected trees', 40)).toBe('It returns the tree, or rejects the imag');
    expect(excerpt(text, 'nothing of it', 10)).toBe('A reader d');
  });

  test('leads to the first words of a paragraph, or of a cell', () => {
    expect(fragmentOf('It is read-only, and kept. A second sentence has more.')).toBe(
      ':~:text=It%20is%20read%2Donly%2C%20and%20kept.%20A%20second%20sentence',
    );
    expect(fragmentOf('fsverity-sha512-12\tSHA-512\t64')).toBe(':~:text=fsverity%2Dsha512%2D12');
    expect(fragmentOf('')).toBe('');
  });

  test('leads to pages that exist', () => {
    for (const [, , address] of searchIndex(data)) {
      const [page = '', anchor] = address.split('#');
      expect(pages.has(page), address).toBe(true);
      if (anchor !== undefined && anchor !== '') expect(anchorsOf(page).has(anchor), address).toBe(true);
    }
  });
});
