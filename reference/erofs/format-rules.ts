/**
 * The formats of an image, and the rules in which they differ (spec/erofs.md, "Formats"). `v1` is the format of the
 * standard. `v0` has fewer whiteout markers, and `v2` is the former layout of composefs-rs.
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
  /** Whether the requirements of `v2` apply; `v0` and `v1` have the same layout. */
  readonly isV2: boolean;
  /** Attributes of a directory with escaped whiteouts; undefined if the format does not escape whiteouts. */
  readonly whiteoutParentMarkers: Markers | undefined;
  /** Maximum size of an inline file. */
  readonly content: number;
  /** Maximum length of the target of a symbolic link. */
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

/** The rules of the format with this composefs version in its header; undefined if there is no such format. */
export function rulesOfVersion(composefsVersion: number): FormatRules | undefined {
  return Object.values(formatRules).find(rules => rules.composefsVersion === composefsVersion);
}
