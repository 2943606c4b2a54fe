/**
 * The shape of `case.json`, as `vectors/schema/case.schema.json` states it for everybody else.
 * @module
 */

/** What can be asked of an implementation. */
export const operations = [
  'fsverity.digest',
  'dumpfile.canonical',
  'erofs.write',
  'erofs.read',
  'layers.tree',
  'image.digest',
  'seal.inline',
  'seal.artifact',
  'verify',
  'cmdline.parse',
] as const;
export type Operation = (typeof operations)[number];

/** Bytes too long to store: `pattern` again and again, cut off at `size`. */
export interface Generated {
  readonly generate: { readonly patternHex: string; readonly size: number; readonly sha256: string };
}

/** A file of the case, relative to its directory. */
export type CasePath = string;

/** One layer as an input: a file, and what the descriptor calls it. */
export interface LayerInput {
  readonly path: CasePath;
  readonly mediaType: string;
}

/** The named inputs; which ones an operation takes stands in `conformance/README.md`. */
export type CaseInput = Readonly<Record<string, CasePath | Generated | readonly LayerInput[]>>;

/** Kinds of cases; `KNOWN_BUG` has at least one link. */
export const caseClasses = ['BASIC', 'EDGE_CASE', 'KNOWN_BUG', 'LIMIT', 'MALFORMED', 'HOSTILE'] as const;
export type CaseClass = (typeof caseClasses)[number];

/** Exact values and files that must come back. */
export interface Accepted {
  readonly values?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, CasePath>>;
}

export type Expectation =
  | ({ readonly outcome: 'accept' } & Accepted)
  | { readonly outcome: 'reject'; readonly stage: string; readonly reasons: readonly string[] }
  | { readonly outcome: 'either'; readonly because: string; readonly ifAccept: Accepted };

export interface Provenance {
  /** The file that holds the recipe, from the top of the repository. */
  readonly recipe: string;
  /** Who else produced or confirmed the expectation, with a version: `mkcomposefs 1.0.8`. */
  readonly confirmedBy: readonly string[];
}

export interface Case {
  /** `<area>/<slug>`. */
  readonly id: string;
  /** A fact in the present tense, at most 70 characters. */
  readonly title: string;
  readonly op: Operation;
  readonly since: string;
  /** Requirements this case decides, the first one foremost. */
  readonly requirements: readonly string[];
  /** Features an implementation must declare to be asked. */
  readonly needs: readonly string[];
  readonly tags: readonly string[];
  readonly class: CaseClass;
  readonly links: readonly string[];
  readonly input: CaseInput;
  readonly params: Readonly<Record<string, string>>;
  readonly expect: Expectation;
  /** The nearest accepted case, for a case that rejects. */
  readonly control: string | null;
  readonly provenance: Provenance;
}

/** What comes back where the input is accepted; undefined where it is to be rejected. */
export function acceptedOf({ expect }: Pick<Case, 'expect'>): Accepted | undefined {
  switch (expect.outcome) {
    case 'accept':
      return expect;
    case 'either':
      return expect.ifAccept;
    case 'reject':
      return undefined;
  }
}
