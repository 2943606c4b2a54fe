import { posix } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../conformance/suite/package-root.ts';
import { rank, searchable } from './browser/rank.ts';
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
  test.each([
    ['EROFS-031', 'erofs.html#EROFS-031'],
    ['erofs-031', 'erofs.html#EROFS-031'],
    ['TAR_LINK', 'codes.html#TAR_LINK'],
    ['payload', 'terms.html#payload'],
    ['opaque marker', 'terms.html#marker'],
    ['xattr_icount', 'erofs.html#EROFS-037'],
  ])('finds %s first', (query, address) => {
    expect(rank(searchable(searchIndex(data)), query, 12)[0]?.[2]).toBe(address);
  });

  test('finds nothing for words that are nowhere', () => {
    expect(rank(searchable(searchIndex(data)), 'xyzzyx', 12)).toEqual([]);
    expect(rank(searchable(searchIndex(data)), '', 12)).toEqual([]);
  });

  test('leads to pages that exist', () => {
    for (const [, , address] of searchIndex(data)) {
      const [page = '', anchor] = address.split('#');
      expect(pages.has(page), address).toBe(true);
      if (anchor !== undefined && anchor !== '') expect(anchorsOf(page).has(anchor), address).toBe(true);
    }
  });
});
