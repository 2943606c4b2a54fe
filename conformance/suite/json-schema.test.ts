import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { schemaCheck, schemaOptions } from './json-schema.ts';
import { packageRoot } from './package-root.ts';

const folders = [
  'conformance/schema',
  'conformance/evidence/real-images',
  'conformance/evidence/round-trips',
  'vectors/schema',
];
const schemas = folders.flatMap(folder =>
  readdirSync(join(packageRoot, folder))
    .filter(name => name.endsWith('.schema.json'))
    .map(name => join(folder, name)),
);

/** What the metaschema of JSON Schema 2020-12 says of a schema. */
function problemsOf(schema: object): unknown {
  const ajv = new Ajv2020(schemaOptions);
  return ajv.validateSchema(schema) ? undefined : ajv.errors;
}

test.each(schemas)('%s is a valid schema', path => {
  const schema = JSON.parse(readFileSync(join(packageRoot, path), 'utf8'));
  expect(problemsOf(schema)).toBeUndefined();
  expect(problemsOf({ ...schema, $defs: { wrong: { required: 'name' } } })).not.toBeUndefined();
});

test('a definition that does not exist is reported when the check is used', () => {
  const check = schemaCheck('conformance/schema/message.schema.json', 'fromNobody');
  expect(() => check({})).toThrow('message.schema.json has no definition fromNobody');
});
