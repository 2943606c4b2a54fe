/**
 * The formats of a report. Each is a pure function of the events.
 * @module
 */

import { badgeFiles } from './badge.ts';
import { jsonLines, type ReportEvent } from './events.ts';
import { githubReport } from './github.ts';
import { htmlReport } from './html.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import { tapReport } from './tap.ts';
import { textReport } from './text.ts';

/** The names of the formats with one document each, their files and their functions. */
const documents = {
  text: { file: 'report.txt', write: (events: readonly ReportEvent[]) => textReport(events) },
  jsonl: { file: 'report.jsonl', write: jsonLines },
  junit: { file: 'report.xml', write: junitReport },
  tap: { file: 'report.tap', write: tapReport },
  markdown: { file: 'report.md', write: markdownReport },
  github: { file: 'annotations.txt', write: githubReport },
  html: { file: 'report.html', write: htmlReport },
} as const;

/** All formats. */
export const reporters = [...Object.keys(documents), 'badge'] as readonly Reporter[];
export type Reporter = DocumentReporter | 'badge';
type DocumentReporter = keyof typeof documents;

/** Whether the format has one document, which can be printed. */
export function isDocument(reporter: Reporter): reporter is DocumentReporter {
  return reporter !== 'badge';
}

/** The document of a format, for stdout. */
export function reportDocument(reporter: DocumentReporter, events: readonly ReportEvent[]): string {
  return documents[reporter].write(events);
}

/** The files of a format by name. */
export function reportFiles(
  reporter: Reporter,
  events: readonly ReportEvent[],
): Readonly<Record<string, string>> {
  if (!isDocument(reporter)) return badgeFiles(events);
  return { [documents[reporter].file]: reportDocument(reporter, events) };
}

/** The names of the files that are known before a run. */
export function knownFiles(chosen: readonly Reporter[]): string[] {
  return chosen.filter(isDocument).map(reporter => documents[reporter].file);
}
