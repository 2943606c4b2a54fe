/**
 * The format of a recorded run: the raw answers, to judge them later without the implementation.
 *
 * A record is a folder with two files. `answers.jsonl.gz` has the contents of the files of all answers, then the
 * answers; `record.json` binds it to what was run, when and on what, and is written last.
 * `conformance/schema/record.schema.json` defines both.
 * @module
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../suite/case.ts';
import { pathsOf } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import type { DoneMessage, HelloMessage } from '../protocol/messages.ts';
import type { Header, Stop } from '../report/events.ts';
import type { AnswerFailure } from './adapter-session.ts';

export const RECORD_FILE = 'record.json';
export const ANSWERS_FILE = 'answers.jsonl.gz';

/** `record.json`. */
export interface RunRecord {
  readonly record: 1;
  /** When the run ended, in UTC. */
  readonly time: string;
  /** The header of the report: the suite, the seed, the platform and the limits of the run. */
  readonly header: Header;
  readonly hello: HelloMessage;
  /** The files that the command of the adapter names, with the SHA-256 of each. */
  readonly adapter: readonly { readonly path: string; readonly sha256: string }[];
  readonly answers: { readonly sha256: string; readonly size: number };
  readonly stopped: Stop | null;
  readonly durationMs: number;
}

/** One line of the answers. */
export type RecordLine = ContentLine | AnswerLine;

/** A part of the content of a file; the parts of a file follow each other. */
export interface ContentLine {
  readonly line: 'content';
  readonly sha256: string;
  readonly base64: string;
}

/** A file that an answer names: its content, or why it cannot be accepted. */
export type RecordedFile = { readonly sha256: string; readonly size: number } | { readonly problem: string };

/** The answer to one request. */
export interface AnswerLine {
  readonly line: 'answer';
  readonly round: number;
  readonly case: string;
  /** The {@link requestDigest} of the case. */
  readonly request: string;
  readonly reply: DoneMessage | AnswerFailure;
  /** By the path in the answer. */
  readonly files: Readonly<Record<string, RecordedFile>>;
  readonly misuse: string | null;
  readonly invalidated: AnswerFailure | null;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Identifies the request of a case: its operation, parameters and inputs. */
export function requestDigest(suite: Suite, test: Case): string {
  const { op, params, input } = test;
  const hash = createHash('sha256').update(JSON.stringify([op, params, input]));
  const paths = Object.values(input).flatMap(value => {
    if (typeof value === 'string' || 'sparse' in value) return pathsOf(value);
    return 'generate' in value ? [] : value.map(({ path }) => path);
  });
  for (const path of paths) addFile(hash, caseFolder(suite, test), path);
  return hash.digest('hex');
}

function addFile(hash: ReturnType<typeof createHash>, folder: string, path: string): void {
  const file = join(folder, path);
  if (statSync(file).isDirectory()) {
    for (const name of readdirSync(file).sort()) addFile(hash, folder, join(path, name));
    return;
  }
  const content = readFileSync(file);
  hash.update(JSON.stringify([path, content.length])).update(content);
}
