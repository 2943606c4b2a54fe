/**
 * Reads a recorded run, which may come from anyone: every line is checked, and contents are only written to files that
 * are named by their SHA-256.
 * @module
 */

import { createHash } from 'node:crypto';
import { appendFileSync, createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { schemaCheck } from '../../suite/json-schema.ts';
import { type AnswerFile, readAnswerFile } from '../compare/answer-file.ts';
import {
  ANSWERS_FILE,
  type AnswerLine,
  RECORD_FILE,
  type RecordLine,
  type RunRecord,
} from './record-format.ts';

/** A folder is not a record that this runner can judge. */
export class UnreadableRecord extends Error {}

/** The longest line: an answer of 1 MiB, its stderr, and what JSON adds to both. */
const LINE_MAX = 16 * 1024 * 1024;

/** The recorded answers, and a function that reads a file of one of them. */
export interface RecordedAnswers {
  readonly record: RunRecord;
  readonly answers: readonly AnswerLine[];
  readonly readFile: (answer: AnswerLine, path: string, most: number) => Promise<AnswerFile>;
}

/** Reads the record in `folder`. Contents are written into `scratch`. Throws {@link UnreadableRecord}. */
export async function readRecord(folder: string, scratch: string): Promise<RecordedAnswers> {
  const fail = (problem: string) => new UnreadableRecord(`${folder}: ${problem}`);
  const isRecord = schemaCheck('conformance/schema/record.schema.json', 'record');
  const isHeader = schemaCheck('conformance/schema/report.schema.json');
  const isMessage = schemaCheck('conformance/schema/message.schema.json', 'fromAdapter');
  const isLine = schemaCheck('conformance/schema/record.schema.json', 'line');
  let record: RunRecord;
  try {
    record = JSON.parse(readFileSync(join(folder, RECORD_FILE), 'utf8'));
  } catch (error) {
    throw fail(`cannot read ${RECORD_FILE}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problem = isRecord(record) ?? isHeader(record.header) ?? isMessage(record.hello);
  if (problem !== undefined) throw fail(`${RECORD_FILE}: ${problem}`);
  const archive = join(folder, ANSWERS_FILE);
  if (
    (await sha256Of(archive).catch(error => Promise.reject(fail(error.message)))) !== record.answers.sha256
  ) {
    throw fail(`the SHA-256 of ${ANSWERS_FILE} does not match ${RECORD_FILE}`);
  }
  const answers: AnswerLine[] = [];
  const contents = new Set<string>();
  for await (const text of linesOf(archive, fail)) {
    const line = parsed(text, fail) as RecordLine;
    const wrong = isLine(line);
    if (wrong !== undefined) throw fail(`${ANSWERS_FILE}: ${wrong}`);
    if (line.line === 'content') {
      appendFileSync(join(scratch, line.sha256), Buffer.from(line.base64, 'base64'));
      contents.add(line.sha256);
    } else {
      const badReply = 'type' in line.reply ? isMessage(line.reply) : undefined;
      if (badReply !== undefined) throw fail(`${ANSWERS_FILE}, answer to ${line.case}: ${badReply}`);
      answers.push(line);
    }
  }
  for (const sha256 of contents) {
    if ((await sha256Of(join(scratch, sha256))) !== sha256) throw fail(`the content ${sha256} is damaged`);
  }
  return {
    record,
    answers,
    readFile: async ({ files }, path, most) => {
      const file = Object.hasOwn(files, path) ? files[path] : undefined;
      if (file === undefined) return { problem: `the file ${JSON.stringify(path)} is not in the record` };
      return 'problem' in file ? file : readAnswerFile(scratch, file.sha256, most);
    },
  };
}

async function* linesOf(archive: string, fail: (problem: string) => Error): AsyncGenerator<string> {
  const gunzip = createReadStream(archive).pipe(createGunzip());
  let parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      let rest = chunk;
      for (let newline = rest.indexOf(0x0a); newline >= 0; newline = rest.indexOf(0x0a)) {
        yield Buffer.concat([...parts, rest.subarray(0, newline)]).toString('utf8');
        parts = [];
        length = 0;
        rest = rest.subarray(newline + 1);
      }
      parts.push(rest);
      length += rest.length;
      if (length > LINE_MAX) throw fail(`${ANSWERS_FILE} has a line of more than ${LINE_MAX} bytes`);
    }
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
      ? fail(`${ANSWERS_FILE}: ${error.message}`)
      : error;
  }
  if (length > 0) throw fail(`${ANSWERS_FILE} is incomplete`);
}

function parsed(text: string, fail: (problem: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail(`${ANSWERS_FILE} has a line that is not JSON`);
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  for await (const chunk of file.createReadStream()) hash.update(chunk);
  return hash.digest('hex');
}
