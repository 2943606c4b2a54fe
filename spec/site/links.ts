/**
 * Links to requirements and cases.
 * @module
 */

import type { Case } from '../../conformance/suite/case.ts';
import type { Entry } from '../tool/requirements.ts';
import { type Html, html, joined } from './html.ts';

/** The page of the chapter of a requirement, from the folder of the version. */
export function pageOf({ file }: Pick<Entry, 'file'>): string {
  return file.replace(/^spec\/|\.md$/g, '').concat('.html');
}

/** A link to a requirement. `root`: the way to the folder of the version. */
export function requirementLink(entry: Pick<Entry, 'file' | 'id'>, root = ''): Html {
  return html`<a href="${root}${pageOf(entry)}#${entry.id}">${entry.id}</a>`;
}

/** Links to cases, from the folder of the version. */
export function caseLinks(cases: readonly Pick<Case, 'id' | 'title'>[]): Html {
  return joined(
    cases.map(({ id, title }) => html`<a href="cases/${id}.html" title="${title}">${id}</a>`),
    ', ',
  );
}

/** How many cases there are. */
export function countOfCases({ length }: readonly unknown[]): string {
  return length === 1 ? '1 case' : `${length} cases`;
}
