/**
 * The report as badges, one for each claimed class, in the format that shields.io reads from an endpoint
 * (`conformance/schema/badge.schema.json`).
 * @module
 */

import type { ClassEvent, Footer, ReportEvent } from './events.ts';
import { classCount, partsOf } from './parts.ts';

/** The files of the badges by name, with their contents. */
export function badgeFiles(events: readonly ReportEvent[]): Readonly<Record<string, string>> {
  const { classes, footer } = partsOf(events);
  return Object.fromEntries(
    classes.map(event => [`badge-${event.class}.json`, `${JSON.stringify(badge(event, footer))}\n`]),
  );
}

/** The text has counts: a colour alone would hide what was not tested. */
function badge(event: ClassEvent, footer: Footer) {
  const { violated, untested, inconclusive } = event.requirements;
  const rest = [
    ...(violated > 0 ? [`${violated} violated`] : []),
    ...(untested + inconclusive > 0 ? [`${untested + inconclusive} open`] : []),
    ...(event.undeclared.length > 0 ? [`${event.undeclared.length} undeclared`] : []),
    ...(footer.stopped === null ? [] : ['stopped early']),
  ];
  const complete = rest.length === 0;
  return {
    schemaVersion: 1,
    label: `composefs-oci ${event.class}`,
    message: [`${classCount(event)} satisfied`, ...rest].join(', '),
    color: violated > 0 ? 'red' : complete && footer.conformant ? 'brightgreen' : 'yellow',
  };
}
