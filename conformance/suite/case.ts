/**
 * The types of `case.json`; `vectors/schema/case.schema.json` defines the format.
 * @module
 */

/** Operations that a case can request from an implementation. */
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
  'ddi.write',
  'ddi.read',
  'toc.check',
  'toc.id',
  'store.import',
  'store.export',
  'store.fsck',
  'store.gc',
  'store.find',
] as const;
export type Operation = (typeof operations)[number];

/** Bytes too long to store: the pattern, repeated and cut off at `size` bytes. */
export interface GeneratedBytes {
  readonly generate: { readonly patternHex: string; readonly size: number; readonly sha256: string };
}

/** A file of the case, relative to the folder of the case. */
export type CasePath = string;

/** A long file of mostly 0: the content of each part at its offset, and 0 everywhere else. */
export interface SparseFile {
  readonly sparse: {
    readonly size: number;
    readonly sha256: string;
    /** In ascending order, without overlaps. */
    readonly parts: readonly { readonly offset: number; readonly path: CasePath }[];
  };
}

/** A file of the case as it is stored: whole, or without most of its bytes of 0. */
export type CaseFile = CasePath | SparseFile;

/** One layer as an input: a file, and the media type of its descriptor. */
export interface LayerInput {
  readonly path: CasePath;
  readonly mediaType: string;
}

/** The inputs by name; `conformance/README.md` lists the inputs of each operation. */
export type CaseInput = Readonly<Record<string, CaseFile | GeneratedBytes | readonly LayerInput[]>>;

/** Kinds of cases. A case of kind `KNOWN_BUG` has at least one link. */
export const caseClasses = ['BASIC', 'EDGE_CASE', 'KNOWN_BUG', 'LIMIT', 'MALFORMED', 'HOSTILE'] as const;
export type CaseClass = (typeof caseClasses)[number];

/** The exact values and files that an implementation must return if it accepts the input. */
export interface ExpectedResult {
  readonly values?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, CaseFile>>;
}

/** The stage that rejects the input, and the error codes, any of which is correct. */
export interface ExpectedRejection {
  readonly stage: string;
  readonly reasons: readonly string[];
}

export type Expectation =
  | ({
      readonly outcome: 'accept';
      /**
       * The certificate, if signatures in the manifest or the disk image differ from one signing to the next
       * (SEAL-040): any valid ones are correct, and what depends on them differs as well.
       */
      readonly signedBy?: CasePath;
    } & ExpectedResult)
  | ({ readonly outcome: 'reject' } & ExpectedRejection)
  | {
      readonly outcome: 'either';
      readonly because: string;
      readonly ifAccept: ExpectedResult;
      readonly ifReject: ExpectedRejection;
    };

export interface Provenance {
  /** The file with the recipe of the case, relative to the repository. */
  readonly recipe: string;
  /**
   * Programs that computed the same result, or reject the input too, with their versions, such as `mkcomposefs 1.0.8`.
   */
  readonly confirmedBy: readonly string[];
  /** Programs that accept an input that has to be rejected; absent if there are none. */
  readonly acceptedBy?: readonly string[];
}

export interface Case {
  /** `<area>/<slug>`. */
  readonly id: string;
  /** A fact in the present tense, at most 70 characters. */
  readonly title: string;
  readonly op: Operation;
  readonly since: string;
  /** The requirements that the case tests, the most important one first. */
  readonly requirements: readonly string[];
  /** Features that an implementation must declare to be tested with this case. */
  readonly needs: readonly string[];
  readonly tags: readonly string[];
  readonly class: CaseClass;
  readonly links: readonly string[];
  readonly input: CaseInput;
  readonly params: Readonly<Record<string, string>>;
  readonly expect: Expectation;
  /** For a case that expects a rejection: the most similar case that expects acceptance. */
  readonly control: string | null;
  readonly provenance: Provenance;
}

/** The result expected if the input is accepted; undefined if the input must be rejected. */
export function expectedResult({ expect }: Pick<Case, 'expect'>): ExpectedResult | undefined {
  switch (expect.outcome) {
    case 'accept':
      return expect;
    case 'either':
      return expect.ifAccept;
    case 'reject':
      return undefined;
  }
}

/** The rejection that is correct; undefined if the input must be accepted. */
export function expectedRejection({ expect }: Pick<Case, 'expect'>): ExpectedRejection | undefined {
  switch (expect.outcome) {
    case 'accept':
      return undefined;
    case 'either':
      return expect.ifReject;
    case 'reject':
      return expect;
  }
}
