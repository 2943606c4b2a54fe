/**
 * A conversation with an adapter that keeps what was said, and notes each violation of the protocol.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Case } from '../../suite/case.ts';
import { readAnswerFile } from '../compare/answer-file.ts';
import { limits } from '../limits.ts';
import { type DoneMessage, type HelloMessage, parseAdapterLine, specVersion } from '../protocol/messages.ts';
import { AdapterProcess, type ProcessEvent } from './adapter-process.ts';
import type { WorkDirectory } from './work-directory.ts';

/** The time to wait for output that should not come. */
const QUIET_MS = 100;
/** The time for an answer. */
const ANSWER_MS = 10_000;
/** A member of every message that the adapter has to ignore. */
const unknownMember = { 'x-unknown': { 'to be': 'ignored' } };

/** Talks to one process at a time. */
export class Conversation {
  readonly #command: readonly string[];
  readonly #suiteVersion: string;
  readonly #transcript: string[] = [];
  readonly problems: string[] = [];
  #process: AdapterProcess | undefined;
  #hello: HelloMessage | undefined;

  constructor(command: readonly string[], suiteVersion: string) {
    this.#command = command;
    this.#suiteVersion = suiteVersion;
  }

  get result(): { readonly transcript: readonly string[]; readonly problems: readonly string[] } {
    return { transcript: this.#transcript, problems: this.problems };
  }

  /** Starts a process, and returns its hello; undefined if it sends none. */
  async start(): Promise<HelloMessage | undefined> {
    const process = await AdapterProcess.start(this.#command);
    this.#process = process;
    this.#send({ type: 'hello', protocol: 1, suite: this.#suiteVersion });
    const message = this.#read(await process.next(limits.helloMs), 'hello');
    if (message?.type !== 'hello') {
      if (message !== undefined) this.problems.push('the first message is not hello');
      return this.#stop();
    }
    if (this.#hello !== undefined && !isDeepStrictEqual(this.#hello, message))
      this.problems.push('the hello of a later process differs from that of the first');
    this.#hello = message;
    return message;
  }

  /** Sends the request of a case, and checks the form of the answer. */
  async request(test: Case, work: WorkDirectory): Promise<void> {
    if (this.#process === undefined && (await this.start()) === undefined) return;
    const process = this.#process;
    if (process === undefined) return;
    const id = randomBytes(4).toString('hex');
    const { op, params } = test;
    const { input, outDir } = work;
    this.#send({ type: 'run', id, op, specVersion, input, params, outDir, timeoutMs: ANSWER_MS });
    const message = this.#read(await process.next(ANSWER_MS), `answer to ${op}`);
    if (message !== undefined) await this.#checkAnswer(message, id, op, work);
    if (this.#process !== undefined && message !== undefined) await this.#expectQuiet(op);
    work.remove();
  }

  async #checkAnswer(
    message: HelloMessage | DoneMessage,
    id: string,
    op: string,
    work: WorkDirectory,
  ): Promise<void> {
    if (message.type !== 'done') return this.#note(`${op}: the answer is not done`);
    if (message.id !== id) this.#note(`${op}: the answer has the id ${message.id}, the request ${id}`);
    if (message.status === 'unsupported')
      this.#note(
        `${op}: the answer is unsupported (${message.feature}), but hello declares everything needed`,
      );
    const misuse = work.misuse();
    if (misuse !== undefined) this.#note(`${op}: ${misuse}`);
    if (message.status !== 'ok') return;
    for (const path of Object.values(message.files ?? {})) {
      const file = await readAnswerFile(work.outDir, path, 0);
      if ('problem' in file) this.#note(`${op}: ${file.problem}`);
    }
  }

  /** Nothing may follow an answer but an exit with code 0. */
  async #expectQuiet(op: string): Promise<void> {
    const event = await this.#process?.next(QUIET_MS);
    if (event === undefined || event.kind === 'silent') return;
    if (event.kind === 'ended') return this.#ended(event, `after the answer to ${op}`);
    if (event.kind === 'line') this.#transcript.push(`< ${event.text}`);
    this.#note(`${op}: the adapter wrote something after its answer`);
    await this.#stop();
  }

  /** Sends bye, and waits for the exit. */
  async end(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#send({ type: 'bye' });
    process.close();
    const event = await process.next(limits.byeMs);
    if (event.kind === 'ended') return this.#ended(event, 'after bye');
    this.#note(
      event.kind === 'silent'
        ? `the adapter does not exit within ${limits.byeMs} ms after bye`
        : 'the adapter wrote something after bye',
    );
    await this.#stop();
  }

  #ended({ ending }: Extract<ProcessEvent, { kind: 'ended' }>, when: string): void {
    this.#process = undefined;
    if (ending.kind === 'exit' && ending.code === 0) this.#transcript.push(`  (exit with code 0 ${when})`);
    else if (ending.kind === 'exit') this.#note(`the adapter exits with code ${ending.code} ${when}`);
    else if (ending.kind === 'signal') this.#note(`the adapter is killed by ${ending.signal} ${when}`);
    else this.#note(`the adapter exits ${when}, but leaves a process behind that keeps its stdout open`);
  }

  #send(message: object): void {
    const line = JSON.stringify({ ...message, ...unknownMember });
    this.#transcript.push(`> ${line}`);
    this.#process?.send(`${line}\n`);
  }

  /** The message in `event`, a line; undefined if there is none, which is noted. */
  #read(event: ProcessEvent, what: string): HelloMessage | DoneMessage | undefined {
    switch (event.kind) {
      case 'silent':
        this.#note(`no ${what} in time`);
        return this.#abandon();
      case 'garbled':
        this.#note(event.problem);
        return this.#abandon();
      case 'ended':
        this.#noteStderr();
        this.#ended(event, `before the ${what}`);
        if (event.ending.kind === 'exit' && event.ending.code === 0)
          this.#note(`the adapter exits before the ${what}`);
        return undefined;
      case 'line': {
        this.#transcript.push(`< ${event.text}`);
        const read = parseAdapterLine(event.text);
        if ('message' in read) return read.message;
        this.#note(read.problem);
        return this.#abandon();
      }
    }
  }

  #note(problem: string): void {
    this.problems.push(problem);
  }

  #noteStderr(): void {
    const stderr = this.#process?.stderr.trimEnd() ?? '';
    if (stderr !== '') this.#transcript.push(...stderr.split('\n').map(line => `  stderr: ${line}`));
  }

  #abandon(): undefined {
    this.#noteStderr();
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
    return undefined;
  }

  async #stop(): Promise<undefined> {
    await this.#process?.stop();
    this.#process = undefined;
    return undefined;
  }
}
