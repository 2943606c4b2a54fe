#!/usr/bin/env node
/**
 * `npm run conformance`: tests an implementation against the vectors and reports its failures.
 * @module
 */

import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import colours from 'yoctocolors';
import { DamagedSuite } from '../suite/case-file.ts';
import { KnownFailuresError } from '../suite/known-failures.ts';
import { packageRoot } from '../suite/package-root.ts';
import { readSuite, suiteVersion, UnreadableSuite } from '../suite/read-suite.ts';
import { CouldNotContinue } from '../suite/system-error.ts';
import { accumulate, accumulatedReport, readAccumulated } from './accumulated.ts';
import { type CommandLine, program } from './command-line.ts';
import { exit, packageRequirements, UsageProblem } from './commands/command.ts';
import { commands } from './commands/commands.ts';
import { resolveImplementation } from './known-implementations.ts';
import type { ReportEvent } from './report/events.ts';
import { UnreadableReport } from './report/read-report.ts';
import { isDocument, knownFiles, reportDocument, reportFiles } from './report/reporters.ts';
import { type TextStyle, textReport } from './report/text.ts';
import { prepareReportFolder, UnwritableFolder, writeReport } from './report-folder.ts';
import { bugText } from './run/bug-text.ts';
import { judgeRecord } from './run/judge-record.ts';
import { readRecord, UnreadableRecord } from './run/recorded-answers.ts';
import { Recorder } from './run/recorder.ts';
import { createRunContext, exitOnSignals } from './run/run-context.ts';
import { CouldNotStart, type RunOptions, runSuite } from './run/run-suite.ts';
import { startTreeWriters } from './run/tree-writer.ts';
import { caseTable, isSelected } from './select.ts';
import { shrinkFailures } from './shrink/shrink-failures.ts';
import { BrokenPipe, print, UnwritableStdout } from './stdout.ts';
import { updateXfail, xfailList } from './xfail-file.ts';

const coloured: TextStyle = {
  bad: colours.red,
  good: colours.green,
  strong: colours.bold,
  faint: colours.dim,
};

/** Does what the command line says, and returns the exit code. */
async function run(line: CommandLine): Promise<number> {
  if (line.list) return listCases(line);
  if (line.judge !== undefined) return judge(line, line.judge);
  return line.accumulated === undefined ? runCases(line) : runAccumulated(line, line.accumulated);
}

/** Prints the selected cases. */
async function listCases({ vectors, selection }: CommandLine): Promise<number> {
  const { suite, requirements } = readData(vectors);
  const cases = suite.cases.filter(test => isSelected(test, selection, requirements));
  await print(caseTable(cases));
  return cases.length === 0 ? exit.nothing : exit.ok;
}

function readData(vectors = join(packageRoot, 'vectors')): Pick<RunOptions, 'suite' | 'requirements'> {
  return { suite: readSuite(vectors), requirements: packageRequirements() };
}

/** Requests the images of random trees, and compares one digest of all. `--out` writes it to accumulated.json. */
async function runAccumulated(line: CommandLine, count: number): Promise<number> {
  const { impl, jobs, timeoutMs, vectors = join(packageRoot, 'vectors'), out } = line;
  const expected = readAccumulated(vectors);
  if (out !== undefined) prepareReportFolder(out, ['accumulated.json']);
  const { command } = resolveImplementation(impl);
  const { params } = expected;
  const { work, progress } = createRunContext(line.impl, line.keep);
  const options = { command, params, jobs, timeoutMs, suiteVersion: suiteVersion(vectors), work };
  const { hello, writers } = await startTreeWriters(options);
  const accumulation = await accumulate(writers, count, progress.show).finally(progress.stop);
  const { name, version } = hello.implementation;
  const { text, passed } = accumulatedReport(accumulation, expected, impl);
  let code: number = passed ? exit.ok : exit.failures;
  if (out !== undefined && accumulation.stopped === null) {
    const { digest, blocks } = accumulation;
    const content = `${JSON.stringify({ count, digest, blocks }, null, 2)}\n`;
    if (!wasWritten(() => writeReport(out, 'accumulated.json', content))) code = exit.environment;
  }
  await print(`${name} ${version}, ${text}`);
  return code;
}

/** Judges a recorded run. */
async function judge(line: CommandLine, folder: string): Promise<number> {
  const data = readData(line.vectors);
  if (line.out !== undefined) prepareReportFolder(line.out, knownFiles(line.reporters));
  const { work, progress } = createRunContext(`record ${folder}`, false);
  const recorded = await readRecord(folder, work.path);
  const xfail = xfailList(line, resolveImplementation(recorded.record.header.command).xfail);
  const events = await judgeRecord(recorded, { ...data, vectors: line.vectors, xfail }).finally(
    progress.stop,
  );
  return finishRun(events, line);
}

async function runCases(line: CommandLine): Promise<number> {
  const impl = resolveImplementation(line.impl);
  const data = readData(line.vectors);
  const xfail = xfailList(line, impl.xfail);
  if (line.out !== undefined) prepareReportFolder(line.out, knownFiles(line.reporters));
  if (line.shrink !== undefined) prepareShrinkFolder(line.shrink);
  const recorder = line.record === undefined ? undefined : prepareRecorder(line.record);
  const { work, progress } = createRunContext(line.impl, line.keep);
  const { vectors, selection, shard, repeat, jobs, timeoutMs, keep, seed = randomInt(2 ** 32) } = line;
  const { name, command } = impl;
  const what = { ...data, name, command, vectors, selection, shard, xfail };
  const how = { seed, repeat, jobs, timeoutMs, work, recorder, keep, progress: progress.show };
  const events = await runSuite({ ...what, ...how }).finally(progress.stop);
  const code = await finishRun(events, line);
  const stopped = events.some(event => event.event === 'footer' && event.stopped !== null);
  if (line.updateXfail && xfail !== undefined && !stopped) updateXfail(xfail.path, events, line.vectors);
  if (line.shrink !== undefined && !stopped) {
    const cases = events.filter(event => event.event === 'case');
    const { command: reference } = resolveImplementation('reference');
    const lines = await shrinkFailures(line.shrink, cases, reference, { ...what, timeoutMs, work });
    for (const text of lines) console.error(text);
  }
  return code;
}

/** Writes the reports of a run, and returns its exit code. */
async function finishRun(events: readonly ReportEvent[], line: CommandLine): Promise<number> {
  const footer = events.find(event => event.event === 'footer');
  if (footer === undefined) throw new Error('the report has no footer');
  if (footer.stopped !== null) console.error(`stopped early: ${footer.stopped.message}`);
  return (await writeReports(events, line)) ? footer.exitCode : exit.environment;
}

function prepareShrinkFolder(folder: string): void {
  prepareReportFolder(folder, [], '--shrink');
  if (readdirSync(folder).length > 0)
    throw new UsageProblem(`--shrink ${folder}: the folder is not empty; choose another folder`);
}

function prepareRecorder(folder: string): Recorder {
  prepareReportFolder(folder, [], '--record');
  if (Recorder.isTaken(folder))
    throw new UsageProblem(`--record ${folder}: there is a record already; choose another folder`);
  return new Recorder(folder);
}

/** Writes the reports to `--out` and to stdout, and returns whether the files were written. */
async function writeReports(
  events: readonly ReportEvent[],
  { reporters, out }: CommandLine,
): Promise<boolean> {
  const written =
    out === undefined ||
    wasWritten(() => {
      for (const reporter of reporters) {
        for (const [name, content] of Object.entries(reportFiles(reporter, events)))
          writeReport(out, name, content);
      }
    });
  // A report that is in no file is on stdout.
  const unwritten = out === undefined || !written ? (reporters.find(isDocument) ?? 'text') : undefined;
  const shown = reporters.includes('text') ? 'text' : unwritten;
  if (shown === 'text' && process.stdout.isTTY) await print(textReport(events, coloured));
  else if (shown !== undefined) await print(reportDocument(shown, events));
  return written;
}

/** Writes files with `action`; prints why if the folder does not take them any more. */
function wasWritten(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof UnwritableFolder)) throw error;
    console.error(error.message);
    return false;
  }
}

/** Prints an error, and returns its exit code. */
function report(error: unknown): number {
  if (error instanceof BrokenPipe) return exit.brokenPipe;
  // Commander has already written its message.
  if (error instanceof CommanderError) return exit.usage;
  const found = expectedErrors.find(({ kinds }) => kinds.some(kind => error instanceof kind));
  if (found === undefined || !(error instanceof Error)) {
    console.error(bugText(error));
    return exit.bug;
  }
  console.error(`${found.prefix}${error.message}`);
  return found.code;
}

const expectedErrors = [
  {
    kinds: [KnownFailuresError, UnreadableRecord, UnreadableReport, UnwritableFolder, UsageProblem],
    code: exit.usage,
    prefix: '',
  },
  { kinds: [UnwritableStdout], code: exit.environment, prefix: '' },
  {
    kinds: [UnreadableSuite, DamagedSuite, CouldNotContinue, CouldNotStart],
    code: exit.environment,
    prefix: 'could not start: ',
  },
];

/** Runs the command line, and returns the exit code. */
async function main(): Promise<number> {
  let code: number = exit.ok;
  let help = '';
  const command = program(async line => {
    code = await run(line);
  });
  try {
    const all = [command, ...commands(finished => (code = finished))];
    for (const each of all) each.configureOutput({ writeOut: text => (help += text) }).exitOverride();
    for (const each of all.slice(1)) command.addCommand(each);
    await command.parseAsync().catch(error => {
      if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    });
    if (help !== '') await print(help);
    return code;
  } catch (error) {
    return report(error);
  }
}

exitOnSignals();
// Failed writes to stdout are handled where they are awaited.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.once('uncaughtException', error => process.exit(report(error)));
// Exits immediately, which also stops the rest of a run that failed.
process.exit(await main());
