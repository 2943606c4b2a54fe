/**
 * Validators made from the JSON Schemas of the package.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { packageRoot } from './package-root.ts';

/** Returns why a value does not satisfy a schema, in one sentence; undefined if it does. */
export type SchemaCheck = (value: unknown) => string | undefined;

/**
 * A check against the schema file at `path`, relative to the package, or against the entry of its `$defs` called
 * `definition`. The file is read and compiled when the check is first used, because most commands use few of them.
 */
export function schemaCheck(path: string, definition?: string): SchemaCheck {
  let validate: ValidateFunction | undefined;
  return value => {
    validate ??= compiled(path, definition);
    return validate(value) ? undefined : schemaErrorText(validate.errors ?? []);
  };
}

/** Options for the schemas of the package. */
export const schemaOptions = { discriminator: true, strictTypes: false, strictTuples: false } as const;

function compiled(path: string, definition?: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(join(packageRoot, path), 'utf8')) as { readonly $id: string };
  // What is spared at each start: a test validates the schemas, and optimized code saves less time than it takes to make.
  const ajv = new Ajv2020({ ...schemaOptions, validateSchema: false, code: { optimize: false } });
  ajv.addSchema(schema);
  const validate = ajv.getSchema(
    definition === undefined ? schema.$id : `${schema.$id}#/$defs/${definition}`,
  );
  if (validate === undefined) throw new Error(`${path} has no definition ${definition}`);
  return validate;
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
