/**
 * All commands beside the run.
 * @module
 */

import type { Command } from 'commander';
import { adapterSkeletonCommand } from './adapter-skeleton.ts';
import { checkAdapterCommand } from './check-adapter.ts';
import { checkRefsCommand } from './check-refs.ts';
import type { Finish } from './command.ts';
import { compareCommand } from './compare-reports.ts';
import { explainCommand } from './explain.ts';
import { mergeCommand } from './merge.ts';
import { showCommand } from './show.ts';
import { upgradeCommand } from './upgrade.ts';

/** The commands, in the order of the help. */
export function commands(finish: Finish): Command[] {
  return [
    adapterSkeletonCommand,
    checkAdapterCommand,
    explainCommand,
    showCommand,
    mergeCommand,
    compareCommand,
    upgradeCommand,
    checkRefsCommand,
  ].map(make => make(finish));
}
