/**
 * Options that several commands share.
 * @module
 */

import { type Command, Option } from 'commander';
import type { ErofsFormat } from '../erofs/write.ts';
import { type Algorithm, algorithms } from '../fsverity/algorithm.ts';
import { nodeSha2 } from '../hash/node.ts';
import {
  type Role,
  roles,
  type Transform,
  type TreeOptions,
  transforms,
  type XattrPolicy,
  xattrPolicies,
} from '../tree/options.ts';

const formats: readonly ErofsFormat[] = ['v1'];

/** Options that say which tree of an image is meant. */
export const treeOptionNames = ['role', 'transform', 'xattrs', 'platform'] as const;

/** Adds the options of {@link treeOptionNames}. */
export function addTreeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--role <role>', 'all layers as one file system, or the own image of one layer')
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
    )
    .option(
      '--platform <os/arch[/variant]>',
      'which image of several platforms; never guessed from this machine',
    );
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
    new Option('--format <format>', 'format of the EROFS image').choices(formats).default('v1'),
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

/** What the options of `command` say about the image. */
export function imageOptions(command: Command): { format: ErofsFormat; algorithm: Algorithm } {
  const { format, algorithm } = command.opts<{ format: ErofsFormat; algorithm: Algorithm }>();
  return { format, algorithm };
}
