/**
 * A recipe makes one case: its `case.json` and its files. Recipes are deterministic, and what they build inputs
 * with shares no code with the readers that the inputs test.
 * @module
 */

import type { Case } from '../suite/case.ts';

/** A case as its recipe returns it: what is left out has the default that stands here. */
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
  /** Who confirmed it besides `reference`, which confirms every case. Default: nobody. */
  readonly confirmedBy?: readonly string[];
  /** Path below the case's directory (`in/…`, `expect/…`) to bytes. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** One case to be made. */
export interface Recipe {
  /** `<area>/<slug>`: lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly make: () => Draft | Promise<Draft>;
}
