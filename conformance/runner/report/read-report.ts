/**
 * Reads a report of an earlier run.
 * @module
 */

import { readFileSync } from 'node:fs';
import { schemaCheck } from '../../suite/json-schema.ts';
import type { CaseEvent, Footer, Header, ReportEvent } from './events.ts';

/** A file is not a report that this runner can read. */
export class UnreadableReport extends Error {}

/** A report, whole or the part of one shard. */
export interface Report {
  readonly header: Header;
  readonly cases: readonly CaseEvent[];
  readonly footer: Footer;
  /** All events, in order. */
  readonly events: readonly ReportEvent[];
}

/** Reads the JSON Lines at `path`. Throws {@link UnreadableReport}. */
export function readReport(path: string): Report {
  const fail = (problem: string) => new UnreadableReport(`${path}: ${problem}`);
  const isEvent = schemaCheck('conformance/schema/report.schema.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fail(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const events = text
    .trimEnd()
    .split('\n')
    .map((line, i) => {
      const event = parsed(line);
      const problem = event === undefined ? 'is not JSON' : isEvent(event);
      if (problem !== undefined) {
        throw fail(`line ${i + 1}: ${problem}; give a report that --reporter jsonl of this version wrote`);
      }
      return event as ReportEvent;
    });
  const [header] = events;
  const footer = events.at(-1);
  if (header?.event !== 'header') throw fail('the first line is not a header');
  if (footer?.event !== 'footer') throw fail('the last line is not a footer: the report is incomplete');
  return { header, footer, events, cases: events.filter(event => event.event === 'case') };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
