/**
 * The page with the recorded runs of implementations.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linksOf } from './chapter-pages.ts';
import { type Html, html, joined } from './html.ts';
import { requirementLink } from './links.ts';
import { rendered } from './markdown.ts';
import type { Page } from './page.ts';
import { type RecordedImplementation, resultsTable, verdictOn } from './recorded-implementations.ts';
import type { RequirementFacts, SiteData } from './site-data.ts';

/** The table of implementations, and the requirements whose cases each one passes or fails. */
export function implementationsPage(data: SiteData): Page {
  const readme = readFileSync(join(data.root, 'conformance/results/README.md'), 'utf8');
  return {
    path: 'implementations.html',
    title: 'Implementations',
    main: html`<h1>Implementations</h1>
<p>Each row is a recorded run of the cases, judged with this version of the standard.
A known failure is listed in <a href="upstream.html">the chapter on upstream</a>.</p>
${rendered(resultsTable(readme), linksOf(data))}
<p>The sections below, and the verdicts under each requirement, count the cases that the implementation was asked and that did not change after the recording.
A correct rejection without an error code is counted as passed, but it does not show that the implementation found the defect of the case.
The reference implementation, which passes every case, has no section.</p>
${data.implementations.map(implementation => sectionOf(implementation, data))}`,
  };
}

function sectionOf(implementation: RecordedImplementation, { requirements }: SiteData): Html {
  const tested = [...requirements.values()].filter(({ cases }) => cases.length > 0);
  const passing: RequirementFacts[] = [];
  const failing: RequirementFacts[] = [];
  for (const facts of tested) {
    const verdict = verdictOn(facts.cases, implementation);
    if (verdict !== undefined) (verdict.failed > 0 ? failing : passing).push(facts);
  }
  const without = tested.length - passing.length - failing.length;
  return html`<section id="${implementation.program}"><h2>${implementation.name}</h2>
<p>Recorded on ${implementation.date}. Of the ${tested.length} requirements with cases, it passes every case asked for ${passing.length}, fails at least one for ${failing.length}, and is not asked about ${without}.</p>
${requirementList('Fails at least one case', failing)}${requirementList('Passes every case asked', passing)}</section>\n`;
}

function requirementList(title: string, list: readonly RequirementFacts[]): Html {
  if (list.length === 0) return html``;
  const links = list.map(({ entry }) => requirementLink(entry));
  return html`<details class="panel"><summary>${title}: ${list.length}</summary>
<p>${joined(links, ', ')}</p></details>\n`;
}
