/**
 * Exit codes, and how an error that ends a command is reported.
 *
 * An error of the environment, such as a full disk, says nothing about the input: it is neither a rejection nor a bug.
 * @module
 */

import { ComposefsError } from '../errors.ts';
import { isSystemError } from '../oci/file.ts';
import { ProtocolError } from './adapter/protocol-error.ts';
import { write } from './output.ts';
import { FailureReported, rejectionJson } from './rejection.ts';
import { version } from './version.ts';

/** The exit codes that the help lists. 70, 71 and 74 are those of sysexits.h, 141 is that of the signal SIGPIPE. */
export const exit = {
  ok: 0,
  rejected: 1,
  usage: 2,
  internal: 70,
  resources: 71,
  inputOutput: 74,
  brokenPipe: 141,
} as const;

/** An exit code. */
export type ExitCode = (typeof exit)[keyof typeof exit];

/** How a command ended: its exit code, and what is reported on stderr and with `--json`. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** The lines on stderr. */
  readonly text?: string;
  readonly json?: Readonly<Record<string, unknown>>;
}

/** Errors of the operating system, or of Node for a thread, that mean a lack of resources. */
const resourceCodes: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'ERR_WORKER_INIT_FAILED',
  'ERR_WORKER_OUT_OF_MEMORY',
]);

/** Errors of the operating system with which a device fails, whatever the file. */
const deviceCodes: ReadonlySet<string> = new Set(['EIO', 'ENOSPC', 'EDQUOT', 'EFBIG', 'ESTALE']);

/** Rejections that the command line causes, unless they have a location: that of the input that caused them. */
const usageCodes: ReadonlySet<string> = new Set([
  'REQUEST_ALGORITHM',
  'REQUEST_SALT',
  'REQUEST_ROLE',
  'REQUEST_PLATFORM',
  'SEAL_ROLE',
  'SEAL_TAG',
]);

/** The exit code if the environment caused `error`. */
export function environmentExit(error: unknown): ExitCode | undefined {
  if (error instanceof ComposefsError) {
    const { system = '' } = error;
    if (system === 'EPIPE') return exit.brokenPipe;
    if (resourceCodes.has(system)) return exit.resources;
    return deviceCodes.has(system) ? exit.inputOutput : undefined;
  }
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EPIPE') return exit.brokenPipe;
  if (resourceCodes.has(code) || isOutOfMemory(error)) return exit.resources;
  return isSystemError(error) ? exit.inputOutput : undefined;
}

/** Whether `error` rejects the input, as opposed to an error of the environment. */
export function isRejection(error: unknown): error is ComposefsError {
  return error instanceof ComposefsError && environmentExit(error) === undefined;
}

/** Whether V8 could not allocate memory. Its errors have no code. */
function isOutOfMemory({ name, message }: Error): boolean {
  return /^(?:RangeError|CompileError)$/.test(name) && /allocat|out of memory|enough memory/i.test(message);
}

/** How a command ends with `error`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof FailureReported) return { exitCode: exit.rejected };
  const environment = environmentExit(error);
  if (environment === exit.brokenPipe) return { exitCode: environment };
  if (error instanceof ComposefsError) {
    const isUsage = usageCodes.has(error.code) && Object.keys(error.location).length === 0;
    const rejected = isUsage ? exit.usage : exit.rejected;
    return {
      exitCode: environment ?? rejected,
      text: `error: ${error.message}\n`,
      json: rejectionJson(error),
    };
  }
  if (error instanceof ProtocolError) return { exitCode: exit.rejected, text: `error: ${error.message}\n` };
  if (environment !== undefined) {
    const [reason = ''] = (error as Error).message.split('\n');
    const message =
      environment === exit.resources
        ? `the process lacks memory, threads or open files, see 'ulimit -a': ${reason}`
        : `reading or writing failed: ${reason}`;
    return {
      exitCode: environment,
      text: `error: ${message}\n`,
      json: { code: 'SYSTEM', stage: 'system', message },
    };
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: exit.internal,
    text: `internal error: ${trace}\nThis is a bug in composefs-oci ${version}: please report it with the command line and the input.\n`,
    json: { code: 'INTERNAL', stage: 'internal', message: String(error) },
  };
}

/** Reports a failure, and returns its exit code. If it cannot be reported, the exit code still says what failed. */
export async function report({ exitCode, text, json }: Failure, withJson: boolean): Promise<ExitCode> {
  try {
    if (text !== undefined) await write(process.stderr, text);
    if (withJson && json !== undefined) await write(process.stdout, `${JSON.stringify({ error: json })}\n`);
  } catch {}
  return exitCode;
}
