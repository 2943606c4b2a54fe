/**
 * What the search finds: requirements, error codes, terms, fields of structures, sections and cases.
 * @module
 */

import { termAnchor } from './index-pages.ts';
import { pageOf } from './links.ts';
import { sectionsOf } from './markdown.ts';
import type { SiteData } from './site-data.ts';

/**
 * One thing to find. The browser gets it as an array: kind, title, address, text, and other words by which it is found
 * but which are not shown.
 */
export type SearchEntry = readonly [
  kind: SearchKind,
  title: string,
  address: string,
  text: string,
  more?: string,
];

export type SearchKind =
  | 'requirement'
  | 'code'
  | 'term'
  | 'field'
  | 'section'
  | 'paragraph'
  | 'background'
  | 'case';

/** The number of characters that represent a section without a first paragraph. */
const BEGINNING = 160;

/** Everything that can be found. */
export function searchIndex(data: SiteData): SearchEntry[] {
  return [
    ...requirements(data),
    ...codes(data),
    ...terms(data),
    ...fields(data),
    ...paragraphs(data),
    ...cases(data),
  ];
}

/** Requirements. The ids and titles of their cases say in other words what they mean. */
function requirements({ requirements, chapters }: SiteData): SearchEntry[] {
  const headings = headingsOfRequirements(chapters);
  return [...requirements.values()].map(({ entry, cases }) => {
    const text = withoutMarkup(entry.text);
    const known = new Set(wordsOf(text));
    const said = cases.flatMap(({ id, title }) => wordsOf(`${id.replaceAll(/[/-]/g, ' ')} ${title}`));
    const more = `${headings.get(entry.id)}; ${[...new Set(said)].filter(word => !known.has(word)).join(' ')}`;
    return ['requirement', entry.id, `${pageOf(entry)}#${entry.id}`, text, more];
  });
}

/** The chapter and heading that each requirement is under. */
function headingsOfRequirements(chapters: SiteData['chapters']): Map<string, string> {
  return new Map(
    chapters.flatMap(({ title: chapter, source }) =>
      sectionsOf(source).flatMap(({ title, requirements }) =>
        requirements.map(id => [id, `${chapter}: ${title}`] as const),
      ),
    ),
  );
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? [];
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

/**
 * The paragraphs of the sections, each at the requirement that it belongs to, or else at its heading. Chapters without
 * requirements are background.
 */
function paragraphs({ chapters, requirements }: SiteData): SearchEntry[] {
  const normative = new Set([...requirements.values()].map(({ entry }) => pageOf(entry)));
  return chapters.flatMap(({ slug, title: chapter, source }) => {
    const page = `${slug}.html`;
    return sectionsOf(source).flatMap(({ title, anchor: heading, text: whole, paragraphs }) => {
      const name = title === chapter ? title : `${chapter}: ${title}`;
      const [begin, ...rest] = paragraphs;
      // A section that begins with a requirement is found by its heading, too.
      const [first, others] =
        begin?.anchor === heading
          ? [begin, rest]
          : [{ anchor: heading, text: whole.slice(0, BEGINNING) }, paragraphs];
      return [first, ...others].map((paragraph): SearchEntry => {
        const { anchor, text } = paragraph;
        const kind = !normative.has(page) ? 'background' : paragraph === first ? 'section' : 'paragraph';
        return [kind, anchor === heading ? name : `${name}, ${anchor}`, `${page}#${anchor}`, text];
      });
    });
  });
}

function cases({ cases }: SiteData): SearchEntry[] {
  return cases.map(({ id, title }) => ['case', id, `cases/${id}.html`, title]);
}

function withoutMarkup(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
}
