/**
 * A session sends requests to an adapter, one at a time. It uses one process until that exits or misbehaves, and then
 * starts another.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Case } from '../../suite/case.ts';
import { limits } from '../limits.ts';
import type { AdapterMessage, DoneMessage, HelloMessage } from '../protocol/messages.ts';
import { messageLine, parseAdapterLine, specVersion } from '../protocol/messages.ts';
import { AdapterProcess, type ProcessEnding, type ProcessEvent } from './adapter-process.ts';
import type { WorkDirectory } from './work-directory.ts';

/** Why a request has no valid answer. */
export interface AnswerFailure {
  readonly status: 'crash' | 'timeout' | 'protocol';
  readonly problem: string;
}

/** Why a process did not start: it sent no valid hello. */
export interface StartFailure {
  readonly failure: AnswerFailure;
  readonly stderr: string;
}

/** One request with its answer. */
export interface Attempt {
  readonly reply: DoneMessage | AnswerFailure;
  /** The folder of the request; undefined if no process started. */
  readonly work: WorkDirectory | undefined;
  readonly stderr: string;
  /** Set if a later event invalidates the answer: a second answer, or a crash of the process. */
  invalidated?: AnswerFailure;
}

/** What a request asks for, without its input. */
export type RequestedOperation = Pick<Case, 'op' | 'params'>;

/** The request must be sent again, to a new process. */
interface Retry {
  readonly retry: true;
  readonly suspect?: Suspect;
}

/** An earlier request that caused a failure, if the current request succeeds on a new process. */
interface Suspect {
  readonly attempt: Attempt;
  readonly failure: AnswerFailure;
}

/** How a session starts processes. */
export interface SessionOptions {
  readonly command: readonly string[];
  readonly suiteVersion: string;
  readonly timeoutMs: number;
  /** The hello of the first process, which every other process must repeat. */
  readonly hello?: HelloMessage;
}

/** Attempts for one request. An adapter that needs more does not exit by accident. */
const MAX_TRIES = 3;

/** Whether `reply` is a failure and not an answer. */
export function isFailure(reply: DoneMessage | AnswerFailure): reply is AnswerFailure {
  return !('type' in reply);
}

/** Sends requests, one at a time. */
export class AdapterSession {
  readonly #options: SessionOptions;
  #process: AdapterProcess | undefined;
  #hello: HelloMessage | undefined;
  /** The last request that the running process answered. */
  #lastAnswered: Attempt | undefined;
  readonly #answered = new Map<string, Attempt>();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#hello = options.hello;
  }

  /** Starts a process and returns its hello. */
  async start(): Promise<HelloMessage | StartFailure> {
    const failure = await this.#start();
    if (failure !== undefined) return failure;
    if (this.#hello === undefined) throw new Error('bug: a started process has no hello');
    return this.#hello;
  }

  /** Sends one request. `prepare` creates the folder of each attempt. */
  async request({ op, params }: RequestedOperation, prepare: () => WorkDirectory): Promise<Attempt> {
    await this.#settle();
    let suspect: Suspect | undefined;
    for (let tries = 1; ; tries++) {
      const failure = this.#process === undefined ? await this.#start() : undefined;
      if (failure !== undefined) {
        return { reply: failure.failure, work: undefined, stderr: failure.stderr };
      }
      const work = prepare();
      const id = randomBytes(4).toString('hex');
      const { timeoutMs } = this.#options;
      const { input, outDir } = work;
      const process = this.#running();
      process.discardStderr();
      process.send(messageLine({ type: 'run', id, op, specVersion, input, params, outDir, timeoutMs }));
      const reply = await this.#readAnswer(process, id);
      if ('retry' in reply && tries < MAX_TRIES) {
        suspect = reply.suspect ?? suspect;
        work.remove();
        continue;
      }
      const attempt: Attempt = {
        reply:
          'retry' in reply ? protocolFailure('the adapter keeps answering earlier requests again') : reply,
        work,
        stderr: process.stderr,
      };
      if (!isFailure(attempt.reply)) {
        if (suspect !== undefined) suspect.attempt.invalidated = suspect.failure;
        this.#answered.set(id, attempt);
        this.#lastAnswered = attempt;
      }
      return attempt;
    }
  }

  /** Sends bye, and reads what the process still writes until it exits. */
  async end(): Promise<void> {
    await this.#settle();
    const process = this.#process;
    if (process === undefined) return;
    process.send(messageLine({ type: 'bye' }));
    process.close();
    const deadline = Date.now() + limits.byeMs;
    for (;;) {
      const event = await process.next(Math.max(0, deadline - Date.now()));
      if (event.kind === 'ended') {
        if (!isCleanExit(event.ending) && this.#lastAnswered !== undefined) {
          this.#lastAnswered.invalidated = endingFailure(event.ending, ' after its last answer');
        }
        break;
      }
      if (event.kind === 'silent') {
        await process.stop();
        break;
      }
      this.#invalidate(event);
    }
    this.#process = undefined;
  }

  #running(): AdapterProcess {
    if (this.#process === undefined) throw new Error('bug: no process is running');
    return this.#process;
  }

  /** Starts a process and checks its hello. Returns why that failed. */
  async #start(): Promise<StartFailure | undefined> {
    const { command, suiteVersion, timeoutMs } = this.#options;
    const process = await AdapterProcess.start(command);
    process.send(messageLine({ type: 'hello', protocol: 1, suite: suiteVersion }));
    const helloMs = Math.max(limits.helloMs, timeoutMs);
    const failure = this.#checkHello(await process.next(helloMs), helloMs);
    if (failure === undefined) {
      this.#process = process;
      this.#lastAnswered = undefined;
      return undefined;
    }
    await process.stop();
    return { failure, stderr: process.stderr };
  }

  #checkHello(event: ProcessEvent, helloMs: number): AnswerFailure | undefined {
    switch (event.kind) {
      case 'silent':
        return { status: 'timeout', problem: `the adapter did not send hello within ${helloMs} ms` };
      case 'garbled':
        return protocolFailure(event.problem);
      case 'ended':
        return endingFailure(event.ending, ' before it sent hello');
      case 'line': {
        const read = parseAdapterLine(event.text);
        if ('problem' in read) return protocolFailure(read.problem);
        if (read.message.type !== 'hello')
          return protocolFailure('the first message of the adapter is not hello');
        if (this.#hello === undefined) this.#hello = read.message;
        else if (!isDeepStrictEqual(this.#hello, read.message)) {
          return protocolFailure('the hello of this process differs from that of the first process');
        }
        return undefined;
      }
    }
  }

  /** Reads the answer to the request `id`. Without an answer, the process is stopped. */
  async #readAnswer(process: AdapterProcess, id: string): Promise<DoneMessage | AnswerFailure | Retry> {
    const event = await process.next(this.#options.timeoutMs);
    switch (event.kind) {
      case 'silent':
        await this.#stop();
        return { status: 'timeout', problem: `no answer within ${this.#options.timeoutMs} ms` };
      case 'garbled':
        await this.#stop();
        return this.#retryUnlessFirst(protocolFailure(event.problem));
      case 'ended': {
        const { ending } = event;
        this.#process = undefined;
        // A process may exit after any answer. The request that it did not read goes to the next process.
        if (isCleanExit(ending) && this.#lastAnswered !== undefined) return { retry: true };
        return this.#retryUnlessFirst(endingFailure(ending));
      }
      case 'line': {
        const read = parseAdapterLine(event.text);
        if ('message' in read && isAnswer(read.message, id)) return read.message;
        await this.#stop();
        if ('problem' in read) return this.#retryUnlessFirst(protocolFailure(read.problem));
        if (read.message.type === 'hello')
          return this.#retryUnlessFirst(protocolFailure('the adapter sent hello again'));
        const earlier = this.#answered.get(read.message.id);
        if (earlier === undefined) {
          return this.#retryUnlessFirst(
            protocolFailure(`the adapter answered a request that was never sent: ${read.message.id}`),
          );
        }
        earlier.invalidated = protocolFailure('the adapter answered the request twice');
        return { retry: true };
      }
    }
  }

  /**
   * The failure of the first request of a process. After an earlier request, that one may be the cause, so the request
   * is sent again to a new process to find out.
   */
  #retryUnlessFirst(failure: AnswerFailure): AnswerFailure | Retry {
    return this.#lastAnswered === undefined
      ? failure
      : { retry: true, suspect: { attempt: this.#lastAnswered, failure } };
  }

  /** Handles an event of the process since its last answer. */
  async #settle(): Promise<void> {
    const process = this.#process;
    if (process === undefined || this.#lastAnswered === undefined) return;
    const event = process.poll();
    if (event === undefined) return;
    switch (event.kind) {
      case 'ended':
        this.#process = undefined;
        if (!isCleanExit(event.ending)) {
          this.#lastAnswered.invalidated = endingFailure(event.ending);
        }
        return;
      case 'line':
      case 'garbled':
        this.#invalidate(event);
        await this.#stop();
        return;
      case 'silent':
        return;
    }
  }

  /** Invalidates the answer that an unexpected `event` concerns: the one with the same id, or else the last one. */
  #invalidate(event: Extract<ProcessEvent, { kind: 'line' | 'garbled' }>): void {
    const read = event.kind === 'line' ? parseAdapterLine(event.text) : event;
    const twice =
      'message' in read && read.message.type === 'done' ? this.#answered.get(read.message.id) : undefined;
    const attempt = twice ?? this.#lastAnswered;
    if (attempt === undefined) return;
    if ('problem' in read) attempt.invalidated = protocolFailure(read.problem);
    else {
      attempt.invalidated = protocolFailure(
        twice
          ? 'the adapter answered the request twice'
          : 'the adapter sent a message that answers no request',
      );
    }
  }

  async #stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

function isAnswer(message: AdapterMessage, id: string): message is DoneMessage {
  return message.type === 'done' && message.id === id;
}

function isCleanExit(ending: ProcessEnding): boolean {
  return ending.kind === 'exit' && ending.code === 0;
}

function protocolFailure(problem: string): AnswerFailure {
  return { status: 'protocol', problem };
}

function endingFailure(ending: ProcessEnding, when = ''): AnswerFailure {
  switch (ending.kind) {
    case 'exit':
      return { status: 'crash', problem: `the adapter exited with code ${ending.code}${when}` };
    case 'signal':
      return { status: 'crash', problem: `the adapter was killed by ${ending.signal}${when}` };
    case 'left-behind':
      return protocolFailure('the adapter exited but left behind a process that keeps its stdout open');
  }
}
