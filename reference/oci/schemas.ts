/**
 * The documents of an image, each with its schema. Unknown members are allowed, as OCI demands.
 * @module
 */

import { Ajv, type ErrorObject } from 'ajv';
import { ComposefsError, type Location } from '../errors.ts';
import { quoted } from './json.ts';

export interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
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
 * An object with these members. A member that a reader which ignores case would take for one of them is not
 * allowed (LAYER-005); JSON readers that do fold U+017F to `s` and U+212A to `k` as well.
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

// LAYER-006: a document that could be taken for the other kind is neither.
/** `index.json`, and an index or manifest list blob. */
export const index = ajv.compile<ImageIndex>(
  object(
    { schemaVersion: { const: 2 }, manifests: { type: 'array', items: descriptor } },
    { mediaType: string, config: false, layers: false },
  ),
);

/** A manifest blob. */
export const manifest = ajv.compile<ImageManifest>(
  object(
    { schemaVersion: { const: 2 }, config: descriptor, layers: { type: 'array', items: descriptor } },
    { mediaType: string, manifests: false },
  ),
);

/** A manifest blob, with what sealing looks at (VERIFY-014). */
export interface AnnotatedManifest extends ImageManifest {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** A manifest blob whose annotations matter. */
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

/** A config blob. */
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

/** `value`, which the schema allows; refused with IMAGE_SCHEMA otherwise. */
export function validated<T>(schema: Schema<T>, value: unknown, location: Location): T {
  if (schema(value)) return value;
  const error = schema.errors?.at(-1);
  throw new ComposefsError(
    'IMAGE_SCHEMA',
    error === undefined ? 'it is not allowed' : sentence(error),
    location,
  );
}

function sentence({ instancePath, keyword, params, message = 'is not allowed' }: ErrorObject): string {
  const where = instancePath === '' ? 'the document' : instancePath;
  switch (keyword) {
    case 'propertyNames':
      return `${where} has a member ${quoted(String(params['propertyName']))}, a known name in another case`;
    case 'const':
      return `${where} is not ${JSON.stringify(params['allowedValue'])}`;
    case 'false schema':
      return `${where} is no member of this kind of document`;
    default:
      return `${where} ${message}`;
  }
}
