/**
 * The command line of the runner: options, help, and what is wrong with what was given.
 * @module
 */

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ConformanceClass, conformanceClasses } from '../suite/classes.ts';
import { knownNames } from './known-implementations.ts';
import type { Selection } from './select.ts';

/** Reports that can be written. */
export const reporters = ['text', 'jsonl'] as const;
export type Reporter = (typeof reporters)[number];

/** The command line, read. */
export interface CommandLine {
  readonly impl: string;
  readonly selection: Selection;
  readonly jobs: number;
  readonly timeoutMs: number;
  /** Absent: chosen at random. */
  readonly seed?: number;
  readonly repeat: number;
  readonly xfail?: string;
  readonly reporters: readonly Reporter[];
  readonly out?: string;
  readonly keep: boolean;
  readonly vectors?: string;
  /** Random trees to ask about, in place of the cases. */
  readonly accumulated?: number;
}

/** Options as commander gives them. */
interface Options {
  readonly impl: string;
  readonly case?: readonly string[];
  readonly req?: readonly string[];
  readonly class?: ConformanceClass;
  readonly tag?: string;
  readonly level?: 'must' | 'should';
  readonly jobs: number;
  readonly timeout: number;
  readonly seed?: number;
  readonly repeat: number;
  readonly xfail?: string;
  readonly reporter: readonly Reporter[];
  readonly out?: string;
  readonly keep?: true;
  readonly vectors?: string;
  readonly accumulated?: string;
}

const examples = `
An adapter is a program that reads requests and writes answers, one JSON text a line, on stdin and stdout.
conformance/README.md shows how to write one; its example has under 30 lines of shell.

Examples:
  npm run conformance                                       hold the reference to the vectors
  npm run conformance -- --impl ./my-adapter                hold yours to them
  npm run conformance -- --impl 'python3 adapter.py -v'     any command line of sh
  npm run conformance -- --case 'erofs/xattr-*' --keep      look into some cases
  npm run conformance -- --req EROFS-031                    the cases that decide one requirement
  npm run conformance -- --impl ./my-adapter --accumulated 10000   many images, one digest
  npm run conformance -- --impl ./my-adapter --xfail known.xfail --reporter text,jsonl --out report

Exit code:
  0  nothing failed, except as the list of known failures says; "conformant" in the report says whether
     everything that its classes require was shown
  1  failures, or a list of known failures that is not up to date
  2  the command line or the list of known failures is wrong
  3  the adapter does not start or can not be asked, or there are no sound vectors
  4  no case was executed`;

/** The program that calls `action` with what was given. Wrong usage exits with 2. */
export function program(action: (line: CommandLine) => Promise<void>): Command {
  return new Command('composefs-oci-conformance')
    .description('Hold an implementation of composefs-oci to the test vectors.')
    .addOption(
      new Option('--impl <command>', `adapter: a command for sh, or ${knownNames.join(', ')}`).default(
        'reference',
      ),
    )
    .option('--case <glob>', 'only cases whose id matches; * matches slashes too; may be repeated', collect)
    .option('--req <id>', 'only cases that cite the requirement, as EROFS-031; may be repeated', collect)
    .addOption(
      new Option('--class <class>', 'only cases about what the class does').choices(conformanceClasses),
    )
    .option('--tag <tag>', 'only cases with the tag')
    .addOption(
      new Option('--level <level>', 'must: leave out cases that cite recommendations only').choices([
        'must',
        'should',
      ]),
    )
    .option(
      '--jobs <n>',
      'most processes at a time; hello may ask for fewer',
      integer(1, 1024),
      availableParallelism(),
    )
    .option('--timeout <ms>', 'time for one answer', integer(1, 3_600_000), 10_000)
    .option(
      '--seed <n>',
      'order of the cases, from an earlier report (default: at random)',
      integer(0, 2 ** 32 - 1),
    )
    .option(
      '--repeat <n>',
      'ask each case so often, in other processes; another answer is a failure',
      integer(1, 100),
      1,
    )
    .option('--xfail <file>', 'list of known failures (default: <name>.xfail beside a known adapter)')
    .addOption(
      new Option('--reporter <names>', 'text, jsonl or both: text,jsonl')
        .argParser(reporterList)
        .default(['text'], 'text'),
    )
    .option('--out <dir>', 'write the reports to report.txt and report.jsonl in this folder too')
    .option('--keep', 'keep the inputs and outputs of every request, and say where')
    .option('--vectors <dir>', 'vectors of your own or of another version (default: those of this package)')
    .addOption(
      new Option(
        '--accumulated <count>',
        'ask for the images of so many random trees in place of the cases, and compare one digest over all',
      )
        .choices(['10000', '100000'])
        .conflicts(['case', 'req', 'class', 'tag', 'level', 'seed', 'repeat', 'xfail', 'reporter', 'keep']),
    )
    .addHelpText('after', examples)
    .showHelpAfterError('(--help explains the options)')
    .allowExcessArguments(false)
    .action((options: Options, command: Command) => {
      const line = commandLine(options);
      if (line.reporters.length > 1 && line.out === undefined) {
        command.error('error: two reporters need --out, since both would go to stdout');
      }
      return action(line);
    });
}

function commandLine(options: Options): CommandLine {
  const { impl, jobs, timeout, seed, repeat, xfail, reporter, out, vectors, accumulated } = options;
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
    jobs,
    timeoutMs: timeout,
    ...(seed !== undefined && { seed }),
    repeat,
    ...(xfail !== undefined && { xfail }),
    reporters: reporter,
    ...(out !== undefined && { out }),
    keep: options.keep === true,
    ...(vectors !== undefined && { vectors }),
    ...(accumulated !== undefined && { accumulated: Number(accumulated) }),
  };
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** A parser of whole numbers from `least` to `most`, for commander. */
export function integer(least: number, most: number): (value: string) => number {
  return value => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

function reporterList(value: string): readonly Reporter[] {
  const names = value.split(',').map(name => {
    const known = reporters.find(reporter => reporter === name);
    if (known === undefined) throw new InvalidArgumentError(`"${name}" is none of ${reporters.join(', ')}.`);
    return known;
  });
  return [...new Set(names)];
}
