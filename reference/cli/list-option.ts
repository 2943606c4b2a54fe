/**
 * Options with one or more values.
 * @module
 */

import { type Command, InvalidArgumentError, Option } from 'commander';

/**
 * Adds the option `flag` with one or more of `choices` as its values. A variadic option of commander would take every
 * word up to the next option, also the argument of the command: this one takes no word that is not a choice.
 */
export function addListOption<T extends string>(
  command: Command,
  flag: `--${string}`,
  { description, choices, ...fallback }: ListOption<T>,
): Command {
  const isChoice = (word: string): word is T => (choices as readonly string[]).includes(word);
  const given: T[] = [];
  const option = new Option(`${flag} <${flag.slice(2)}>`, description)
    .choices(choices)
    .argParser(word => {
      if (!isChoice(word)) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
      given.push(word);
      return given;
    })
    .default(fallback.default, fallback.defaultText);
  const parseOptions = command.parseOptions.bind(command);
  command.parseOptions = words => parseOptions(repeatFlag(words, flag, isChoice));
  return command.addOption(option);
}

/** A list option, in words and values. */
export interface ListOption<T extends string> {
  readonly description: string;
  readonly choices: readonly T[];
  readonly default: readonly T[];
  readonly defaultText: string;
}

/** `words` with `flag` before each of its values. */
function repeatFlag(words: readonly string[], flag: string, isChoice: (word: string) => boolean): string[] {
  let inList = false;
  return words.flatMap((word, i) => {
    inList = word === flag || (inList && isChoice(word));
    return inList && word !== flag && words[i - 1] !== flag ? [flag, word] : [word];
  });
}
