/**
 * Compares what `composefs-oci` and another tool say about an image.
 * @module
 */

import { type KnownImageDifference, knownImageDifferences } from './known-differences.ts';

/** What a tool says about an image, or why it failed. */
export type ToolAnswer =
  /** `text` is a digest, a dumpfile without its last line feed, or a word. */
  | { readonly kind: 'says'; readonly text: string; readonly seconds: number }
  | { readonly kind: 'fails'; readonly why: string; readonly seconds: number };

/** The other tool cannot answer here; the message says why. */
export class CannotAnswer extends Error {}

/** Two answers that have to be the same. */
export interface PlannedComparison {
  readonly what: string;
  /** The other tool. */
  readonly by: string;
  /** Why the other tool cannot run here. */
  readonly skip?: string;
  readonly ours: () => Promise<ToolAnswer>;
  readonly theirs: () => Promise<ToolAnswer>;
}

/** A comparison and its result. */
export type Comparison = { readonly what: string; readonly by: string } & ComparisonResult;

/** The result of a comparison. */
export type ComparisonResult =
  | { readonly status: 'skipped'; readonly why: string }
  | ({ readonly status: 'same' } & AnswerPair)
  /** All differences are known. */
  | ({ readonly status: 'explained'; readonly reasons: readonly Reason[] } & AnswerPair)
  /** `outdated` are known differences that no longer occur. */
  | ({ readonly status: 'DIFFERS'; readonly outdated: readonly Reason[] } & AnswerPair);

/** Why a difference is known and accepted, with a link. */
export interface Reason {
  readonly why: string;
  readonly link: string;
}

/** Both answers. */
export interface AnswerPair {
  readonly ours: ToolAnswer;
  readonly theirs: ToolAnswer;
}

/** Gets both answers about the image with the name `image`, and compares them. */
export async function runComparison(planned: PlannedComparison, image: string): Promise<Comparison> {
  const { what, by, skip } = planned;
  if (skip !== undefined) return { what, by, status: 'skipped', why: skip };
  try {
    const [ours, theirs] = await Promise.all([planned.ours(), planned.theirs()]);
    return { what, by, ...compareAnswers(ours, theirs, expectedDifferences(image, planned)) };
  } catch (error) {
    if (!(error instanceof CannotAnswer)) throw error;
    return { what, by, status: 'skipped', why: error.message };
  }
}

function expectedDifferences(image: string, { what, by }: PlannedComparison): KnownImageDifference[] {
  return knownImageDifferences.filter(
    known => known.image === image && by.startsWith(known.by) && known.what.test(what),
  );
}

/**
 * Compares two answers. Each line that differs has to match one of the `expected` differences, and each expected
 * difference has to match a line.
 */
export function compareAnswers(
  ours: ToolAnswer,
  theirs: ToolAnswer,
  expected: readonly KnownImageDifference[] = [],
): ComparisonResult {
  const lines = differences(ours, theirs);
  const outdated = expected.filter(({ said }) => !lines.some(line => said.test(line))).map(reasonOf);
  const explained = lines.every(line => expected.some(({ said }) => said.test(line)));
  if (ours.kind === 'fails' || !explained || outdated.length > 0) {
    return { status: 'DIFFERS', outdated, ours, theirs };
  }
  if (expected.length === 0) return { status: 'same', ours, theirs };
  return { status: 'explained', reasons: expected.map(reasonOf), ours, theirs };
}

function reasonOf({ why, link }: KnownImageDifference): Reason {
  return { why, link };
}

/** The message of the other tool if it failed, or the lines that only one of the answers has. */
function differences(ours: ToolAnswer, theirs: ToolAnswer): string[] {
  if (theirs.kind === 'fails') return [theirs.why];
  if (ours.kind === 'fails') return [ours.why];
  const { left, right } = differentLines(ours.text, theirs.text);
  return [...left, ...right];
}

/** The lines that only one of two texts has. */
export function differentLines(ours: string, theirs: string): { left: string[]; right: string[] } {
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return { left: left.filter(line => !inRight.has(line)), right: right.filter(line => !inLeft.has(line)) };
}
