/**
 * Options that several commands share.
 * @module
 */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ErofsFormat, erofsFormats } from '../erofs/formats.ts';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { DEFAULT_EXPANSION, type ExpansionLimits } from '../oci/expansion.ts';
import {
  type Role,
  roles,
  type Transform,
  type TreeOptions,
  transforms,
  type XattrPolicy,
  xattrPolicies,
} from '../tree/options.ts';

/** Options that say which tree of an image is meant. */
export const treeOptionNames = [
  'role',
  'transform',
  'xattrs',
  'platform',
  'maxExpansion',
  'maxSize',
] as const;

/** Adds the options of {@link treeOptionNames}. */
export function addTreeOptions(command: Command): Command {
  const tree = command
    .addOption(
      new Option(
        '--role <role>',
        'all layers as one file system, the same to be booted, or the own image of one layer',
      )
        .choices(roles)
        .default('merged'),
    )
    .addOption(
      new Option(
        '--transform <transform>',
        'oci: root as /usr, /run emptied, xattrs filtered; none: as merged (default: oci, none for role layer)',
      ).choices(transforms),
    )
    .addOption(
      new Option('--xattrs <policy>', 'which extended attributes stay')
        .choices(xattrPolicies)
        .default('allowlist-only'),
    );
  return addReading(tree);
}

/** Adds `--platform`, `--max-expansion` and `--max-size`: which image is read, and how far. */
function addReading(
  command: Command,
  platform = 'which image of several platforms; never guessed from this machine',
): Command {
  return command
    .option('--platform <os/arch[/variant]>', platform)
    .addOption(
      new Option(
        '--max-expansion <n>',
        'refuse a layer that is more than n times as long as its blob and 1 MiB together',
      )
        .argParser(atLeastOne)
        .default(DEFAULT_EXPANSION),
    )
    .addOption(
      new Option('--max-size <bytes>', 'refuse layers that are longer together, decompressed').argParser(
        atLeastOne,
      ),
    );
}

/** {@link addReading}, where all platforms are read unless one is named. */
export function addReadingOfAll(command: Command): Command {
  return addReading(command, 'the image of this platform alone (default: those of all platforms)');
}

/** What {@link addReading} was given. */
export interface ReadingFlags {
  readonly platform?: string;
  readonly maxExpansion?: number;
  readonly maxSize?: number;
}

/** A whole number from 1 on, for commander. */
function atLeastOne(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It is a whole number, 1 or more.');
  }
  return value;
}

/** Adds `--algorithm`. */
export function addAlgorithm(command: Command): Command {
  return command.addOption(
    new Option('--algorithm <algorithm>', 'fs-verity digests of files and image')
      .choices(algorithms)
      .default('fsverity-sha512-12'),
  );
}

/** Adds `--format`. */
export function addFormat(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'format of the EROFS image').choices(erofsFormats).default('v1'),
  );
}

/** Adds `--json`. */
export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON object');
}

/** What the options of `command` say about the tree. */
export function treeOptions(command: Command): TreeOptions {
  const { role, transform, xattrs, algorithm } = command.opts<{
    role: Role;
    transform?: Transform;
    xattrs: XattrPolicy;
    algorithm: Algorithm;
  }>();
  return {
    role,
    transform: transform ?? (role === 'layer' ? 'none' : 'oci'),
    xattrs,
    algorithm,
    sha2: nodeSha2,
  };
}

/** What the options of `command` say about how long layers may get. */
export function expansionLimits(command: Command): ExpansionLimits {
  const { maxExpansion, maxSize } = command.opts<ExpansionLimits>();
  return { maxExpansion, maxSize };
}

/** What the options of `command` say about the image. */
export function imageOptions(command: Command): { format: ErofsFormat; algorithm: Algorithm } {
  const { format, algorithm } = command.opts<{ format: ErofsFormat; algorithm: Algorithm }>();
  return { format, algorithm };
}
