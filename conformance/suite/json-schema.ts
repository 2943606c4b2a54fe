/**
 * Validators made from the JSON Schemas of the package.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { packageRoot } from './package-root.ts';

/** Returns why a value does not satisfy a schema, in one sentence; undefined if it does. */
export type SchemaCheck = (value: unknown) => string | undefined;

/**
 * A check against the schema file at `path`, relative to the package, or against the entry of its `$defs` called
 * `definition`.
 */
export function schemaCheck(path: string, definition?: string): SchemaCheck {
  const schema = JSON.parse(readFileSync(join(packageRoot, path), 'utf8')) as { readonly $id: string };
  const ajv = new Ajv2020({ discriminator: true, strictTypes: false, strictTuples: false });
  ajv.addSchema(schema);
  const validate = ajv.getSchema(
    definition === undefined ? schema.$id : `${schema.$id}#/$defs/${definition}`,
  );
  if (validate === undefined) throw new Error(`${path} has no definition ${definition}`);
  return value => (validate(value) === true ? undefined : schemaErrorText(validate.errors ?? []));
}

/** The deepest error as a sentence: outer errors, such as "must match a schema in oneOf", say less. */
export function schemaErrorText(errors: readonly ErrorObject[]): string {
  const deepest = [...errors].sort((a, b) => depth(b) - depth(a))[0];
  if (deepest === undefined) return 'the JSON document does not satisfy its schema';
  const { instancePath, message = 'is wrong', params } = deepest;
  const extra: unknown = params['additionalProperty'] ?? params['tagValue'];
  const named = extra === undefined ? '' : ` (${JSON.stringify(extra)})`;
  const allowed: unknown = params['allowedValue'] ?? params['allowedValues'];
  const values = allowed === undefined ? '' : ` ${JSON.stringify(allowed)}`;
  return `${instancePath === '' ? 'the JSON document' : instancePath} ${message}${values}${named}`;
}

function depth({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length;
}
