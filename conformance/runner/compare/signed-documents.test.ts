import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatted, signatureOf, testKeys } from '../../generate/builder/test-keys.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, readExpected, readSuite } from '../../suite/read-suite.ts';
import { readAnswerFile } from './answer-file.ts';
import { judgeAnswer } from './judge-answer.ts';

const outDir = realpathSync(mkdtempSync(join(tmpdir(), 'signed-')));
afterAll(() => rmSync(outDir, { recursive: true }));
const readAnswer = (path: string, most: number) => readAnswerFile(outDir, path, most);

const suite = readSuite(join(packageRoot, 'vectors'));
const algorithms = { sha256: testKeys.p256, sha512: testKeys.p384 } as const;
type Hash = keyof typeof algorithms;

/** Makes a signature in the form of SEAL-039. */
type Signer = (digest: string, hash: Hash) => Buffer;

/** A sealer that makes its signature values with `value`. */
function signer(value: (message: Buffer, hash: Hash, key: KeyObject) => Buffer): Signer {
  return (digest, hash) => {
    const key = algorithms[hash];
    return signatureOf(digest, key, { value: () => value(formatted(digest), hash, key.privateKey) });
  };
}

/** A right sealer. Node.js signs with a random nonce. */
const right = signer((message, hash, key) => sign(hash, message, key));

/** The answer to the case of `hash`, with signatures made by `make`, and what is changed afterwards. */
async function judged(hash: Hash, make: Signer, change: { index?: true } = {}) {
  const id = hash === 'sha256' ? 'seal/signed-ecdsa' : 'seal/signed-ecdsa-sha512';
  const test = suite.cases.find(each => each.id === id);
  if (test === undefined) throw new Error(`no case ${id}`);
  const expected = (name: string) => readFileSync(join(caseFolder(suite, test), `expect/${name}`), 'latin1');
  const before = expected('manifest.json');
  const manifest = before.replace(
    /:"([0-9a-f]+)","([^"]+\.sig)":"[^"]*"/g,
    (_, digest: string, name: string) => `:"${digest}","${name}":"${make(digest, hash).toString('base64')}"`,
  );
  const digestOf = (text: string) => `sha256:${createHash('sha256').update(text, 'latin1').digest('hex')}`;
  const index = expected('index.json')
    .replace(digestOf(before), digestOf(manifest))
    .replace(`"size":${before.length}`, `"size":${manifest.length}`);
  writeFileSync(join(outDir, 'manifest'), manifest, 'latin1');
  writeFileSync(join(outDir, 'index'), change.index ? expected('index.json') : index, 'latin1');
  return judgeAnswer({
    test,
    answer: {
      type: 'done',
      id: '1',
      status: 'ok',
      values: { manifest: digestOf(manifest), leftOut: 'none' },
      files: { manifest: 'manifest', index: 'index' },
    },
    readAnswer,
    readExpected: path => readExpected(suite, test, path),
  });
}

const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const notOfThisDigest = 'is not one of this digest by the certificate of the request';
const notInForm = 'does not have the form of SEAL-039';

/** Sealers that violate SEAL-039 or SEAL-040, and what is reported. */
const wrong: readonly (readonly [name: string, problem: string, make: Signer])[] = [
  [
    'r and s without DER',
    notOfThisDigest,
    signer((message, hash, key) => sign(hash, message, { key, dsaEncoding: 'ieee-p1363' })),
  ],
  [
    'the digest itself',
    notOfThisDigest,
    signer((message, hash, key) => sign(hash, message.subarray(12), key)),
  ],
  [
    'the digest in hexadecimal',
    notOfThisDigest,
    signer((message, hash, key) => sign(hash, Buffer.from(message.subarray(12).toString('hex')), key)),
  ],
  [
    'a different digest',
    notOfThisDigest,
    signer((message, hash, key) => sign(hash, Buffer.from(message).fill(1, 12), key)),
  ],
  [
    'the other hash function',
    notOfThisDigest,
    signer((message, hash, key) => sign(hash === 'sha256' ? 'sha512' : 'sha256', message, key)),
  ],
  ['a different key', notOfThisDigest, signer((message, hash) => sign(hash, message, another))],
  ['no value', notOfThisDigest, signer(() => Buffer.alloc(0))],
  [
    'attributes',
    notInForm,
    (digest, hash) => signatureOf(digest, algorithms[hash], { attributes: Buffer.from('a100', 'hex') }),
  ],
  [
    'a different signature algorithm',
    notInForm,
    (digest, hash) => signatureOf(digest, algorithms[hash], { algorithm: '1.2.840.10045.4.3.3' }),
  ],
  ['two signers', notInForm, (digest, hash) => signatureOf(digest, algorithms[hash], { signers: 2 })],
  ['a byte after it', notInForm, (digest, hash) => Buffer.concat([right(digest, hash), Buffer.alloc(1)])],
  ['nothing', notInForm, () => Buffer.alloc(0)],
  ['nested values only', notInForm, () => Buffer.alloc(16_000, Buffer.from('3080', 'hex'))],
];

describe.each(['sha256', 'sha512'] as const)('ECDSA signatures with %s', hash => {
  it('pass if they are valid, and differ every time', async () => {
    expect(right('00'.repeat(32), hash)).not.toEqual(right('00'.repeat(32), hash));
    expect(await judged(hash, right)).toEqual({ status: 'pass' });
    expect(await judged(hash, (digest, name) => signatureOf(digest, algorithms[name]))).toEqual({
      status: 'pass',
    });
  });

  it.each(wrong)('fail: %s', async (_, problem, make) => {
    expect(await judged(hash, make)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining(problem),
    });
  });

  it('fail if index.json has the digest or the size of a different manifest', async () => {
    expect(await judged(hash, right, { index: true })).toMatchObject({
      status: 'fail',
      message: expect.stringMatching(/^index/),
    });
  });
});
