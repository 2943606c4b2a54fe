import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { sealedCases } from './sealed-documents.ts';

const found = sealedCases(readSuite(join(packageRoot, 'vectors')));
const documentsOf = (id: string) =>
  found
    .find(({ test }) => test.id === id)
    ?.documents.map(({ algorithm, path, signature }) => [
      algorithm,
      /layout\/blobs\/sha256\/[0-9a-f]{64}$/.test(path),
      signature !== undefined,
    ]);

const unsigned = ['fsverity-sha256-12', true, false];
const signed = ['fsverity-sha256-12', true, true];

test.each([
  ['seal/one-layer', [unsigned]],
  ['seal/signed', [signed]],
  ['seal/artifact', [unsigned, unsigned]],
  ['seal/artifact-signed', [signed, signed]],
  ['seal/platforms-signed', [signed, signed]],
  ['seal/artifact-platforms', [unsigned, unsigned, unsigned, unsigned]],
])('finds the documents of %s', (id, documents) => {
  expect(documentsOf(id)).toEqual(documents);
});

test('finds documents in every sealing case', () => {
  expect(found.filter(({ documents }) => documents.length === 0).map(({ test }) => test.id)).toEqual([]);
  expect(found.length).toBeGreaterThan(60);
});
