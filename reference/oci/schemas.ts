/**
 * The documents of an image and their schemas. Unknown members are allowed, as the OCI image specification requires.
 * @module
 */

import { Ajv, type ErrorObject } from 'ajv';
import { ComposefsError, type Location } from '../errors.ts';
import { quoted, shown } from './json.ts';

export interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Size in bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly platform?: Platform;
}

export interface OciLayoutFile {
  readonly imageLayoutVersion: string;
}

export interface ImageIndex {
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest {
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageConfig extends Platform {
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
}

const string = { type: 'string' };

/**
 * The schema of an object with these members. A member whose name differs from one of theirs only in case is not
 * allowed, because some JSON parsers ignore case (LAYER-005). These fold U+017F to `s` and U+212A to `k`, too.
 */
function object(
  required: Readonly<Record<string, unknown>>,
  optional: Readonly<Record<string, unknown>> = {},
) {
  const properties = { ...required, ...optional };
  const names = Object.keys(properties);
  const anyCase = names.map(name => name.replace(/[a-z]/gi, caseClass)).join('|');
  return {
    type: 'object',
    required: Object.keys(required),
    properties,
    propertyNames: { anyOf: [{ enum: names }, { not: { pattern: `^(?:${anyCase})$` } }] },
  };
}

function caseClass(letter: string): string {
  const lower = letter.toLowerCase();
  const others = lower === 's' ? '\u017f' : lower === 'k' ? '\u212a' : '';
  return `[${lower}${lower.toUpperCase()}${others}]`;
}

const platform = object({}, { os: string, architecture: string, variant: string });

const descriptor = object(
  {
    mediaType: string,
    digest: string,
    size: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  {
    annotations: { type: 'object', additionalProperties: string },
    artifactType: string,
    platform,
  },
);

const ajv = new Ajv({ strict: true, allowUnionTypes: false });

/** `oci-layout`. */
export const ociLayoutFile = ajv.compile<OciLayoutFile>(object({ imageLayoutVersion: string }));

// LAYER-006: a document that could be read as an index or as a manifest is neither.
/** `index.json`, and the blob of an index or manifest list. */
export const index = ajv.compile<ImageIndex>(
  object(
    { schemaVersion: { const: 2 }, manifests: { type: 'array', items: descriptor } },
    { mediaType: string, config: false, layers: false },
  ),
);

/** The blob of a manifest. */
export const manifest = ajv.compile<ImageManifest>(
  object(
    { schemaVersion: { const: 2 }, config: descriptor, layers: { type: 'array', items: descriptor } },
    { mediaType: string, manifests: false },
  ),
);

/** A manifest with the members that sealing reads (VERIFY-014). */
export interface AnnotatedManifest extends ImageManifest {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** The blob of a manifest, including the members that sealing reads (VERIFY-014). */
export const annotatedManifest = ajv.compile<AnnotatedManifest>(
  object(
    { schemaVersion: { const: 2 }, config: descriptor, layers: { type: 'array', items: descriptor } },
    {
      mediaType: string,
      manifests: false,
      annotations: { type: 'object', additionalProperties: string },
      artifactType: string,
      subject: descriptor,
    },
  ),
);

/** The blob of a config. */
export const config = ajv.compile<ImageConfig>(
  object(
    { rootfs: object({ type: { const: 'layers' }, diff_ids: { type: 'array', items: string } }) },
    { os: string, architecture: string, variant: string },
  ),
);

/** A compiled schema. */
export interface Schema<T> {
  (value: unknown): value is T;
  errors?: ErrorObject[] | null;
}

/** `value` as a document of `schema`, or a rejection with IMAGE_SCHEMA. */
export function validated<T>(schema: Schema<T>, value: unknown, location: Location): T {
  if (schema(value)) return value;
  const error = schema.errors?.at(-1);
  throw new ComposefsError(
    'IMAGE_SCHEMA',
    error === undefined ? 'the document does not match its schema' : describe(error),
    location,
  );
}

function describe({ instancePath, keyword, params, message = 'is not allowed' }: ErrorObject): string {
  const where = instancePath === '' ? 'the document' : shown(instancePath);
  switch (keyword) {
    case 'propertyNames':
      return `${where} has a member ${quoted(String(params['propertyName']))}, which differs from a known name only in case`;
    case 'const':
      return `${where} is not ${JSON.stringify(params['allowedValue'])}`;
    case 'false schema':
      return `${where} is not allowed in this kind of document`;
    default:
      return `${where} ${message}`;
  }
}
