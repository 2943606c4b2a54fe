/**
 * The documents of an image and their schemas. Unknown members are allowed, as the OCI image specification requires.
 * @module
 */

import { Ajv } from 'ajv';
import { ComposefsError, type Location } from '../errors.ts';
import { quoted, shown } from './json.ts';

export interface Platform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
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

/** `manifest.json` of an archive that `docker save` writes: one member for each image. */
export type DockerArchiveManifest = readonly {
  /** The name of the file with the config. */
  readonly Config: string;
  readonly RepoTags?: readonly string[];
  /** The names of the files with the layers, the base layer first. */
  readonly Layers: readonly string[];
}[];

/** The part of JSON Schema that describes a value in a document. */
interface Shape {
  readonly type: string;
  readonly properties?: Readonly<Record<string, Shape | typeof forbidden | Constant>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
}
interface Constant {
  readonly const: unknown;
}

const string: Shape = { type: 'string' };
const strings: Shape = { type: 'array', items: string };
/** A member that an object must not have. */
const forbidden = false as const;

type Members = NonNullable<Shape['properties']>;

/**
 * The shape of an object with these members. A member whose name differs from one of theirs only in case is not
 * allowed, because some JSON parsers ignore case (LAYER-005). These fold U+017F to `s`, too.
 */
function object(required: Members, optional: Members = {}): Shape {
  const properties = { ...required, ...optional };
  const names = Object.keys(properties);
  const anyCase = names.map(name => name.replaceAll('.', '\\.').replace(/[a-z]/gi, caseClass)).join('|');
  return {
    type: 'object',
    required: Object.keys(required),
    properties,
    ...{ propertyNames: { anyOf: [{ enum: names }, { not: { pattern: `^(?:${anyCase})$` } }] } },
  };
}

function caseClass(letter: string): string {
  const lower = letter.toLowerCase();
  return `[${lower}${lower.toUpperCase()}${lower === 's' ? '\u017f' : ''}]`;
}

const annotations = { type: 'object', additionalProperties: string };

const platformMembers = {
  os: string,
  architecture: string,
  variant: string,
  'os.version': string,
  'os.features': strings,
};

const digestAndSize = {
  digest: string,
  size: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
};
const optionalOfDescriptor = { annotations, artifactType: string, platform: object({}, platformMembers) };

const descriptor = object({ mediaType: string, ...digestAndSize }, optionalOfDescriptor);
// LAYER-112: whether the media type of a config can be absent depends on the manifest.
const configDescriptor = object(digestAndSize, { mediaType: string, ...optionalOfDescriptor });
const descriptors: Shape = { type: 'array', items: descriptor };

// A test validates the schemas; doing that in each process would take more time than compiling them.
const ajv = new Ajv({ strict: true, allowUnionTypes: false, validateSchema: false });

/** A violation of a schema. */
interface Violation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Whether a document has type `T`. The library has no types of other packages, so that its users need none. */
interface Validator<T> {
  (document: unknown): document is T;
  /** Why the last document has not. */
  readonly errors?: readonly Violation[] | null;
}

/** A schema of documents of type `T`. */
export interface Schema<T> {
  readonly shape: Shape;
  readonly isValid: Validator<T>;
}

function compile<T>(shape: Shape): Schema<T> {
  let validator: Validator<T> | undefined;
  return {
    shape,
    // Compiled when it is first used: no command uses all schemas, and most use none.
    get isValid(): Validator<T> {
      validator ??= ajv.compile<T>(shape);
      return validator;
    },
  };
}

/** `oci-layout`. */
export const ociLayoutFile = compile<OciLayoutFile>(object({ imageLayoutVersion: string }));

// LAYER-006: a document that could be read as an index or as a manifest is neither.
/** `index.json`, and the blob of an index or manifest list. */
export const index = compile<ImageIndex>(
  object(
    { schemaVersion: { const: 2 }, manifests: descriptors },
    { mediaType: string, config: forbidden, layers: forbidden },
  ),
);

const requiredOfManifest = { schemaVersion: { const: 2 }, config: configDescriptor, layers: descriptors };
const optionalOfManifest = { mediaType: string, manifests: forbidden };

/** The blob of a manifest. {@link parseManifest} checks what depends on its descriptor. */
export const manifest = compile<ImageManifest>(object(requiredOfManifest, optionalOfManifest));

/** A manifest with the members that sealing reads (VERIFY-014). */
export interface AnnotatedManifest extends ImageManifest {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** The blob of a manifest, including the members that sealing reads (VERIFY-014). */
export const annotatedManifest = compile<AnnotatedManifest>(
  object(requiredOfManifest, {
    ...optionalOfManifest,
    annotations,
    artifactType: string,
    subject: descriptor,
  }),
);

/** The blob of a config. */
export const config = compile<ImageConfig>(
  object({ rootfs: object({ type: { const: 'layers' }, diff_ids: strings }) }, platformMembers),
);

export const dockerArchiveManifest = compile<DockerArchiveManifest>({
  type: 'array',
  items: object({ Config: string, Layers: strings }, { RepoTags: strings }),
});

/**
 * `value` with each `null` for what a Go program without a value writes as `null` (LAYER-110): a list that is `null`
 * is empty, and any other member that is `null` is absent.
 */
function withoutNulls(shape: Shape, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = shape;
    return items === undefined ? value : value.map(each => withoutNulls(items, each));
  }
  const { properties = {} } = shape;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, each]) => {
    const member = shapeIn(properties, name);
    if (member === undefined) return [[name, each]];
    if (each !== null) return [[name, withoutNulls(member, each)]];
    return member.type === 'array' ? [[name, []]] : [];
  });
  return Object.fromEntries(members);
}

/** The shape of a member, unless it is unknown, forbidden or a constant. */
function shapeIn(properties: Members, name: string): Shape | undefined {
  const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return member === undefined || member === forbidden || 'const' in member ? undefined : member;
}

/** Whether a document that matches `schema` has a `null` that is taken as empty or absent (LAYER-110). */
export function hasNulls<T>({ shape }: Schema<T>, value: unknown): boolean {
  return hasNullsIn(shape, value);
}

function hasNullsIn({ items, properties = {} }: Shape, value: unknown): boolean {
  if (Array.isArray(value)) return items !== undefined && value.some(each => hasNullsIn(items, each));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, each]) => {
    const member = shapeIn(properties, name);
    return member !== undefined && (each === null || hasNullsIn(member, each));
  });
}

/** `value` as a document of `schema`, or a rejection with IMAGE_SCHEMA. */
export function validated<T>(schema: Schema<T>, value: unknown, location: Location): T {
  const { shape, isValid } = schema;
  const document = withoutNulls(shape, value);
  if (isValid(document)) return document;
  const error = isValid.errors?.at(-1);
  throw new ComposefsError(
    'IMAGE_SCHEMA',
    error === undefined ? 'the document does not match its schema' : describe(error),
    location,
  );
}

function describe({ instancePath, keyword, params, message = 'is not allowed' }: Violation): string {
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
