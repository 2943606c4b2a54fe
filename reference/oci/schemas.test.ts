import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import * as schemas from './schemas.ts';

const shapes = Object.entries(schemas).flatMap(([name, value]) =>
  'shape' in value ? [[name, value.shape] as const] : [],
);

test.each(shapes)('%s is a valid schema', (_, shape) => {
  const ajv = new Ajv();
  expect(ajv.validateSchema(shape) || ajv.errors).toBe(true);
  expect(ajv.validateSchema({ ...shape, required: 'name' })).toBe(false);
});
