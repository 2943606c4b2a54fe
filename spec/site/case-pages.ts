/**
 * A page for each case: what is asked, what is expected, who confirms it, and how to run it.
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, CaseFile } from '../../conformance/suite/case.ts';
import { imageMapPath, mappedImage } from '../../conformance/suite/read-image-map.ts';
import { linksOf } from './chapter-pages.ts';
import { describeFile } from './describe-file.ts';
import { type Html, html, joined } from './html.ts';
import { requirementLink } from './links.ts';
import { renderedInline } from './markdown.ts';
import { type Page, toRoot } from './page.ts';
import type { SiteData } from './site-data.ts';

/** The pages of all cases. */
export function* casePages(data: SiteData): Generator<Page> {
  for (const test of data.cases) yield casePage(test, data);
}

/** The folder of a case in the vectors. */
export function caseFolder({ root }: SiteData, { id }: Case): string {
  return join(root, 'vectors/cases', id);
}

/** Paths of the expected image of a case and of its map, from the folder of the vectors; undefined without a map. */
export function mapOf(
  data: SiteData,
  test: Case,
): { readonly image: string; readonly map: string } | undefined {
  const image = mappedImage(test);
  if (image === undefined) return undefined;
  const map = imageMapPath(image);
  return existsSync(join(caseFolder(data, test), map)) ? { image, map } : undefined;
}

function casePage(test: Case, data: SiteData): Page {
  const path = `cases/${test.id}.html`;
  const root = toRoot(path);
  const links = linksOf(data, root);
  const hasMap = mapOf(data, test) !== undefined;
  return {
    path,
    title: test.id,
    main: html`<h1>${test.id}</h1>
<p>${test.title}.</p>
<dl class="facts">
<dt>Operation</dt><dd><code>${test.op}</code></dd>
<dt>Requirements</dt><dd>${joined(
      test.requirements.flatMap(id => {
        const entry = data.requirements.get(id)?.entry;
        return entry === undefined ? [] : [requirementLink(entry, root)];
      }),
      ', ',
    )}</dd>
${test.needs.length > 0 ? html`<dt>Features</dt><dd>${joined(test.needs.map(code), ', ')}</dd>` : ''}
${test.control === null ? '' : html`<dt>Accepted sibling</dt><dd><a href="${root}cases/${test.control}.html">${test.control}</a></dd>`}
<dt>Confirmed by</dt><dd>${test.provenance.confirmedBy.join(', ')}</dd>
${test.provenance.acceptedBy === undefined ? '' : html`<dt>Accepted by</dt><dd>${test.provenance.acceptedBy.join(', ')}</dd>`}
<dt>Recipe</dt><dd><code>${test.provenance.recipe}</code></dd>
</dl>
<h2>Expected result</h2>
${expectation(test, data, links)}
${hasMap ? html`<p><a href="${root}map.html?${test.id}">Every byte of the expected image</a></p>` : ''}
<h2>Input</h2>
${parameters(test)}${inputs(test, data)}
<h2>Run it</h2>
<pre tabindex="0"><code>npm run conformance -- --case ${test.id} --keep</code></pre>`,
  };
}

const code = (text: string): Html => html`<code>${text}</code>`;

function expectation(test: Case, data: SiteData, links: ReturnType<typeof linksOf>): Html {
  const { expect } = test;
  if (expect.outcome === 'reject') return rejection(expect, links);
  if (expect.outcome === 'accept') return result(expect, test, data);
  return html`<p>Either result is correct. ${expect.because}</p>
<h3>If the input is accepted</h3>${result(expect.ifAccept, test, data)}
<h3>If it is rejected</h3>${rejection(expect.ifReject, links)}`;
}

function rejection(
  { stage, reasons }: { readonly stage: string; readonly reasons: readonly string[] },
  links: ReturnType<typeof linksOf>,
): Html {
  const list = reasons.map(reason => renderedInline(`\`${reason}\``, links));
  return html`<p>A rejection at stage <code>${stage}</code> with ${joined(list, ' or ')}.</p>`;
}

function result(
  {
    values = {},
    files = {},
  }: {
    readonly values?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, CaseFile>>;
  },
  test: Case,
  data: SiteData,
): Html {
  return html`${table(values)}${Object.entries(files).map(([name, file]) => fileOf(name, file, test, data))}`;
}

function table(values: Readonly<Record<string, string>>): Html {
  const rows = Object.entries(values);
  if (rows.length === 0) return html``;
  return html`<dl class="facts">${rows.map(
    ([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>\n`,
  )}</dl>`;
}

function parameters({ params }: Case): Html {
  return table(params);
}

function inputs(test: Case, data: SiteData): Html {
  return html`${Object.entries(test.input).map(([name, input]) => {
    if (typeof input === 'object' && 'generate' in input) {
      const { patternHex, size, sha256 } = input.generate;
      return html`<h3>${name}</h3><p>${size} bytes: the bytes <code>${patternHex}</code>, repeated; SHA-256 <code>${sha256}</code>.</p>`;
    }
    if (Array.isArray(input)) {
      return html`${input.map(({ path, mediaType }, i) => html`<h3>${name} ${i}</h3><p><code>${mediaType}</code></p>${content(path, test, data)}`)}`;
    }
    return fileOf(name, input as CaseFile, test, data);
  })}`;
}

function fileOf(name: string, file: CaseFile, test: Case, data: SiteData): Html {
  if (typeof file === 'string') return html`<h3>${name}</h3>${content(file, test, data)}`;
  const { size, sha256, parts } = file.sparse;
  return html`<h3>${name}</h3><p>${size} bytes, 0 except for the parts below; SHA-256 <code>${sha256}</code>.</p>
${parts.map(({ offset, path }) => html`<h4>At ${offset}</h4>${content(path, test, data)}`)}`;
}

function content(path: string, test: Case, data: SiteData): Html {
  const whole = join(caseFolder(data, test), path);
  const shown = html`<p><code>vectors/cases/${test.id}/${path}</code></p>`;
  if (!statSync(whole).isDirectory()) return html`${shown}${describeFile(path, readFileSync(whole))}`;
  const names = readdirSync(whole, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter(name => statSync(join(whole, name)).isFile());
  return html`${shown}${files.map(
    name =>
      html`<details class="panel"><summary>${name}</summary>${describeFile(name, readFileSync(join(whole, name)))}</details>`,
  )}`;
}
