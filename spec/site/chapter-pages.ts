/**
 * The chapters, each on a page, and all on one.
 * @module
 */

import { Html, html } from './html.ts';
import { type Links, rendered, sectionsOf } from './markdown.ts';
import type { Page } from './page.ts';
import { requirementPanel } from './requirement-panel.ts';
import type { ChapterSource, SiteData } from './site-data.ts';

/** Links of pages in the folder of the version. */
export function linksOf(data: SiteData, root = ''): Links {
  return {
    chapter: slug => `${root}${slug}.html`,
    code: code => `${root}codes.html#${code}`,
    codes: new Set(data.codes.map(({ code }) => code)),
  };
}

/** One page for each chapter. */
export function chapterPages(data: SiteData): Page[] {
  return data.chapters.map((chapter, i) => ({
    path: `${chapter.slug}.html`,
    title: chapter.title,
    main: html`${rendered(chapter.source, linksOf(data), id => requirementPanel(id, data))}
<nav class="turn" aria-label="Chapters before and after">${turn('Before', data.chapters[i - 1])}${turn('Next', data.chapters[i + 1])}</nav>`,
    aside: contentsOf(chapter),
  }));
}

function turn(word: string, chapter: ChapterSource | undefined): Html {
  if (chapter === undefined) return html``;
  return html`<a href="${chapter.slug}.html">${word}: ${chapter.title}</a> `;
}

function contentsOf({ source }: ChapterSource): Html {
  const sections = sectionsOf(source).filter(({ level }) => level === 2 || level === 3);
  return html`<nav class="contents" aria-label="On this page"><ul>
${sections.map(
  ({ title, anchor, level }) => html`<li class="level${level}"><a href="#${anchor}">${title}</a></li>\n`,
)}</ul></nav>`;
}

/**
 * All chapters on one page, for printing and for the search of a browser. Anchors of headings begin with the name of
 * their chapter, because several chapters have the same headings; ids of requirements are the same everywhere.
 */
export function singlePage(data: SiteData): Page {
  const parts = data.chapters.map(({ slug, source }) => {
    const links: Links = { ...linksOf(data), chapter: other => `#${other}` };
    const { text } = rendered(source, links);
    const unique = text
      .replaceAll(/(<(?:h[1-6]|a) id=")([a-z][^"]*)/g, `$1${slug}-$2`)
      .replaceAll(/href="#([a-z0-9-]+)(#[^"]*)?"/g, (whole, target: string, fragment?: string) => {
        if (fragment === undefined && !data.chapters.some(other => other.slug === target))
          return `href="#${slug}-${target}"`;
        return fragment === undefined ? whole : `href="${combined(target, fragment.slice(1))}"`;
      });
    return html`<section id="${slug}">${new Html(unique)}</section>\n`;
  });
  return { path: 'all.html', title: 'All chapters', main: html`${parts}` };
}

function combined(slug: string, anchor: string): string {
  return /^[A-Z]+-[0-9]+$/.test(anchor) ? `#${anchor}` : `#${slug}-${anchor}`;
}
