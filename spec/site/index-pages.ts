/**
 * The pages that list things: the first page, error codes, terms, cases.
 * @module
 */

import { type Case, expectedRejection } from '../../conformance/suite/case.ts';
import { linksOf } from './chapter-pages.ts';
import { type Html, html, joined } from './html.ts';
import { caseLinks, countOfCases, requirementLink } from './links.ts';
import { renderedInline, sectionsOf } from './markdown.ts';
import type { Page } from './page.ts';
import type { SiteData, Term } from './site-data.ts';

export function homePage(data: SiteData): Page {
  return {
    path: 'index.html',
    title: 'The standard',
    main: html`<h1>The composefs-oci standard</h1>
<p>How an OCI image becomes one composefs image with one fs-verity digest, and how this digest is published, signed and verified.</p>
<p>${data.requirements.size} requirements and ${data.cases.length} cases, with which any implementation can be tested.</p>
<ol>${data.chapters.map(({ slug, title }) => html`<li><a href="${slug}.html">${title}</a></li>\n`)}</ol>
<p>Press <kbd>/</kbd> to search for requirements, terms, error codes and fields, or <a href="try.html">try it</a> with an image of yours.</p>`,
  };
}

/** Every error code with what cites and expects it. */
export function codesPage(data: SiteData): Page {
  const links = linksOf(data);
  const rows = data.codes.map(({ stage, code, meaning }) => {
    const citing = [...data.requirements.values()].filter(({ entry }) => entry.text.includes(`\`${code}\``));
    const requirements = citing.map(({ entry }) => requirementLink(entry));
    const cases = data.cases.filter(test => expectedRejection(test)?.reasons.includes(code));
    return html`<section class="code" id="${code}"><h2><code>${code}</code></h2>
<p>Stage ${stage}: ${renderedInline(meaning, links)}.</p>
<p>Requirements: ${requirements.length > 0 ? joined(requirements, ', ') : 'none names it'}.</p>
${casesDetails(cases)}</section>\n`;
  });
  return { path: 'codes.html', title: 'Error codes', main: html`<h1>Error codes</h1>\n${rows}` };
}

function casesDetails(cases: readonly Case[]): Html {
  if (cases.length === 0) return html`<p>No case expects it.</p>`;
  return html`<details class="panel"><summary>${countOfCases(cases)}</summary>
<p>${caseLinks(cases)}</p></details>`;
}

/** Every term with the sections that use it. */
export function termsPage(data: SiteData): Page {
  const links = linksOf(data);
  const sections = data.chapters.flatMap(({ slug, source, title: chapter }) =>
    sectionsOf(source).map(section => ({ ...section, slug, chapter })),
  );
  const rows = data.terms.map(term => {
    const pattern = wordPattern(term);
    const uses = sections
      .filter(({ text }) => pattern.test(text))
      .map(({ slug, anchor, title, chapter }) => {
        return html`<a href="${slug}.html#${anchor}">${title === chapter ? title : `${chapter}: ${title}`}</a>`;
      });
    const heading = term.names.join(', ');
    return html`<section id="${termAnchor(term)}"><h2>${heading}</h2><p>${renderedInline(term.definition, links)}</p>
<details class="panel"><summary>Used in ${uses.length} sections</summary><p>${joined(uses, ', ')}</p></details></section>\n`;
  });
  return { path: 'terms.html', title: 'Terms', main: html`<h1>Terms</h1>\n${rows}` };
}

export function termAnchor({ names: [name = ''] }: Term): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

function wordPattern({ names }: Term): RegExp {
  const words = names.map(name => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(?<![\\w-])(?:${words.join('|')})s?(?![\\w-])`, 'i');
}

/** All cases by their area. */
export function casesPage({ cases }: SiteData): Page {
  const areas = new Map<string, Case[]>();
  for (const test of cases) {
    const [area = ''] = test.id.split('/');
    areas.set(area, [...(areas.get(area) ?? []), test]);
  }
  const sections = [...areas].map(
    ([
      area,
      tests,
    ]) => html`<section id="${area}"><h2>${area}</h2><p>${tests.length} cases</p><ul class="cases">
${tests.map(
  ({ id, title, expect }) =>
    html`<li class="${expect.outcome}"><a href="cases/${id}.html">${id.slice(area.length + 1)}</a> ${title}</li>\n`,
)}</ul></section>\n`,
  );
  return { path: 'cases.html', title: 'Cases', main: html`<h1>Cases</h1>\n${sections}` };
}
