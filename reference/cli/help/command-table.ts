/**
 * The commands as `--help` shows them, as data: what shells complete and manual pages explain.
 * @module
 */

import type { Argument, Command, Option } from 'commander';
import { parseImage, parseOutput, parseSource } from '../source.ts';

/** What a word of the command line can be. */
export type Value =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /** `file`: a path; `image`: an OCI image; `source`: either of these; `text`: anything else. */
  | { readonly kind: 'file' | 'image' | 'source' | 'text' };

/** An argument. */
export interface ArgumentEntry {
  readonly name: string;
  /** The description with the values and the default, as in the help. */
  readonly help: string;
  readonly variadic: boolean;
  readonly value: Value;
}

/** An option. */
export interface OptionEntry {
  /** As in the help, for example `--role <role>`. */
  readonly term: string;
  /** Its names: `--dry-run` and, for some, `-n`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** The description with the values and the default, as in the help. */
  readonly help: string;
  /** Whether it can be given several times. */
  readonly repeatable: boolean;
  /** Absent if it takes no value. */
  readonly value?: Value;
}

/** A command. */
export interface CommandEntry {
  /** The words after `composefs-oci`; none for the program itself. */
  readonly words: readonly string[];
  readonly usage: string;
  readonly description: string;
  readonly arguments: readonly ArgumentEntry[];
  readonly options: readonly OptionEntry[];
  readonly subcommands: readonly CommandEntry[];
  /** The help below the options: paragraphs, examples, exit codes. */
  readonly details: string;
}

/** The command and its subcommands. */
export function commandEntry(command: Command, words: readonly string[] = []): CommandEntry {
  const help = command.createHelp();
  return {
    words,
    usage: help.commandUsage(command),
    description: command.description(),
    arguments: command.registeredArguments.map(argument => ({
      name: argument.name(),
      help: help.argumentDescription(argument),
      variadic: argument.variadic,
      value: kindOf(argument.name(), argument),
    })),
    options: help.visibleOptions(command).map(option => ({
      term: help.optionTerm(option),
      flags: [option.long, option.short].filter(flag => flag != null),
      description: option.description,
      help: help.optionDescription(option),
      repeatable: Array.isArray(option.defaultValue),
      ...((option.required || option.optional) && { value: optionValue(option) }),
    })),
    subcommands: command.commands.map(each => commandEntry(each, [...words, each.name()])),
    details: detailsOf(command),
  };
}

/** All commands below `entry`, and `entry` itself first. */
export function allCommands(entry: CommandEntry): CommandEntry[] {
  return [entry, ...entry.subcommands.flatMap(allCommands)];
}

function optionValue(option: Option): Value {
  return kindOf(/<(.*)>/.exec(option.flags)?.[1] ?? '', option);
}

/** The names of values that are paths of this machine, and of those that are anything else. */
const fileNames = /^(?:file|dir|image|target|output|\w+\.pem)$/;
const textNames = /^(?:n|bytes|hex|digest|name|path|os\/arch\[\/variant\])$/;

function kindOf(
  name: string,
  { argChoices, parseArg }: Pick<Argument & Option, 'argChoices' | 'parseArg'>,
): Value {
  if (argChoices !== undefined) return { kind: 'choices', choices: argChoices };
  const parse: unknown = parseArg;
  if (parse === parseImage || parse === parseOutput) return { kind: 'image' };
  if (parse === parseSource) return { kind: 'source' };
  if (fileNames.test(name)) return { kind: 'file' };
  if (textNames.test(name)) return { kind: 'text' };
  throw new Error(`command-table.ts does not say whether <${name}> is a file`);
}

/** The help of `command` after what commander makes from arguments, options and commands. */
function detailsOf(command: Command): string {
  let text = '';
  const before = { ...command.configureOutput() };
  command.configureOutput({ writeOut: part => (text += part) });
  command.outputHelp();
  command.configureOutput(before);
  return text.slice(command.helpInformation().length).trim();
}
