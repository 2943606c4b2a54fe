/**
 * `--record`: keeps every answer of a run, with the files that it names.
 * @module
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Suite } from '../../suite/read-suite.ts';
import { CouldNotContinue, systemErrorCode } from '../../suite/system-error.ts';
import { limits } from '../limits.ts';
import { isFailure } from './adapter-session.ts';
import type { CaseRun, ReceivedAnswer } from './judge-received.ts';
import {
  ANSWERS_FILE,
  type AnswerLine,
  RECORD_FILE,
  type RecordedFile,
  type RecordLine,
  type RunRecord,
  requestDigest,
} from './record-format.ts';

/** Bytes of content in a line. */
const PART = 768 * 1024;

/** The end of a run, for `record.json`. */
export type RecordedRun = Omit<RunRecord, 'record' | 'time' | 'adapter' | 'answers'>;

/** Writes the record of one run into an existing folder. */
export class Recorder {
  readonly #folder: string;
  readonly #gzip = createGzip();
  readonly #hash = createHash('sha256');
  #size = 0;
  readonly #written: Promise<void>;
  readonly #known = new Set<string>();
  readonly #files = new WeakMap<ReceivedAnswer['reply'], Record<string, RecordedFile>>();

  /** Fails if the folder has a record already, which is not overwritten. */
  constructor(folder: string) {
    this.#folder = folder;
    const measured = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#hash.update(chunk);
        this.#size += chunk.length;
        done(null, chunk);
      },
    });
    const file = createWriteStream(join(folder, ANSWERS_FILE), { flags: 'wx' });
    this.#written = pipeline(this.#gzip, measured, file).catch(error => {
      throw asCouldNotContinue(error, folder);
    });
    // It is awaited at the end, and while the stream is full.
    this.#written.catch(() => {});
  }

  /** Whether `folder` has a record or a part of one. */
  static isTaken(folder: string): boolean {
    return [ANSWERS_FILE, RECORD_FILE].some(name => existsSync(join(folder, name)));
  }

  /** Keeps the files of an answer, while the folder of its request exists. */
  async keepFiles({ reply, readAnswer }: ReceivedAnswer): Promise<void> {
    if (isFailure(reply) || reply.status !== 'ok') return;
    const kept: [path: string, file: RecordedFile][] = [];
    for (const path of Object.values(reply.files ?? {})) {
      const file = await readAnswer(path, limits.fileBytes);
      if ('problem' in file) {
        kept.push([path, { problem: file.problem }]);
        continue;
      }
      const sha256 = createHash('sha256').update(file.beginning).digest('hex');
      const isNew = !this.#known.has(sha256);
      // At once, because another answer can have the same content while this one is being written.
      this.#known.add(sha256);
      if (isNew) await this.#writeContent(sha256, file.beginning);
      kept.push([path, { sha256, size: file.size }]);
    }
    this.#files.set(reply, Object.fromEntries(kept));
  }

  /** Writes the answers and `record.json`. Throws {@link CouldNotContinue}. */
  async finish(
    run: RecordedRun,
    suite: Suite,
    command: readonly string[],
    rounds: readonly (readonly CaseRun[])[],
  ): Promise<void> {
    for (const [round, runs] of rounds.entries()) {
      for (const each of runs) await this.#write(this.#answerLine(each, round, suite));
    }
    this.#gzip.end();
    await this.#written;
    const record: RunRecord = {
      record: 1,
      time: new Date().toISOString(),
      ...run,
      adapter: filesOf(command),
      answers: { sha256: this.#hash.digest('hex'), size: this.#size },
    };
    const path = join(this.#folder, RECORD_FILE);
    try {
      writeFileSync(`${path}.part`, `${JSON.stringify(record, null, 2)}\n`, { flag: 'wx' });
      renameSync(`${path}.part`, path);
    } catch (error) {
      throw asCouldNotContinue(error, this.#folder);
    }
  }

  #answerLine({ test, attempt, misuse, durationMs }: CaseRun, round: number, suite: Suite): AnswerLine {
    return {
      line: 'answer',
      round,
      case: test.id,
      request: requestDigest(suite, test),
      reply: attempt.reply,
      files: this.#files.get(attempt.reply) ?? {},
      misuse: misuse ?? null,
      invalidated: attempt.invalidated ?? null,
      stderr: attempt.stderr,
      durationMs,
    };
  }

  async #writeContent(sha256: string, content: Uint8Array): Promise<void> {
    for (let at = 0; at === 0 || at < content.length; at += PART) {
      const base64 = Buffer.from(content.subarray(at, at + PART)).toString('base64');
      await this.#write({ line: 'content', sha256, base64 });
    }
  }

  async #write(line: RecordLine): Promise<void> {
    if (this.#gzip.write(`${JSON.stringify(line)}\n`)) return;
    await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }
}

/** The files that the words of a command name. */
function filesOf(command: readonly string[]): RunRecord['adapter'] {
  const words = command.flatMap(word => word.split(/[\s'"]+/)).filter(word => word !== '');
  return [...new Set(words)]
    .filter(path => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map(path => ({ path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }));
}

function asCouldNotContinue(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || systemErrorCode(error) === undefined) return error;
  return new CouldNotContinue(`--record ${folder}: ${error.message}`);
}
