/**
 * The events of a report by kind, for the formats that are computed from it.
 * @module
 */

import {
  type CaseEvent,
  type ClassEvent,
  type Footer,
  type Header,
  type ReportEvent,
  type RequirementEvent,
  verdicts,
} from './events.ts';

/** A report by kind of event. */
export interface ReportParts {
  readonly header: Header;
  readonly cases: readonly CaseEvent[];
  readonly requirements: readonly RequirementEvent[];
  readonly classes: readonly ClassEvent[];
  readonly footer: Footer;
}

/** The parts of a complete report. */
export function partsOf(events: readonly ReportEvent[]): ReportParts {
  const header = events.find(event => event.event === 'header');
  const footer = events.find(event => event.event === 'footer');
  if (header === undefined || footer === undefined) throw new Error('a report has a header and a footer');
  return {
    header,
    footer,
    cases: events.filter(event => event.event === 'case'),
    requirements: events.filter(event => event.event === 'requirement'),
    classes: events.filter(event => event.event === 'class'),
  };
}

/** The name and version of the implementation. */
export function implementationName({ implementation: { name, version } }: Header): string {
  return `${name} ${version}`;
}

/** The number of cases that were run. */
export function executedCases({ cases, footer }: ReportParts): number {
  return cases.length - footer.counts.filtered;
}

/** The columns of a table of classes, and the row of each. */
export const classColumns: readonly string[] = ['class', ...verdicts, 'by inspection'];

export function classRow({ class: name, requirements, byInspection }: ClassEvent): string[] {
  return [name, ...verdicts.map(verdict => `${requirements[verdict]}`), `${byInspection}`];
}

/** `11 of 11` for a class whose requirements are all satisfied. */
export function classCount({ requirements }: ClassEvent): string {
  const total = Object.values(requirements).reduce((sum, count) => sum + count, 0);
  return `${requirements.satisfied} of ${total}`;
}
