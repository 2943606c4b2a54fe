/**
 * What cosign and `composefs-oci verify` notice, as one run has recorded it.
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import type { Combination } from './combinations.ts';

/** What each program says: cosign accepts or rejects, `verify` accepts or gives an error code. */
export interface Verdicts {
  readonly cosign: 'accepts' | 'rejects';
  readonly verify: string;
}

/** A changed manifest that is stored under its new digest. */
export const NEW_DIGEST = 'manifest with a new digest';

/** Instead of a change: cosign signed the image before it was sealed. */
export const SIGNED_BEFORE = 'signed before sealing';

/** The verdicts for each change of an image that is sealed in one mode, by what is changed. */
export type Coverage = Readonly<Record<string, Verdicts>>;

/** The coverage in each mode, and the version of cosign. */
export interface RecordedCoverage extends Readonly<Record<Combination['mode'], Coverage>> {
  readonly cosign: string;
}

const path = join(packageRoot, 'conformance/evidence/round-trips/cosign-coverage.json');

/** The record. */
export function recordedCoverage(): RecordedCoverage {
  return JSON.parse(readFileSync(path, 'utf8')) as RecordedCoverage;
}

/** Replaces the record of one mode. */
export function recordCoverage(mode: Combination['mode'], coverage: Coverage, cosign: string): void {
  const record = { ...recordedCoverage(), cosign, [mode]: coverage };
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
}
