/**
 * The frame of every page: head, navigation, search, footer.
 * @module
 */

import { Html, html } from './html.ts';
import type { SiteData } from './site-data.ts';

/** A page of the site. */
export interface Page {
  /** From the folder of the version: `cases/erofs/empty-root.html`. */
  readonly path: string;
  readonly title: string;
  readonly main: Html;
  /** Scripts in `assets/` besides the search. */
  readonly scripts?: readonly string[];
  /** Beside the text: the contents of a chapter. */
  readonly aside?: Html;
}

/** The way from the folder of `path` to the folder of the version. */
export function toRoot(path: string): string {
  return '../'.repeat(path.split('/').length - 1);
}

/** The text of a page. */
export function printPage(page: Page, data: Pick<SiteData, 'version' | 'draft' | 'chapters'>): string {
  const root = toRoot(page.path);
  const scripts = ['search.js', ...(page.scripts ?? [])];
  const status = data.draft
    ? html`<p class="status draft" role="note">Version ${data.version}, draft: anything can still change.</p>`
    : html`<p class="status" role="note">Version ${data.version}.</p>`;
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · composefs-oci ${data.version}</title>
<link rel="stylesheet" href="${root}assets/style.css">
<link rel="icon" href="data:,">
${scripts.map(name => html`<script type="module" src="${root}assets/${name}"></script>\n`)}</head>
<body data-root="${root}">
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="home" href="${root}index.html">composefs-oci</a>
${status}
<nav aria-label="Site">
<a href="${root}cases.html">Cases</a>
<a href="${root}codes.html">Error codes</a>
<a href="${root}terms.html">Terms</a>
<a href="${root}implementations.html">Implementations</a>
<a href="${root}try.html">Try it</a>
<a href="${root}all.html">Single page</a>
</nav>
<search><label for="search">Search</label>
<input id="search" type="search" autocomplete="off" placeholder="Press /" aria-controls="found">
<ol id="found" hidden></ol></search>
</header>
<div class="columns">
<nav class="chapters" aria-label="Chapters"><ol>
${data.chapters.map(
  ({ slug, title }) =>
    html`<li><a href="${root}${slug}.html"${current(`${slug}.html` === page.path)}>${title}</a></li>\n`,
)}</ol></nav>
<main id="main">
${page.main}
</main>
${page.aside ?? ''}
</div>
<footer><p>The composefs-oci standard, version ${data.version}. Apache License 2.0.</p></footer>
</body>
</html>
`.text
  }`;
}

function current(is: boolean): Html {
  return new Html(is ? ' aria-current="page"' : '');
}
