/**
 * A recipe generates one case: its `case.json` and its files. Recipes are deterministic, and their builders share no
 * code with the readers that the inputs test.
 * @module
 */

import type { Case, ExpectedResult } from '../suite/case.ts';

/** A case as its recipe returns it. Members that are left out have the defaults below. */
export interface Draft {
  readonly title: string;
  readonly op: Case['op'];
  readonly requirements: readonly string[];
  /** Default: none. */
  readonly needs?: readonly string[];
  /** Default: none. */
  readonly tags?: readonly string[];
  /** Default: BASIC for a case that accepts, MALFORMED for one that rejects. */
  readonly class?: Case['class'];
  /** Default: none. */
  readonly links?: readonly string[];
  readonly input: Case['input'];
  readonly params: Case['params'];
  readonly expect: Case['expect'];
  /** Default: none. */
  readonly control?: string;
  /** Witnesses in addition to `reference`, which confirms every case. Default: none. */
  readonly confirmedBy?: readonly string[];
  /** Path below the folder of the case (`in/…`, `expect/…`) to content. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

export interface Recipe {
  /** `<area>/<slug>`: lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly make: () => Draft | Promise<Draft>;
}

/** Why and how an implementation may reject an input that another one accepts. */
export interface MayReject {
  /** A sentence. */
  readonly because: string;
  /** The only error code that the standard allows for it. */
  readonly code: string;
}

/** The expectation for an input that is read correctly or rejected with one error code. */
export function either({ because, code }: MayReject, ifAccept: ExpectedResult): Case['expect'] {
  return { outcome: 'either', because, ifAccept, ifReject: { stage: stageOf(code), reasons: [code] } };
}

/** The stage of an error code, which is its first word. */
export function stageOf(code: string): string {
  return code.slice(0, code.indexOf('_')).toLowerCase();
}

/** DUMP-044: a parser is required to accept only short content. */
export const longContent: MayReject = {
  because: 'A parser is required to accept only up to 512 bytes of content.',
  code: 'DUMPFILE_CONTENT',
};
