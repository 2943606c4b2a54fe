/**
 * `composefs-oci labels`
 * @module
 */

import { type Command, createArgument } from 'commander';
import { type ByteString, byteString, printable, shortened } from '../bytes.ts';
import { nodeSha2 } from '../hash/node/sha2.ts';
import { type AliasLine, appliedAliases } from '../selinux/aliases.ts';
import type { ContextLine } from '../selinux/contexts.ts';
import { fileName, type LabelDecision, labelsOf } from '../selinux/label.ts';
import { pathOf } from '../selinux/names.ts';
import type { Policy } from '../selinux/policy.ts';
import { kindNames } from '../tree/inode.ts';
import { addJson, addReading, exitCodes, imageHelp } from './options.ts';
import { write } from './output.ts';
import { FailureReported } from './rejection.ts';
import { type ImageSource, parseImage, readTreeOf } from './source.ts';

const help = `
Role merged.bootable labels every file as the SELinux policy in the image says: the files file_contexts,
file_contexts.local, file_contexts.homedirs, file_contexts.subs and file_contexts.subs_dist of the type that
/etc/selinux/config names. This command prints the label of each path and the line that gives it, separated by tabs:

  /usr/bin/tool   system_u:object_r:bin_t:s0   file_contexts:3
  /usr/lib64/a    system_u:object_r:lib_t:s0   file_contexts:7   as /usr/lib/a by file_contexts.subs_dist:1
  /var/cache/a    -                            file_contexts:4

  -         the path has no label: the line says <<none>>, or no line fits
  as        aliases apply: the lines are looked up for this path
  rejected  composefs-rs and libselinux give the path different labels, so that the image has no bootable digest. The
            rest of the line says which lines are to blame: change one of them, or leave the path out of the image

Examples:
  List all labels:
  $ composefs-oci labels oci:./layout:latest | less

  Find out where a label comes from:
  $ composefs-oci labels oci:./layout:latest /usr/bin/passwd

  Find everything that keeps an image from being booted:
  $ composefs-oci labels oci:./layout | grep -P '\\trejected\\t'

  Count the files of each label:
  $ composefs-oci labels --json oci:./layout | jq -r '.labels[].label' | sort | uniq -c | sort -n
${exitCodes('every label was printed', 'a path was rejected, and its line says why; or the image or its policy was rejected: one line on stderr gives the stage, the location and the error code')}`;

/** Adds the command. */
export function addLabels(program: Command): void {
  const command = program
    .command('labels')
    .description('Print the SELinux labels of a bootable image, and the lines of the policy that give them.')
    .addArgument(createArgument('<image>', imageHelp).argParser(parseImage))
    .addArgument(
      createArgument('[path...]', 'paths in the image, for example /usr/bin/passwd (default: all)'),
    );
  addJson(addReading(command))
    .addHelpText('after', help)
    .action(async (image: ImageSource, paths: readonly string[]) => {
      const found = await readLabels(image, command);
      const decisions = found === undefined ? [] : select(found.decisions, paths, command);
      const { json } = command.opts<{ json?: boolean }>();
      if (json) {
        const result = { policy: found?.policy.type ?? null, labels: decisions.map(describe) };
        await write(process.stdout, `${JSON.stringify(result)}\n`);
      } else {
        const none = 'the image has no SELinux policy, so a bootable image has no labels\n';
        await write(process.stdout, found === undefined ? none : decisions.map(text).join(''));
      }
      if (decisions.some(({ disagreement }) => disagreement !== undefined)) throw new FailureReported();
    });
}

/** The policy of an image, and what it says of each path. */
interface FoundLabels {
  readonly policy: Policy;
  readonly decisions: readonly LabelDecision[];
}

async function readLabels(image: ImageSource, command: Command): Promise<FoundLabels | undefined> {
  let found: FoundLabels | undefined;
  const steps = {
    label: (tree: Parameters<typeof labelsOf>[0], policy: Policy) => {
      const { names, decide } = labelsOf(tree, policy);
      found = { policy, decisions: names.map((_, i) => decide(i)) };
    },
  };
  await readTreeOf(image, command, {
    role: 'merged.bootable',
    transform: 'oci',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    sha2: nodeSha2,
    steps,
  });
  return found;
}

/** The decisions on `paths`, in this order, or all if there are none. */
function select(
  decisions: readonly LabelDecision[],
  paths: readonly string[],
  command: Command,
): readonly LabelDecision[] {
  if (paths.length === 0) return decisions;
  const byPath = new Map(decisions.map(decision => [pathOf(decision.name), decision]));
  return paths.map(path => {
    const parts = byteString(Buffer.from(path)).split('/');
    const normal = `/${parts.filter(part => part !== '' && part !== '.').join('/')}` as ByteString;
    const decision = byPath.get(normal);
    if (decision !== undefined) return decision;
    return command.error(`error: the bootable image has no path ${shortened(path)}`, { exitCode: 2 });
  });
}

function text(decision: LabelDecision): string {
  const { name, label, disagreement } = decision;
  const path = printable(pathOf(name));
  if (disagreement !== undefined) return `${path}\trejected\t${disagreement}\n`;
  const lines = linesOf(decision).map(lineText).join(' and ') || 'no line fits';
  const aliases = appliedAliases(name.applied);
  const lookups = lookupPaths(decision);
  const as =
    aliases.length === 0 ? '' : `\tas ${lookups.join(' and ')} by ${aliases.map(lineText).join(' and ')}`;
  return `${path}\t${label ?? '-'}\t${lines}${as}\n`;
}

/** The lines that give a label: one, unless one is found by the last line and another by the exact line. */
function linesOf({ byLast, byExact }: LabelDecision): ContextLine[] {
  return [...new Set([byLast, byExact])].filter(line => line !== undefined);
}

function lookupPaths({ name: { walked, replaced } }: LabelDecision): string[] {
  return [...new Set([walked.path, replaced.path])].map(path => printable(shortened(path)));
}

function lineText({ file, number }: ContextLine | AliasLine): string {
  return `${fileName(file)}:${number}`;
}

function describe(decision: LabelDecision): object {
  const { name, label, disagreement } = decision;
  return {
    path: printable(pathOf(name)),
    kind: kindNames[name.inode.kind],
    label: disagreement === undefined ? (label ?? null) : null,
    lines: linesOf(decision).map(({ file, number, pattern, label }) => ({
      file,
      line: number,
      pattern,
      label: label ?? '<<none>>',
    })),
    lookupPaths: lookupPaths(decision),
    aliases: appliedAliases(name.applied).map(({ file, number, alias, target }) => ({
      file,
      line: number,
      alias,
      target,
    })),
    rejected: disagreement,
  };
}
