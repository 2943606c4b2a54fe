/**
 * What is below a requirement: its cases, where the reference cites it, since when it is there.
 * @module
 */

import { type Html, html } from './html.ts';
import { caseLinks, countOfCases } from './links.ts';
import type { RequirementFacts, SiteData } from './site-data.ts';

/** The panel of the requirement `id`. */
export function requirementPanel(id: string, { requirements }: SiteData): Html {
  const facts = requirements.get(id);
  if (facts === undefined || facts.entry.status === 'withdrawn') return html``;
  return html`<details class="panel"><summary>${summary(facts)}</summary>
<dl>
${casesOf(facts)}${row(
  'Reference',
  facts.places.map(place => html`<code>${place}</code>`),
)}${row(
  'Changes',
  facts.changes.map(change => html`${change}`),
)}<dt>Hash of the text</dt><dd><code>${facts.entry.hash}</code>, since version ${facts.entry.since}</dd>
</dl></details>`;
}

function summary({ entry, cases }: RequirementFacts): string {
  if (cases.length > 0) return countOfCases(cases);
  return entry.verification === 'vector' ? 'no case' : `Verified by ${entry.verification.split(':')[0]}`;
}

function casesOf({ cases }: RequirementFacts): Html {
  return row('Cases', cases.length === 0 ? [] : [caseLinks(cases)]);
}

function row(title: string, items: readonly Html[]): Html {
  if (items.length === 0) return html``;
  return html`<dt>${title}</dt>${items.map(item => html`<dd>${item}</dd>`)}\n`;
}
