/**
 * `meta.json`, the description of a store (spec/storage.md, "Description of a store").
 * @module
 */

import { Ajv, type ValidateFunction } from 'ajv';
import type { ErofsFormat } from '../erofs/format-rules.ts';
import { ComposefsError, type Location } from '../errors.ts';
import type { Algorithm } from '../fsverity/algorithm.ts';
import { parseJson, quoted } from '../oci/json.ts';

/** The longest description, in bytes (STORE-081). */
export const META_LIMIT = 65_536;

/** The algorithms that a store can have. */
export const storeAlgorithms = [
  'fsverity-sha256-12',
  'fsverity-sha512-12',
] as const satisfies readonly Algorithm[];
export type StoreAlgorithm = (typeof storeAlgorithms)[number];

/** The feature of a store with images of format `v1`. */
const V1 = 'v1_erofs';

/** What a store says of itself. */
export interface StoreMeta {
  readonly algorithm: StoreAlgorithm;
  /** The format of new images. */
  readonly format: ErofsFormat;
  /** Features in `read-only-compatible` that are unknown here: the store must not be changed. */
  readonly unknownFeatures: readonly string[];
}

interface MetaFile {
  readonly version: 1;
  readonly algorithm: StoreAlgorithm;
  readonly features?: {
    readonly compatible?: readonly string[];
    readonly 'read-only-compatible'?: readonly string[];
    readonly incompatible?: readonly string[];
  };
  readonly erofs_formats?: { readonly default?: 1 | 2 };
}

const strings = { type: 'array', items: { type: 'string' } };
const metaFileSchema = {
  type: 'object',
  required: ['version', 'algorithm'],
  properties: {
    version: { const: 1 },
    algorithm: { enum: storeAlgorithms },
    features: {
      type: 'object',
      properties: { compatible: strings, 'read-only-compatible': strings, incompatible: strings },
    },
    erofs_formats: { type: 'object', properties: { default: { enum: [1, 2] } } },
  },
};

// Compiled when it is first used, because only commands for stores use it.
let isMetaFile: ValidateFunction<MetaFile> | undefined;

/** Reads `meta.json`. Rejects it with STORE_META (STORE-081), or with STORE_FEATURE (STORE-083). */
export function parseMeta(text: Uint8Array, location: Location): StoreMeta {
  const file = metaFile(text, location);
  const [unknown] = file.features?.incompatible ?? [];
  if (unknown !== undefined) {
    const detail = `the store needs the feature ${quoted(unknown)}, which this version does not know`;
    throw new ComposefsError('STORE_FEATURE', detail, location);
  }
  const readOnly = file.features?.['read-only-compatible'] ?? [];
  const number = file.erofs_formats?.default ?? (readOnly.includes(V1) ? 1 : 2);
  return {
    algorithm: file.algorithm,
    format: number === 1 ? 'v1' : 'v2',
    unknownFeatures: readOnly.filter(feature => feature !== V1),
  };
}

function metaFile(text: Uint8Array, location: Location): MetaFile {
  let value: unknown;
  try {
    value = parseJson(text, location);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    throw new ComposefsError('STORE_META', error.detail, location);
  }
  isMetaFile ??= new Ajv({ strict: true }).compile<MetaFile>(metaFileSchema);
  if (isMetaFile(value)) return value;
  const [error] = isMetaFile.errors ?? [];
  const detail = `${error?.instancePath || 'the description'} ${error?.message ?? 'is malformed'}`;
  throw new ComposefsError('STORE_META', detail, location);
}

/** The `meta.json` of a new store (STORE-080). */
export function metaText(algorithm: StoreAlgorithm): string {
  const features = { compatible: [], 'read-only-compatible': [V1], incompatible: [] };
  return `${JSON.stringify({ version: 1, algorithm, features, erofs_formats: { default: 1 } }, undefined, 2)}\n`;
}
