/**
 * `merge`: joins the reports of all shards of a run.
 * @module
 */

import { Command } from 'commander';
import { runnerCommand } from '../../suite/runner-command.ts';
import { jsonLines } from '../report/events.ts';
import { mergeReports } from '../report/merge.ts';
import { readReport } from '../report/read-report.ts';
import { print } from '../stdout.ts';
import { type Finish, packageRequirements } from './command.ts';

const help = `
Every shard is run with the same options, --seed included, and --reporter jsonl:
  ${runnerCommand} --impl ./my-adapter --seed 1 --shard 1/3 --reporter jsonl > 1.jsonl     and 2/3, 3/3
  ${runnerCommand} merge 1.jsonl 2.jsonl 3.jsonl > report.jsonl
  ${runnerCommand} show report.jsonl --reporter junit

The result is the report of the run without --shard, except for times.
The exit code is that of the whole run.`;

/** The command. */
export function mergeCommand(finish: Finish): Command {
  return new Command('merge')
    .description('Join the reports of all shards of a run into one report, as JSON Lines on stdout.')
    .argument('<report...>', 'reports of all shards, as JSON Lines')
    .addHelpText('after', help)
    .action(async (paths: readonly string[]) => {
      const events = mergeReports(paths.map(readReport), packageRequirements());
      await print(jsonLines(events));
      const footer = events.at(-1);
      if (footer?.event === 'footer') finish(footer.exitCode);
    });
}
