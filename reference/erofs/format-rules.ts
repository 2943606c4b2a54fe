/**
 * The formats of an image, and where they differ. `v1` is the one of the standard; `v0` differs in two marks, and
 * `v2` is the layout of composefs-rs before it took over the others (spec/erofs.md, "Format v0", "Format v2").
 * @module
 */

import { ascii, type ByteString } from '../bytes.ts';
import { limits } from './limits.ts';

/** Formats of an image. */
export const erofsFormats = ['v0', 'v1', 'v2'] as const;

export type ErofsFormat = (typeof erofsFormats)[number];

type Markers = ReadonlyMap<ByteString, ByteString>;

/** What depends on the format. */
export interface FormatRules {
  /** In the composefs header. */
  readonly composefsVersion: number;
  /** The layout of `v2`; `v0` and `v1` have the other one. */
  readonly isV2: boolean;
  /** What the directory of an escaped whiteout carries; undefined where whiteouts are not escaped. */
  readonly whiteoutParentMarkers: Markers | undefined;
  /** Most bytes of an inline file. */
  readonly content: number;
  /** Most bytes of the target of a symlink. */
  readonly target: number;
}

const EMPTY = ascii('');

/** EROFS-081 */
const v0Markers: Markers = new Map([
  [ascii('trusted.overlay.overlay.whiteouts'), EMPTY],
  [ascii('user.overlay.whiteouts'), EMPTY],
]);

/** EROFS-010 */
const v1Markers: Markers = new Map([
  ...v0Markers,
  [ascii('trusted.overlay.overlay.opaque'), ascii('x')],
  [ascii('user.overlay.opaque'), ascii('x')],
]);

const current = { isV2: false, content: limits.content, target: limits.target } as const;

/** The rules of each format. */
export const formatRules: Readonly<Record<ErofsFormat, FormatRules>> = {
  v0: { ...current, composefsVersion: 0, whiteoutParentMarkers: v0Markers },
  v1: { ...current, composefsVersion: 1, whiteoutParentMarkers: v1Markers },
  // EROFS-083
  v2: { composefsVersion: 2, isV2: true, whiteoutParentMarkers: undefined, content: 512, target: 1024 },
};

/** The rules of the format that the composefs header says, or undefined where it says none. */
export function rulesOfVersion(composefsVersion: number): FormatRules | undefined {
  return Object.values(formatRules).find(rules => rules.composefsVersion === composefsVersion);
}
