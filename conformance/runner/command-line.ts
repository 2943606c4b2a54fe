/**
 * The command line of the runner: options, help and usage errors.
 * @module
 */

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ConformanceClass, conformanceClasses } from '../suite/classes.ts';
import { packageVersion } from '../suite/package-root.ts';
import { runnerCommand } from '../suite/runner-command.ts';
import { knownNames } from './known-implementations.ts';
import { isDocument, type Reporter, reporters } from './report/reporters.ts';
import type { Selection, Shard } from './select.ts';

/** The parsed command line. */
export interface CommandLine {
  readonly impl: string;
  readonly selection: Selection;
  readonly shard?: Shard;
  readonly jobs: number;
  readonly timeoutMs: number;
  /** Absent if it is to be chosen at random. */
  readonly seed?: number;
  readonly repeat: number;
  readonly xfail?: string;
  /** Bring the list of known failures up to date. */
  readonly updateXfail: boolean;
  readonly reporters: readonly Reporter[];
  readonly out?: string;
  /** The folder to record the answers in. */
  readonly record?: string;
  /** The folder to write shrunk failures to. */
  readonly shrink?: string;
  /** The folder with a record to judge, instead of a run. */
  readonly judge?: string;
  readonly keep: boolean;
  readonly vectors?: string;
  /** Print the selected cases instead of running them. */
  readonly list: boolean;
  /** The number of random trees to run instead of the cases. */
  readonly accumulated?: number;
}

/** The options as parsed by commander. */
interface Options {
  readonly impl: string;
  readonly case?: readonly string[];
  readonly req?: readonly string[];
  readonly class?: ConformanceClass;
  readonly tag?: string;
  readonly level?: 'must' | 'should';
  readonly shard?: Shard;
  readonly jobs: number;
  readonly timeout: number;
  readonly seed?: number;
  readonly repeat: number;
  readonly xfail?: string;
  readonly updateXfail?: true;
  readonly reporter: readonly Reporter[];
  readonly out?: string;
  readonly record?: string;
  readonly judge?: string;
  readonly shrink?: string;
  readonly keep?: true;
  readonly vectors?: string;
  readonly list?: true;
  readonly accumulated?: string;
}

/** The options that only a run of an implementation has. */
const runOptions = [
  'impl',
  'shard',
  'jobs',
  'timeout',
  'seed',
  'repeat',
  'record',
  'shrink',
  'keep',
  'accumulated',
];

const help = `
An adapter is a program that reads requests from stdin and writes answers to stdout, as one JSON object per line.
conformance/README.md explains how to write one; its example is a shell script of fewer than 30 lines.

Examples:
  ${runnerCommand} --impl reference                  test the reference
  ${runnerCommand} --impl ./my-adapter                test your implementation
  ${runnerCommand} --impl 'python3 adapter.py -v'     any shell command
  ${runnerCommand} --case 'erofs/xattr-*' --keep      run some cases, and keep their files
  ${runnerCommand} --req EROFS-031                    run the cases that test one requirement
  ${runnerCommand} --req EROFS-031 --list             print these cases
  ${runnerCommand} --impl ./my-adapter --accumulated 10000   compare one digest of many random images
  ${runnerCommand} --impl ./my-adapter --xfail known.xfail --reporter text,jsonl --out report

  ${runnerCommand} --impl ./my-adapter --record record && ${runnerCommand} --judge record

Exit code:
  0  no failures except known ones; "conformant" in the report says whether all requirements of the claimed
     classes are satisfied
  1  failures, or a list of known failures that is out of date
  2  the command line or the list of known failures is invalid
  3  the adapter does not start or cannot be tested, the vectors cannot be read, or the system does not let the runner
     continue or write its report
  4  no case was run
  5  the runner itself failed: a bug
  141  the reader of stdout closed it early`;

/** The program, which calls `action` with the parsed command line. */
export function program(action: (line: CommandLine) => Promise<void>): Command {
  return (
    new Command('composefs-oci-conformance')
      .description('Test an implementation of composefs-oci against the test vectors.')
      .addOption(
        new Option(
          '--impl <command>',
          `adapter to test: a shell command, or ${knownNames.join(', ')}`,
        ).default('reference'),
      )
      .option('--case <glob>', 'only cases whose id matches; * also matches slashes; repeatable', collect)
      .option('--req <id>', 'only cases that cite the requirement, such as EROFS-031; repeatable', collect)
      .addOption(
        new Option('--class <class>', 'only cases of operations that belong to the class').choices(
          conformanceClasses,
        ),
      )
      .option('--tag <tag>', 'only cases with the tag')
      .addOption(
        new Option('--level <level>', 'must: skip cases that cite only recommendations').choices([
          'must',
          'should',
        ]),
      )
      .option('--shard <i/n>', 'only part i of n of the cases; the command merge joins the reports', shard)
      .option(
        '--jobs <n>',
        'maximum number of adapter processes; hello can lower it',
        integer(1, 1024),
        availableParallelism(),
      )
      .option('--timeout <ms>', 'time limit for each answer', integer(1, 3_600_000), 10_000)
      .option(
        '--seed <n>',
        'order of the cases, from an earlier report (default: random)',
        integer(0, 2 ** 32 - 1),
      )
      .option(
        '--repeat <n>',
        'run each case n times, in different processes; a different answer is a failure',
        integer(1, 100),
        1,
      )
      .option('--xfail <file>', 'list of known failures (default: the list of a known name, if it has one)')
      .option('--update-xfail', 'after the run, bring that list up to date: comments and order stay')
      .addOption(
        new Option(
          '--reporter <names>',
          `formats of the report, separated by commas: ${reporters.join(', ')}`,
        )
          .argParser(reporterList)
          .default(['text'], 'text'),
      )
      .option('--out <dir>', 'write the reports to files in this folder: report.txt, report.jsonl, …')
      .option('--record <dir>', 'keep every answer and its files in this folder, to judge them later')
      .addOption(
        new Option(
          '--judge <dir>',
          'judge the answers in this folder again, without the implementation',
        ).conflicts([...runOptions, 'case', 'req', 'class', 'tag', 'level']),
      )
      .option(
        '--shrink <dir>',
        'after the run, shrink the input of the first failure of each cause, and write cases to this folder',
      )
      .option('--keep', 'keep the inputs and outputs of every request, and print where they are')
      .option('--vectors <dir>', 'your own vectors or another version (default: those of this package)')
      .addOption(
        new Option(
          '--list',
          'print the selected cases instead of running them, as tab-separated values',
        ).conflicts([...runOptions, 'xfail', 'updateXfail', 'reporter', 'out', 'judge']),
      )
      .addOption(
        new Option(
          '--accumulated <count>',
          'instead of the cases, request the images of that many random trees, and compare one digest of all',
        )
          .choices(['10000', '100000'])
          .conflicts([
            'case',
            'req',
            'class',
            'tag',
            'level',
            'shard',
            'seed',
            'repeat',
            'xfail',
            'updateXfail',
            'reporter',
            'record',
            'judge',
            'keep',
          ]),
      )
      // Options after the name of a command are those of the command.
      .enablePositionalOptions()
      .version(packageVersion(), '--version')
      .addHelpText('after', help)
      .showHelpAfterError('(--help explains the options)')
      .allowExcessArguments(false)
      .action((options: Options, command: Command) => {
        const line = commandLine(options);
        const printable = line.reporters.filter(isDocument);
        if (line.out === undefined && (line.reporters.length > 1 || printable.length === 0)) {
          const why = printable.length === 0 ? 'badges are files' : 'stdout takes only one report';
          command.error(`error: --reporter ${line.reporters.join()} needs --out, because ${why}`);
        }
        return action(line);
      })
  );
}

function commandLine(options: Options): CommandLine {
  const {
    impl,
    shard,
    record,
    judge,
    shrink,
    jobs,
    timeout,
    seed,
    repeat,
    xfail,
    reporter,
    out,
    vectors,
    accumulated,
  } = options;
  const { case: cases, req: requirements, class: name, tag, level } = options;
  return {
    impl,
    selection: {
      ...(cases && { cases }),
      ...(requirements && { requirements }),
      ...(name && { class: name }),
      ...(tag && { tag }),
      ...(level && { level }),
    },
    ...(shard && { shard }),
    jobs,
    timeoutMs: timeout,
    ...(seed !== undefined && { seed }),
    repeat,
    ...(xfail !== undefined && { xfail }),
    updateXfail: options.updateXfail === true,
    reporters: reporter,
    ...(out !== undefined && { out }),
    ...(record !== undefined && { record }),
    ...(judge !== undefined && { judge }),
    ...(shrink !== undefined && { shrink }),
    keep: options.keep === true,
    list: options.list === true,
    ...(vectors !== undefined && { vectors }),
    ...(accumulated !== undefined && { accumulated: Number(accumulated) }),
  };
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A parser of integers from `least` to `most`, for commander. */
export function integer(least: number, most: number): (value: string) => number {
  return value => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
    }
    return number;
  };
}

function shard(value: string): Shard {
  const [, index, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(value)?.map(Number) ?? [];
  if (index === undefined || of === undefined || of < 2 || index > of)
    throw new InvalidArgumentError('Expected i/n, such as 1/3, with i from 1 to n, and n at least 2.');
  return { index, of };
}

function reporterList(value: string): readonly Reporter[] {
  const names = value.split(',').map(name => {
    const known = reporters.find(reporter => reporter === name);
    if (known === undefined)
      throw new InvalidArgumentError(`"${name}" is not one of ${reporters.join(', ')}.`);
    return known;
  });
  return [...new Set(names)];
}
