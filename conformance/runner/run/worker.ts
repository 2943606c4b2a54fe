/**
 * A worker asks one request after another, on one process as long as that lives and behaves.
 * @module
 */

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Case } from '../../suite/case.ts';
import { limits } from '../limits.ts';
import type { Done, FromAdapter, Hello } from '../protocol/messages.ts';
import { line, readLine, specVersion } from '../protocol/messages.ts';
import { AdapterProcess, type Ending, type ProcessEvent } from './adapter-process.ts';
import type { WorkDirectory } from './work-directory.ts';

/** Why there is no answer to judge. */
export interface Failure {
  readonly status: 'crash' | 'timeout' | 'protocol';
  readonly problem: string;
}

/** A process that did not say hello. */
export interface StartFailure {
  readonly failure: Failure;
  readonly stderr: string;
}

/** One request and what came of it. */
export interface Attempt {
  readonly reply: Done | Failure;
  /** The folder of the request; none where the process did not even say hello. */
  readonly work: WorkDirectory | undefined;
  readonly stderr: string;
  /** What was seen later and takes the answer back: it was given twice, or the process died of it. */
  spoiled?: Failure;
}

/** What is asked, without its input. */
export type Question = Pick<Case, 'op' | 'params'>;

/** The request has to be asked again. */
interface Again {
  readonly again: true;
  readonly suspect?: Suspect;
}

/** An answered request that is to blame, if the next one, asked again, is answered well. */
interface Suspect {
  readonly attempt: Attempt;
  readonly failure: Failure;
}

/** What a worker needs to start processes. */
export interface WorkerOptions {
  readonly command: readonly string[];
  readonly suiteVersion: string;
  readonly timeoutMs: number;
  /** What every process has to say, once the first one said it. */
  readonly hello?: Hello;
}

/** A fresh process may be asked again after an innocent one left; more often is no accident. */
const TRIES = 3;

/** Whether `reply` is a failure and not an answer. */
export function isFailure(reply: Done | Failure): reply is Failure {
  return !('type' in reply);
}

/** Asks requests, one at a time. */
export class Worker {
  readonly #options: WorkerOptions;
  #process: AdapterProcess | undefined;
  #hello: Hello | undefined;
  /** The answered request of the running process, if it answered one. */
  #last: Attempt | undefined;
  readonly #attempts = new Map<string, Attempt>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#hello = options.hello;
  }

  /** Starts a process, so that the implementation says what it is. */
  async start(): Promise<Hello | StartFailure> {
    const failure = await this.#start();
    if (failure !== undefined) return failure;
    if (this.#hello === undefined) throw new Error('a process that started said hello');
    return this.#hello;
  }

  /** Asks what `question` asks; `prepare` makes the folder of each try. */
  async ask({ op, params }: Question, prepare: () => Promise<WorkDirectory>): Promise<Attempt> {
    await this.#settle();
    let suspect: Suspect | undefined;
    for (let tries = 1; ; tries++) {
      const failure = this.#process === undefined ? await this.#start() : undefined;
      if (failure !== undefined) {
        return { reply: failure.failure, work: undefined, stderr: failure.stderr };
      }
      const work = await prepare();
      const id = randomBytes(4).toString('hex');
      const { timeoutMs } = this.#options;
      const { input, outDir } = work;
      const process = this.#running();
      process.forgetStderr();
      process.send(line({ type: 'run', id, op, specVersion, input, params, outDir, timeoutMs }));
      const reply = await this.#reply(process, id);
      if ('again' in reply && tries < TRIES) {
        suspect = reply.suspect ?? suspect;
        await work.remove();
        continue;
      }
      const attempt: Attempt = {
        reply: 'again' in reply ? protocol('it answers requests again and again') : reply,
        work,
        stderr: process.stderr,
      };
      if (!isFailure(attempt.reply)) {
        if (suspect !== undefined) suspect.attempt.spoiled = suspect.failure;
        this.#attempts.set(id, attempt);
        this.#last = attempt;
      }
      return attempt;
    }
  }

  /** Says bye, and sees what is still said until the process is gone. */
  async end(): Promise<void> {
    await this.#settle();
    const process = this.#process;
    if (process === undefined) return;
    process.send(line({ type: 'bye' }));
    process.close();
    const deadline = Date.now() + limits.byeMs;
    for (;;) {
      const event = await process.next(Math.max(0, deadline - Date.now()));
      if (event.kind === 'ended') {
        if (!isPeaceful(event.ending) && this.#last !== undefined) {
          this.#last.spoiled = endingFailure(event.ending, ' after its last answer');
        }
        break;
      }
      if (event.kind === 'silent') {
        await process.stop();
        break;
      }
      this.#spoil(event);
    }
    this.#process = undefined;
  }

  #running(): AdapterProcess {
    if (this.#process === undefined) throw new Error('no process runs');
    return this.#process;
  }

  /** A new process that said hello, or why there is none. */
  async #start(): Promise<StartFailure | undefined> {
    const { command, suiteVersion, timeoutMs } = this.#options;
    const process = new AdapterProcess(command);
    process.send(line({ type: 'hello', protocol: 1, suite: suiteVersion }));
    const event = await process.next(Math.max(limits.helloMs, timeoutMs));
    const failure = this.#greeted(event);
    if (failure === undefined) {
      this.#process = process;
      this.#last = undefined;
      return undefined;
    }
    await process.stop();
    return { failure, stderr: process.stderr };
  }

  #greeted(event: ProcessEvent): Failure | undefined {
    switch (event.kind) {
      case 'silent':
        return { status: 'timeout', problem: 'it did not say hello in time' };
      case 'garbled':
        return protocol(event.problem);
      case 'ended':
        return endingFailure(event.ending, ' before it said hello');
      case 'line': {
        const read = readLine(event.text);
        if ('problem' in read) return protocol(read.problem);
        if (read.message.type !== 'hello') return protocol('its first line is not hello');
        if (this.#hello === undefined) this.#hello = read.message;
        else if (!isDeepStrictEqual(this.#hello, read.message)) {
          return protocol('its hello is another than that of its first process');
        }
        return undefined;
      }
    }
  }

  /** The reply to `id`. The process is gone when the reply is none. */
  async #reply(process: AdapterProcess, id: string): Promise<Done | Failure | Again> {
    const event = await process.next(this.#options.timeoutMs);
    switch (event.kind) {
      case 'silent':
        await this.#stop();
        return { status: 'timeout', problem: `no answer within ${this.#options.timeoutMs} ms` };
      case 'garbled':
        await this.#stop();
        return this.#unclear(protocol(event.problem));
      case 'ended': {
        const { ending } = event;
        this.#process = undefined;
        // It may leave after any answer; the request that it did not see goes to the next process.
        if (isPeaceful(ending) && this.#last !== undefined) return { again: true };
        return this.#unclear(endingFailure(ending));
      }
      case 'line': {
        const read = readLine(event.text);
        if ('message' in read && isAnswer(read.message, id)) return read.message;
        await this.#stop();
        if ('problem' in read) return this.#unclear(protocol(read.problem));
        if (read.message.type === 'hello') return this.#unclear(protocol('it says hello again'));
        const earlier = this.#attempts.get(read.message.id);
        if (earlier === undefined) {
          return this.#unclear(protocol(`it answers a request that was never made: ${read.message.id}`));
        }
        earlier.spoiled = protocol('it answered twice');
        return { again: true };
      }
    }
  }

  /**
   * A failure of the request, if the process had no other. Else it may be the late end of the one before: a fresh
   * process will tell, which is asked the same again.
   */
  #unclear(failure: Failure): Failure | Again {
    return this.#last === undefined ? failure : { again: true, suspect: { attempt: this.#last, failure } };
  }

  /** Takes in what the process did since its last answer. */
  async #settle(): Promise<void> {
    const process = this.#process;
    if (process === undefined || this.#last === undefined) return;
    const event = process.poll();
    if (event === undefined) return;
    switch (event.kind) {
      case 'ended':
        this.#process = undefined;
        if (!isPeaceful(event.ending)) {
          this.#last.spoiled = endingFailure(event.ending);
        }
        return;
      case 'line':
      case 'garbled':
        this.#spoil(event);
        await this.#stop();
        return;
      case 'silent':
        return;
    }
  }

  /** Takes back the answer that `event`, which nobody asked for, is about: by its id, or else the last one. */
  #spoil(event: Extract<ProcessEvent, { kind: 'line' | 'garbled' }>): void {
    const read = event.kind === 'line' ? readLine(event.text) : event;
    const twice =
      'message' in read && read.message.type === 'done' ? this.#attempts.get(read.message.id) : undefined;
    const blamed = twice ?? this.#last;
    if (blamed === undefined) return;
    if ('problem' in read) blamed.spoiled = protocol(read.problem);
    else blamed.spoiled = protocol(twice ? 'it answered twice' : 'it said something that nobody asked for');
  }

  async #stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}

function isAnswer(message: FromAdapter, id: string): message is Done {
  return message.type === 'done' && message.id === id;
}

function isPeaceful(ending: Ending): boolean {
  return ending.kind === 'exit' && ending.code === 0;
}

function protocol(problem: string): Failure {
  return { status: 'protocol', problem };
}

function endingFailure(ending: Ending, when = ''): Failure {
  switch (ending.kind) {
    case 'exit':
      return { status: 'crash', problem: `it exited with code ${ending.code}${when}` };
    case 'signal':
      return { status: 'crash', problem: `it was ended by ${ending.signal}${when}` };
    case 'left-behind':
      return protocol('it exited and left a process behind that holds its stdout open');
    case 'not-started':
      return { status: 'crash', problem: `it could not be started (${ending.problem})` };
  }
}
