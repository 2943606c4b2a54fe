/**
 * What an area of the fuzzer is: how inputs are generated, sent to both implementations, shrunk, and shown.
 * @module
 */

/** The result of comparing two answers. `difference` describes the first difference. */
export type AnswerComparison =
  | { readonly kind: 'same'; readonly rejected: boolean }
  | { readonly kind: 'different'; readonly difference: string };

/** A process of the other implementation, whose answers are compared with those of the reference. */
export interface OtherImplementation {
  end(): Promise<void>;
}

/** `Subject` is an input, which is changed in place; `Other` sends it to the other implementation. */
export interface Area<Subject, Other extends OtherImplementation> {
  /** The words for one input and for several, and for the parts that its size counts. */
  readonly words: { readonly one: string; readonly many: string; readonly parts: string };
  /** The input of a seed, the same on every machine. */
  readonly generate: (seed: number) => Subject;
  readonly copy: (subject: Subject) => Subject;
  readonly size: (subject: Subject) => number;
  /** Sends the input to both implementations, and compares the answers. */
  readonly compare: (subject: Subject, other: Other) => Promise<AnswerComparison>;
  /** Makes an input that passes `test` as small as possible, so that it still passes. */
  readonly shrink: (subject: Subject, test: (subject: Subject) => Promise<boolean>) => Promise<Subject>;
  /** The input as lines of text, at least one per part. */
  readonly show: (subject: Subject) => readonly string[];
  /** The files that the other implementation gets, by name. */
  readonly files: (subject: Subject) => Readonly<Record<string, Uint8Array>>;
  /** More lines for the end of the report. */
  readonly summary?: () => readonly string[];
}

/** The answer of the reference: its bytes, or why it rejects the input. */
export type ReferenceAnswer =
  | { readonly kind: 'accepted'; readonly bytes: Uint8Array }
  | { readonly kind: 'rejected'; readonly why: string };

/** The answer of the other implementation: what is compared with the bytes, or why there is none. */
export type OtherAnswer<Answer> =
  | { readonly kind: 'accepted'; readonly answer: Answer }
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** Compares two answers; `difference` is called if both accept. */
export function compareAnswers<Answer>(
  expected: ReferenceAnswer,
  got: OtherAnswer<Answer>,
  difference: (expected: Uint8Array, answer: Answer) => string | undefined,
): AnswerComparison {
  const text = differenceOf(expected, got, difference);
  if (text !== undefined) return { kind: 'different', difference: text };
  return { kind: 'same', rejected: expected.kind === 'rejected' };
}

function differenceOf<Answer>(
  expected: ReferenceAnswer,
  got: OtherAnswer<Answer>,
  difference: (expected: Uint8Array, answer: Answer) => string | undefined,
): string | undefined {
  switch (got.kind) {
    case 'failed':
      return got.problem;
    case 'rejected':
      return expected.kind === 'rejected' ? undefined : `rejected, expected it to be accepted: ${got.why}`;
    case 'accepted':
      if (expected.kind === 'rejected') return `accepted, expected a rejection: ${expected.why}`;
      return difference(expected.bytes, got.answer);
  }
}
