/**
 * What is below a requirement: its cases, what recorded runs say of it, where the reference cites it, the mutants
 * that break it, since when it is there.
 * @module
 */

import { type Html, html, joined } from './html.ts';
import { caseLinks, countOfCases } from './links.ts';
import {
  type RecordedImplementation,
  type RequirementVerdict,
  verdictOn,
} from './recorded-implementations.ts';
import type { RequirementFacts, SiteData } from './site-data.ts';

/** The panel of the requirement `id`. */
export function requirementPanel(id: string, { requirements, implementations }: SiteData): Html {
  const facts = requirements.get(id);
  if (facts === undefined || facts.entry.status === 'withdrawn') return html``;
  return html`<details class="panel"><summary>${summary(facts)}</summary>
<dl>
${casesOf(facts)}${row('Implementations', verdictsOf(facts, implementations))}${row(
  'Reference',
  facts.places.map(place => html`<code>${place}</code>`),
)}${row(
  'Mutants',
  facts.mutants.map(name => html`${name}`),
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

/** For each implementation: `passes 3 of 5 cases asked, fails 2 (known: Layers in composefs-rs)`. */
function verdictsOf(
  { cases }: Pick<RequirementFacts, 'cases'>,
  implementations: readonly RecordedImplementation[],
): Html[] {
  if (cases.length === 0) return [];
  return implementations.map(implementation => {
    const { program, name, date } = implementation;
    const verdict = verdictOn(cases, implementation);
    return html`<a href="implementations.html#${program}">${name}</a> (${date}): ${
      verdict === undefined ? 'not asked' : verdictText(verdict)
    }`;
  });
}

function verdictText({ asked, passed, withoutCode, failed, known, sections }: RequirementVerdict): Html {
  const without = withoutCode === 0 ? '' : ` (${withoutCode} without an error code)`;
  const passes = html`passes ${passed} of ${asked === 1 ? '1 case' : `${asked} cases`} asked${without}`;
  if (failed === 0) return passes;
  if (known === 0) return html`${passes}, fails ${failed}`;
  const links = sections.map(({ title, anchor }) => html`<a href="upstream.html#${anchor}">${title}</a>`);
  const share = known === failed ? 'known' : `${known} of them known`;
  return html`${passes}, fails ${failed} (${share}: ${joined(links, ', ')})`;
}

function row(title: string, items: readonly Html[]): Html {
  if (items.length === 0) return html``;
  return html`<dt>${title}</dt>${items.map(item => html`<dd>${item}</dd>`)}\n`;
}
