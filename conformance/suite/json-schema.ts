/**
 * JSON Schemas of the package as validators.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { packageRoot } from './package-root.ts';

/** What a value has against a schema, one sentence; undefined where it has nothing. */
export type Check = (value: unknown) => string | undefined;

/**
 * A check by the schema file at `path` (from the top of the package), or by the one of its `$defs` that
 * `definition` names.
 */
export function schemaCheck(path: string, definition?: string): Check {
  const schema = JSON.parse(readFileSync(join(packageRoot, path), 'utf8')) as { readonly $id: string };
  const ajv = new Ajv2020({ discriminator: true, strictTypes: false, strictTuples: false });
  ajv.addSchema(schema);
  const validate = ajv.getSchema(
    definition === undefined ? schema.$id : `${schema.$id}#/$defs/${definition}`,
  );
  if (validate === undefined) throw new Error(`${path} has no definition ${definition}`);
  return value => (validate(value) === true ? undefined : sentence(validate.errors ?? []));
}

/** The first complaint: the deepest, since an outer one ("matches no branch") says less. */
export function sentence(errors: readonly ErrorObject[]): string {
  const deepest = [...errors].sort((a, b) => depth(b) - depth(a))[0];
  if (deepest === undefined) return 'it does not satisfy the schema';
  const { instancePath, message = 'is wrong', params } = deepest;
  const extra: unknown = params['additionalProperty'] ?? params['tagValue'];
  const named = extra === undefined ? '' : ` (${JSON.stringify(extra)})`;
  const allowed: unknown = params['allowedValue'] ?? params['allowedValues'];
  const values = allowed === undefined ? '' : ` ${JSON.stringify(allowed)}`;
  return `${instancePath === '' ? 'the message' : instancePath} ${message}${values}${named}`;
}

function depth({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length;
}
