/**
 * What can be compared: how it is drawn, asked of both sides, made small, and shown.
 * @module
 */

/** What came of one comparison. `difference` is the first one, for people. */
export type Outcome =
  | { readonly kind: 'same'; readonly refused: boolean }
  | { readonly kind: 'different'; readonly difference: string };

/** One that gives the answers that are compared with those of the reference. */
export interface Peer {
  end(): Promise<void>;
}

/** `Subject` is what is drawn, changed in place where it is changed, and `P` asks the other implementation. */
export interface Area<Subject, P extends Peer> {
  /** One subject and several, and what one is counted in. */
  readonly words: { readonly one: string; readonly many: string; readonly parts: string };
  /** The subject of a seed, the same everywhere. */
  readonly draw: (seed: number) => Subject;
  readonly copy: (subject: Subject) => Subject;
  readonly size: (subject: Subject) => number;
  /** Asks both, and compares. */
  readonly compare: (subject: Subject, peer: P) => Promise<Outcome>;
  /** Makes a subject that passes `test` as small as it can be and still pass. */
  readonly shrink: (subject: Subject, test: (subject: Subject) => Promise<boolean>) => Promise<Subject>;
  /** A line for each part, or more. */
  readonly show: (subject: Subject) => readonly string[];
  /** What the other implementation is given, by names of files. */
  readonly files: (subject: Subject) => Readonly<Record<string, Uint8Array>>;
}

/** What the reference says: its bytes, or why it refuses. */
export type Ours =
  | { readonly kind: 'accepted'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly why: string };

/** What the other one says: whatever is compared with the bytes, or why there is nothing. */
export type Theirs<Answer> =
  | { readonly kind: 'accepted'; readonly answer: Answer }
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** Compares what both say; `difference` is asked where both accept. */
export function outcome<Answer>(
  ours: Ours,
  theirs: Theirs<Answer>,
  difference: (expected: Uint8Array, answer: Answer) => string | undefined,
): Outcome {
  const text = differenceOf(ours, theirs, difference);
  if (text !== undefined) return { kind: 'different', difference: text };
  return { kind: 'same', refused: ours.kind === 'rejected' };
}

function differenceOf<Answer>(
  ours: Ours,
  theirs: Theirs<Answer>,
  difference: (expected: Uint8Array, answer: Answer) => string | undefined,
): string | undefined {
  switch (theirs.kind) {
    case 'failed':
      return theirs.problem;
    case 'rejected':
      return ours.kind === 'rejected' ? undefined : `rejected, expected it to be accepted: ${theirs.why}`;
    case 'accepted':
      if (ours.kind === 'rejected') return `accepted, expected a rejection: ${ours.why}`;
      return difference(ours.bytes, theirs.answer);
  }
}
