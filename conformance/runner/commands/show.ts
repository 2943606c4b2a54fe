/**
 * `show`: prints a report of an earlier run in another format.
 * @module
 */

import { Argument, Command, Option } from 'commander';
import { runnerCommand } from '../../suite/runner-command.ts';
import { readReport } from '../report/read-report.ts';
import { isDocument, reportDocument, reporters } from '../report/reporters.ts';
import { print } from '../stdout.ts';
import { exit, type Finish } from './command.ts';

/** The command. */
export function showCommand(finish: Finish): Command {
  return new Command('show')
    .description('Print a report in another format.')
    .addArgument(new Argument('<report>', 'a report as JSON Lines'))
    .addOption(
      new Option('--reporter <name>', 'the format').choices(reporters.filter(isDocument)).default('text'),
    )
    .addHelpText('after', `\nExample:\n  ${runnerCommand} show report.jsonl --reporter html > report.html`)
    .action(async (path: string, { reporter }: { reporter: string }) => {
      const chosen = reporters.filter(isDocument).find(name => name === reporter) ?? 'text';
      await print(reportDocument(chosen, readReport(path).events));
      finish(exit.ok);
    });
}
