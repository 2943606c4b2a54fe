/**
 * The label of each name in a tree (spec/selinux.md, "The label of a path").
 * @module
 */

import { type ByteString, excerpt } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import type { Directory } from '../tree/inode.ts';
import { type ContextLine, lineTypeOf } from './contexts.ts';
import { ExactLines } from './exact-lines.ts';
import { type FittingLines, type MatchLimits, matchLines, NONE, startLength } from './match.ts';
import { namesInTree, pathOf, type TreeName } from './names.ts';
import type { Policy } from './policy.ts';

/** What a policy says of one name. */
export interface LabelDecision {
  readonly name: TreeName;
  /** The label by the last line; undefined: none. */
  readonly label: ByteString | undefined;
  /** The line that decides by the last line. */
  readonly byLast: ContextLine | undefined;
  /** The line that decides by the exact line. */
  readonly byExact: ContextLine | undefined;
  /** Why programs disagree on the label. */
  readonly disagreement: string | undefined;
}

/** The labels of all names in a tree. */
export interface TreeLabels {
  readonly names: readonly TreeName[];
  /** What the policy says of the name at position `i`. */
  decide(i: number): LabelDecision;
  readonly steps: number;
}

/** Looks up the labels of the tree below `root`. Rejects with TRANSFORM_LIMIT. */
export function labelsOf(root: Directory, policy: Policy, limits?: MatchLimits): TreeLabels {
  const names = namesInTree(root, policy.aliases);
  const fitting = matchLines(names, policy, limits);
  const exact = new ExactLines(policy);
  return {
    names,
    steps: fitting.steps,
    decide: i => decide(names[i] as TreeName, i, fitting, exact, policy),
  };
}

/** The rejection of an image because of a path (TRANSFORM_LABEL). */
export function disagreementError(name: TreeName, disagreement: string): ComposefsError {
  return new ComposefsError('TRANSFORM_LABEL', disagreement, { entry: pathOf(name) });
}

function decide(
  name: TreeName,
  i: number,
  fitting: FittingLines,
  exactLines: ExactLines,
  policy: Policy,
): LabelDecision {
  const lineAt = (indexes: Int32Array): ContextLine | undefined => policy.lines[indexes[i] as number];
  const type = lineTypeOf[name.inode.kind];
  const walked = exactLines.fitting(name.walked.path, type);
  const replaced = name.replaced === name.walked ? walked : exactLines.fitting(name.replaced.path, type);
  // SELINUX-018
  const byLast = laterLine(walked.last, lineAt(fitting.walked));
  const byExact = replaced.exact ?? lineAt(fitting.replaced);
  const disagreement = disagreementOn({
    name,
    byLast,
    byExact,
    contradicting: replaced.contradicting,
    startless: lineAt(fitting.startless),
    unlabelled: hiding(byExact, fitting.unlabelled[i] as number, policy),
  });
  return { name, label: byLast?.label, byLast, byExact, disagreement };
}

function laterLine(a: ContextLine | undefined, b: ContextLine | undefined): ContextLine | undefined {
  return a === undefined || (b !== undefined && b.index > a.index) ? b : a;
}

/** The line with `<<none>>` at which libselinux stops before it reaches `byExact` (SELINUX-022). */
function hiding(
  byExact: ContextLine | undefined,
  unlabelled: number,
  policy: Policy,
): ContextLine | undefined {
  if (byExact === undefined || byExact.exact !== undefined || byExact.label === undefined) return undefined;
  if (unlabelled === NONE) return undefined;
  const isLonger = startLength(policy, unlabelled) > startLength(policy, byExact.index);
  return isLonger ? policy.lines[unlabelled] : undefined;
}

/** The lines on which it depends whether programs agree on a label. */
interface DecidingLines extends Pick<LabelDecision, 'name' | 'byLast' | 'byExact'> {
  readonly contradicting: ContextLine | undefined;
  readonly startless: ContextLine | undefined;
  readonly unlabelled: ContextLine | undefined;
}

function disagreementOn(lines: DecidingLines): string | undefined {
  const { name, byLast, byExact, contradicting, startless, unlabelled } = lines;
  // SELINUX-023
  if (name.name.endsWith('\n'))
    return 'the path ends with a newline, before which libselinux ends a match, too';
  // SELINUX-021
  if (startless !== undefined) {
    return `${lineName(startless)} fits without the "/" that it repeats, and libselinux does not find it`;
  }
  // SELINUX-020
  if (contradicting !== undefined && byExact !== undefined) {
    return `${lineName(contradicting)} and ${lineName(byExact)} are exact and give ${labelName(contradicting)} and ${labelName(byExact)}`;
  }
  // SELINUX-019
  if (byLast?.label !== byExact?.label) {
    return `composefs-rs gives it ${given(byLast)}, and libselinux ${given(byExact)}`;
  }
  // SELINUX-022
  if (unlabelled !== undefined && byExact !== undefined) {
    return `${lineName(byExact)} gives ${labelName(byExact)}, but libselinux stops at ${lineName(unlabelled)}, which gives no label`;
  }
  return undefined;
}

function given(line: ContextLine | undefined): string {
  return line === undefined ? 'no label, because no line fits' : `${labelName(line)} (${lineName(line)})`;
}

/** A line, for messages. */
function lineName({ file, number }: Pick<ContextLine, 'file' | 'number'>): string {
  return `line ${number} of ${fileName(file)}`;
}

/** The name of a policy file without its directory. */
export function fileName(file: ByteString): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function labelName({ label }: ContextLine): string {
  return label === undefined ? 'no label' : `"${excerpt(label)}"`;
}
