#!/usr/bin/env node
/**
 * `npm run conformance`: tests an implementation against the vectors and reports its failures.
 * @module
 */

import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import colours from 'yoctocolors';
import { KnownFailuresError, parseKnownFailures } from '../suite/known-failures.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readSuite, suiteVersion, UnreadableSuite } from '../suite/read-suite.ts';
import { readRequirements } from '../suite/requirements.ts';
import { accumulate, accumulatedReport, readAccumulated } from './accumulated.ts';
import { type CommandLine, program, type Reporter } from './command-line.ts';
import { type Implementation, resolveImplementation } from './known-implementations.ts';
import { jsonLines, type ReportEvent } from './report/events.ts';
import { plain, type TextStyle, textReport } from './report/text.ts';
import { bugText } from './run/bug-text.ts';
import { createRunContext, exitOnSignals } from './run/run-context.ts';
import { CouldNotStart, type RunOptions, runSuite } from './run/run-suite.ts';
import { startTreeWriters } from './run/tree-writer.ts';
import { CouldNotPrepare, DamagedSuite } from './run/work-directory.ts';

const USAGE = 2;
const NOT_STARTED = 3;
const BUG = 5;

const coloured: TextStyle = {
  bad: colours.red,
  good: colours.green,
  strong: colours.bold,
  faint: colours.dim,
};

async function run(line: CommandLine): Promise<void> {
  if (line.accumulated === undefined) await runCases(line);
  else await runAccumulated(line, line.accumulated);
}

/** Requests the images of random trees, and compares one digest of all. `--out` writes it to accumulated.json. */
async function runAccumulated(line: CommandLine, count: number): Promise<void> {
  const { impl, jobs, timeoutMs, vectors = join(packageRoot, 'vectors'), out } = line;
  const expected = readAccumulated(vectors);
  const { command } = resolveImplementation(impl);
  const { params } = expected;
  const { work, progress } = await createRunContext(line.impl, line.keep);
  const options = { command, params, jobs, timeoutMs, suiteVersion: suiteVersion(vectors), work };
  const { hello, writers } = await startTreeWriters(options);
  const accumulation = await accumulate(writers, count, progress.show).finally(progress.stop);
  const { name, version } = hello.implementation;
  const { text, passed } = accumulatedReport(accumulation, expected, impl);
  process.stdout.write(`${name} ${version}, ${text}`);
  if (out !== undefined && accumulation.stopped === null) {
    const { digest, blocks } = accumulation;
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'accumulated.json'), `${JSON.stringify({ count, digest, blocks }, null, 2)}\n`);
  }
  process.exitCode = passed ? 0 : 1;
}

async function runCases(line: CommandLine): Promise<void> {
  const impl = resolveImplementation(line.impl);
  const suite = readSuite(line.vectors ?? join(packageRoot, 'vectors'));
  const requirements = readRequirements(join(packageRoot, 'spec/requirements.json'));
  const xfail = xfailList(line, impl);
  const { work, progress } = await createRunContext(line.impl, line.keep);
  const { vectors, selection, repeat, jobs, timeoutMs, keep, seed = randomInt(2 ** 32) } = line;
  const { name, command } = impl;
  const what = { suite, requirements, name, command, vectors, selection, xfail };
  const how = { seed, repeat, jobs, timeoutMs, work, keep, progress: progress.show };
  const events = await runSuite({ ...what, ...how }).finally(progress.stop);
  write(events, line);
  const footer = events.find(event => event.event === 'footer');
  if (footer === undefined) throw new Error('the report has no footer');
  if (footer.stopped !== null) console.error(`stopped early: ${footer.stopped.message}`);
  process.exitCode = footer.exitCode;
}

function xfailList({ xfail }: CommandLine, impl: Implementation): RunOptions['xfail'] {
  const path = xfail ?? impl.xfail;
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new KnownFailuresError(
      `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return { path, known: parseKnownFailures(text, path) };
}

function write(events: readonly ReportEvent[], { reporters, out }: CommandLine): void {
  const text: Readonly<Record<Reporter, (style: TextStyle) => string>> = {
    text: style => textReport(events, style),
    jsonl: () => jsonLines(events),
  };
  const file: Readonly<Record<Reporter, string>> = { text: 'report.txt', jsonl: 'report.jsonl' };
  if (out !== undefined) {
    mkdirSync(out, { recursive: true });
    for (const reporter of reporters) writeFileSync(join(out, file[reporter]), text[reporter](plain));
  }
  const shown = reporters.includes('text') ? 'text' : out === undefined ? 'jsonl' : undefined;
  if (shown !== undefined) process.stdout.write(text[shown](process.stdout.isTTY ? coloured : plain));
}

/** Reports an error, and exits immediately, which also stops the rest of a run that failed. */
function fail(error: unknown): never {
  const code = exitCode(error);
  // Commander has already written its message.
  if (!(error instanceof CommanderError)) console.error(errorText(error, code));
  process.exit(code);
}

function errorText(error: unknown, code: number): string {
  if (code === BUG) return bugText(error);
  const message = error instanceof Error ? error.message : String(error);
  return code === NOT_STARTED ? `could not start: ${message}` : message;
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof KnownFailuresError) return USAGE;
  const notStarted = [UnreadableSuite, DamagedSuite, CouldNotPrepare, CouldNotStart];
  return notStarted.some(kind => error instanceof kind) ? NOT_STARTED : BUG;
}

exitOnSignals();
process.once('uncaughtException', fail);
await program(run).exitOverride().parseAsync().catch(fail);
