/**
 * What a comparison is, and what comes of it.
 * @module
 */

import { type Explanation, explanations } from './known-differences.ts';

/** What somebody says about an image, or why nothing. */
export type Answer =
  /** `text` is a digest, a dumpfile without its last line feed, or a word. */
  | { readonly kind: 'says'; readonly text: string; readonly seconds: number }
  | { readonly kind: 'fails'; readonly why: string; readonly seconds: number };

/** Two that have to say the same. */
export interface Check {
  readonly what: string;
  /** The other one. */
  readonly by: string;
  /** Why the other one can't be asked here. */
  readonly skip?: string;
  readonly ours: () => Promise<Answer>;
  readonly theirs: () => Promise<Answer>;
}

/** What came of a check. */
export type Finding = { readonly what: string; readonly by: string } & Outcome;

/** What came of it, without what it was. */
export type Outcome =
  | { readonly status: 'skipped'; readonly why: string }
  | ({ readonly status: 'same' } & Both)
  | ({ readonly status: 'explained'; readonly reasons: readonly Reason[] } & Both)
  /** `outdated` are explanations that explain nothing any more. */
  | ({ readonly status: 'DIFFERS'; readonly outdated: readonly Reason[] } & Both);

/** Why a difference is expected, and where that can be seen. */
export interface Reason {
  readonly why: string;
  readonly link: string;
}

/** Both answers. */
export interface Both {
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks both about the image called `image`. */
export async function find(check: Check, image: string): Promise<Finding> {
  const { what, by, skip } = check;
  if (skip !== undefined) return { what, by, status: 'skipped', why: skip };
  const [ours, theirs] = await Promise.all([check.ours(), check.theirs()]);
  return { what, by, ...compare(ours, theirs, expectedOf(image, check)) };
}

function expectedOf(image: string, { what, by }: Check): Explanation[] {
  return explanations.filter(
    known => known.image === image && by.startsWith(known.by) && known.what.test(what),
  );
}

/**
 * What two answers come to where differences are expected. Each line that differs has to be explained, and each
 * explanation has to explain one.
 */
export function compare(ours: Answer, theirs: Answer, expected: readonly Explanation[] = []): Outcome {
  const lines = differences(ours, theirs);
  const outdated = expected.filter(({ said }) => !lines.some(line => said.test(line))).map(reasonOf);
  const explained = lines.every(line => expected.some(({ said }) => said.test(line)));
  if (ours.kind === 'fails' || !explained || outdated.length > 0) {
    return { status: 'DIFFERS', outdated, ours, theirs };
  }
  if (expected.length === 0) return { status: 'same', ours, theirs };
  return { status: 'explained', reasons: expected.map(reasonOf), ours, theirs };
}

function reasonOf({ why, link }: Explanation): Reason {
  return { why, link };
}

/** What has to be explained: why the others give no answer, or the lines that only one of the two has. */
function differences(ours: Answer, theirs: Answer): string[] {
  if (theirs.kind === 'fails') return [theirs.why];
  if (ours.kind === 'fails') return [ours.why];
  const { left, right } = differentLines(ours.text, theirs.text);
  return [...left, ...right];
}

/** Lines that only one of two texts has. */
export function differentLines(ours: string, theirs: string): { left: string[]; right: string[] } {
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return { left: left.filter(line => !inRight.has(line)), right: right.filter(line => !inLeft.has(line)) };
}
