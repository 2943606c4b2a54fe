/**
 * Options and help texts that several commands share.
 * @module
 */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ErofsFormat, erofsFormats } from '../erofs/format-rules.ts';
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

/** Describes an argument that is an OCI image. */
export const imageHelp =
  'an image as oci:DIR, oci:DIR:TAG or oci:DIR@DIGEST: an OCI image layout and, if it has several images, the tag of one, or the digest of its manifest or index; oci-archive:FILE and docker-archive:FILE are read in place';

/** The section of a help text that lists exit codes. */
export function exitCodes(
  success: string,
  rejected = 'the image was rejected: one line on stderr gives the stage, the location and the error code',
  usage = 'the command line is wrong: stderr says how',
): string {
  return `
Exit codes:
  0  ${success}
  1  ${rejected}
  2  ${usage}
  70, 71, 74, 141  the input was not judged: see 'composefs-oci --help'
`;
}

/** Options that select a tree of an image. */
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
        'which image: all layers merged, all layers merged for booting, or a single layer',
      )
        .choices(roles)
        .default('merged'),
    )
    .addOption(
      new Option(
        '--transform <transform>',
        'oci: / gets the metadata of /usr, /run is emptied, xattrs are filtered; none: the merged tree as it is (default: oci; for role layer none)',
      ).choices(transforms),
    )
    .addOption(
      new Option('--xattrs <policy>', 'extended attributes to keep: only security.capability, or also user.*')
        .choices(xattrPolicies)
        .default('allowlist-only'),
    );
  return addReading(tree);
}

/** Adds `--platform`, `--max-expansion` and `--max-size`: which image is read, and its limits. */
export function addReading(
  command: Command,
  platform = 'select the image for this platform; required if there are several, whatever this machine is',
): Command {
  return command
    .option('--platform <os/arch[/variant]>', platform)
    .addOption(
      new Option(
        '--max-expansion <n>',
        'reject the image if a layer has more than n times the bytes of its blob plus 1 MiB, decompressed',
      )
        .argParser(atLeastOne)
        .default(DEFAULT_EXPANSION),
    )
    .addOption(
      new Option(
        '--max-size <bytes>',
        'reject the image if its layers exceed this many bytes in total, decompressed or as blobs, whichever is more; a layer counts once for each platform and algorithm, and once more for role layer (default: no limit)',
      ).argParser(atLeastOne),
    );
}

/** {@link addReading} for commands that read the images of all platforms unless one is given. */
export function addReadingOfAll(command: Command): Command {
  return addReading(command, 'only the image for this platform (default: the images for all platforms)');
}

/** The options of {@link addReading}. */
export interface ReadingFlags {
  readonly platform?: string;
  readonly maxExpansion?: number;
  readonly maxSize?: number;
}

/** Parses a whole number of at least 1, for commander. */
function atLeastOne(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Use a whole number of at least 1.');
  }
  return value;
}

/** Adds `--algorithm`. */
export function addAlgorithm(command: Command): Command {
  return command.addOption(
    new Option('--algorithm <algorithm>', 'fs-verity algorithm: hash function and log2 of the block size')
      .choices(algorithms)
      .default('fsverity-sha512-12'),
  );
}

/** Adds `--format`. */
export function addFormat(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'format of the EROFS image: v1, or v0 or v2 for images of older tools')
      .choices(erofsFormats)
      .default('v1'),
  );
}

/** Adds `--json`. */
export function addJson(command: Command): Command {
  return command.option('--json', 'print the result, or the error, as one JSON object');
}

/** The options of `command` that affect the tree. */
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

/** The options of `command` that limit the length of layers. */
export function expansionLimits(command: Command): ExpansionLimits {
  const { maxExpansion, maxSize } = command.opts<ExpansionLimits>();
  return { maxExpansion, maxSize };
}

/** The options of `command` that affect the EROFS image. */
export function imageOptions(command: Command): { format: ErofsFormat; algorithm: Algorithm } {
  const { format, algorithm } = command.opts<{ format: ErofsFormat; algorithm: Algorithm }>();
  return { format, algorithm };
}
