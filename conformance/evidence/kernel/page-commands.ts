/**
 * The commands in the blocks of a page, and the output that the page shows of them.
 * @module
 */

import type { CommandResult } from './jobs.ts';

/** A command of a page. */
export interface PageCommand {
  readonly command: string;
  /** Without the last newline; undefined if the page shows none. */
  readonly output: string | undefined;
}

const BLOCK = /^```console\n(.*?)^```$/gms;
const PROMPT = '$ ';
const CONTINUATION = '> ';
/** Any text in a line. */
const ANYTHING = '…';

/** The commands in the `console` blocks of a page, in their order. */
export function pageCommands(page: string): PageCommand[] {
  return [...page.matchAll(BLOCK)].flatMap(([, block = '']) => blockCommands(block));
}

function blockCommands(block: string): PageCommand[] {
  const commands: { command: string; output: string[] }[] = [];
  for (const line of block.trimEnd().split('\n')) {
    const last = commands.at(-1);
    if (line.startsWith(PROMPT)) commands.push({ command: line.slice(PROMPT.length), output: [] });
    else if (last === undefined) throw new Error(`a block does not begin with a command: ${line}`);
    else if (line.startsWith(CONTINUATION)) last.command += `\n${line.slice(CONTINUATION.length)}`;
    else last.output.push(line);
  }
  return commands.map(({ command, output }) => ({
    command,
    output: output.length === 0 ? undefined : output.join('\n'),
  }));
}

/** What is wrong with the result of a command. A command may fail only if the page shows its output. */
export function commandProblem(
  { command, output }: PageCommand,
  result: CommandResult | undefined,
): string | undefined {
  if (result === undefined) return `${command}: not run`;
  const shown = `${command}: status ${result.status}, ${JSON.stringify(result.output)}`;
  if (output === undefined) return result.status === 0 ? undefined : shown;
  return matches(output, result.output) ? undefined : `${shown}, expected ${JSON.stringify(output)}`;
}

function matches(expected: string, actual: string): boolean {
  const parts = expected.split(ANYTHING).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(actual);
}
