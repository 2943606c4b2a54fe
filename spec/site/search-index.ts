/**
 * What the search finds: requirements, error codes, terms, fields of structures, sections and cases.
 * @module
 */

import { termAnchor } from './index-pages.ts';
import { pageOf } from './links.ts';
import { sectionsOf } from './markdown.ts';
import type { SiteData } from './site-data.ts';

/** One thing to find. The browser gets it as an array: kind, title, address, text. */
export type SearchEntry = readonly [kind: SearchKind, title: string, address: string, text: string];

export type SearchKind = 'requirement' | 'code' | 'term' | 'field' | 'section' | 'case';

/** Everything that can be found. */
export function searchIndex(data: SiteData): SearchEntry[] {
  return [
    ...requirements(data),
    ...codes(data),
    ...terms(data),
    ...fields(data),
    ...sections(data),
    ...cases(data),
  ];
}

function requirements({ requirements }: SiteData): SearchEntry[] {
  return [...requirements.values()].map(({ entry }) => [
    'requirement',
    entry.id,
    `${pageOf(entry)}#${entry.id}`,
    withoutMarkup(entry.text),
  ]);
}

function codes({ codes }: SiteData): SearchEntry[] {
  return codes.map(({ code, meaning, stage }) => [
    'code',
    code,
    `codes.html#${code}`,
    `${meaning} (${stage})`,
  ]);
}

function terms({ terms }: SiteData): SearchEntry[] {
  return terms.map(term => [
    'term',
    term.names.join(', '),
    `terms.html#${termAnchor(term)}`,
    withoutMarkup(term.definition),
  ]);
}

/** Fields: the rows of tables with a column "field", under the heading before them. */
function fields({ chapters }: SiteData): SearchEntry[] {
  return chapters.flatMap(({ slug, source, title }) => {
    const found: SearchEntry[] = [];
    const headings = new Map(
      sectionsOf(source).map(section => [`${'#'.repeat(section.level)} ${section.title}`, section.anchor]),
    );
    let anchor = '';
    let column = -1;
    for (const indented of source.split('\n')) {
      const line = indented.trim();
      anchor = headings.get(line) ?? /<a id="([^"]+)">/.exec(line)?.[1] ?? anchor;
      if (!line.startsWith('|')) {
        column = -1;
        continue;
      }
      const cells = line.split('|').map(cell => cell.trim());
      if (cells.includes('field')) column = cells.indexOf('field');
      const name = withoutMarkup(cells[column] ?? '');
      if (/[a-z]/.test(name) && name !== 'field')
        found.push(['field', name, `${slug}.html#${anchor}`, `${title}: ${withoutMarkup(cells.join(' '))}`]);
    }
    return found;
  });
}

function sections({ chapters }: SiteData): SearchEntry[] {
  return chapters.flatMap(({ slug, title: chapter, source }) =>
    sectionsOf(source).map(({ title, anchor, text }): SearchEntry => {
      return ['section', title === chapter ? title : `${chapter}: ${title}`, `${slug}.html#${anchor}`, text];
    }),
  );
}

function cases({ cases }: SiteData): SearchEntry[] {
  return cases.map(({ id, title }) => ['case', id, `cases/${id}.html`, title]);
}

function withoutMarkup(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
}
