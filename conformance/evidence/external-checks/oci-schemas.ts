/**
 * The JSON Schemas of the OCI image specification as validators.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type SchemaCheck, schemaErrorText } from '../../suite/json-schema.ts';
import { packageRoot } from '../../suite/package-root.ts';

const folder = 'conformance/schema/image-spec';

const files = {
  config: 'config-schema.json',
  descriptor: 'content-descriptor.json',
  index: 'image-index-schema.json',
  layout: 'image-layout-schema.json',
  manifest: 'image-manifest-schema.json',
} as const;

/** The documents that the specification has a schema for; `layout` is the file `oci-layout`. */
export type Document = keyof typeof files;

/** A check that a JSON value is a valid document of this kind. */
export function imageSpecCheck(document: Document): SchemaCheck {
  // `format` and `media` are not validated: they describe dates, URLs and base64, which sealing does not write.
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const name of readdirSync(join(packageRoot, folder)).filter(file => file.endsWith('.json'))) {
    const schema: unknown = JSON.parse(readFileSync(join(packageRoot, folder, name), 'utf8'));
    ajv.addSchema({ ...(withoutNames(schema) as object), $id: name });
  }
  const validate = ajv.getSchema(files[document]);
  if (validate === undefined) throw new Error(`the schema ${files[document]} is missing`);
  return value => (validate(value) === true ? undefined : schemaErrorText(validate.errors ?? []));
}

/**
 * A schema without `id` and `$schema`. The files refer to each other by file name, which their ids would override. Only
 * these members make them draft 4: every keyword that they use means the same in 2020-12.
 */
function withoutNames(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNames);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(
    ([name, value]) => typeof value !== 'string' || !['id', '$schema'].includes(name),
  );
  return Object.fromEntries(members.map(([name, value]) => [name, withoutNames(value)]));
}
