// Runs the cases of fsverity.digest from the package with the vectors.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { folder } from 'composefs-oci-vectors';

const algorithms = { 'fsverity-sha256-12': ['sha256', 1], 'fsverity-sha512-12': ['sha512', 2] };
const features = ['digest.sha256-12', 'digest.sha512-12'];

const hash = (name, data) => createHash(name).update(data).digest();

/** The implementation: spec/fsverity.md. */
function digest(name, number, data) {
  let root = Buffer.alloc(0);
  for (let level = data; level.length > 0; level = root) {
    const hashes = [];
    for (let at = 0; at < level.length; at += 4096) {
      const block = Buffer.alloc(4096);
      level.copy(block, 0, at, at + 4096);
      hashes.push(hash(name, block));
    }
    root = Buffer.concat(hashes);
    if (hashes.length === 1) break;
  }
  const descriptor = Buffer.alloc(256);
  descriptor.set([1, number, 12]);
  descriptor.writeBigUInt64LE(BigInt(data.length), 8);
  root.copy(descriptor, 16);
  return hash(name, descriptor).toString('hex');
}

function read(test) {
  const source = test.input.data;
  if (typeof source === 'string') return readFileSync(new URL(`cases/${test.id}/${source}`, folder));
  return Buffer.alloc(source.generate.size, source.generate.patternHex, 'hex');
}

function passes({ expect, params, ...test }) {
  const algorithm = algorithms[params.algorithm];
  if (algorithm === undefined)
    return expect.outcome === 'reject' && expect.reasons[0] === 'REQUEST_ALGORITHM';
  return digest(...algorithm, read(test)) === expect.values?.digest;
}

let passed = 0;
let failed = 0;
let leftOut = 0;
for (const test of JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')).cases) {
  if (test.op !== 'fsverity.digest') continue;
  if (!test.needs.every(need => features.includes(need))) leftOut++;
  else if (passes(test)) passed++;
  else {
    failed++;
    console.log('FAIL', test.id, '-', test.title);
  }
}
console.log(`${passed} passed, ${failed} failed, ${leftOut} left out`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
