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

/** What the specification has a schema for; `layout` is the file `oci-layout`. */
export type Document = keyof typeof files;

/** A check that a JSON value is such a document. */
export function imageSpecCheck(document: Document): SchemaCheck {
  // Formats and `media` are annotations here: what they are about (dates, URLs, base64) is nothing that sealing writes.
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const name of readdirSync(join(packageRoot, folder)).filter(file => file.endsWith('.json'))) {
    const schema: unknown = JSON.parse(readFileSync(join(packageRoot, folder, name), 'utf8'));
    ajv.addSchema({ ...(withoutNames(schema) as object), $id: name });
  }
  const validate = ajv.getSchema(files[document]);
  if (validate === undefined) throw new Error(`there is no ${files[document]}`);
  return value => (validate(value) === true ? undefined : schemaErrorText(validate.errors ?? []));
}

/**
 * A schema without `id` and `$schema`: the files refer to each other by file name, and their ids, which have no such
 * names, stand in the way. That is all that makes them draft 4; every keyword they have means the same in 2020-12.
 */
function withoutNames(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNames);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(
    ([name, value]) => typeof value !== 'string' || !['id', '$schema'].includes(name),
  );
  return Object.fromEntries(members.map(([name, value]) => [name, withoutNames(value)]));
}
