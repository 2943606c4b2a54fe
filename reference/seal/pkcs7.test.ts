import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatted, signatureOf, testKeys } from '../../conformance/generate/builder/test-keys.ts';
import { trees } from '../../conformance/generate/recipes/image/parts.ts';
import { programPath } from '../../conformance/implementations/install/paths.ts';
import { example } from '../../spec/tool/example.ts';
import { hex } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { isSignedBy, readCertificates, readSigner, sign } from './node/signing.ts';
import { decodeSignature, encodeSignature } from './pkcs7.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pkcs7-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const encoder = new TextEncoder();
const path = (name: string) => join(directory, name);
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(path(name), content);
  return path(name);
};
const has = (tool: string) => spawnSync(tool, ['--help']).error === undefined;

const signers = ['rsa', 'p256', 'p384'] as const;
const digests = [
  ['fsverity-sha256-12', trees.hello.sha256],
  ['fsverity-sha512-12', trees.hello.sha512],
] as const;
const cases = signers.flatMap(name => digests.map(([algorithm, digest]) => ({ name, algorithm, digest })));

const signer = (name: keyof typeof testKeys) =>
  readSigner(encoder.encode(testKeys[name].key), encoder.encode(testKeys[name].certificate), {});
const certificates = (name: keyof typeof testKeys) =>
  readCertificates(encoder.encode(testKeys[name].certificate), {});

describe.each(cases)('a signature by $name with $algorithm', ({ name, algorithm, digest }) => {
  const signature = sign(digest, algorithm, signer(name));

  test('verifies with its certificate', () => {
    expect(isSignedBy(signature, digest, algorithm, certificates(name), {})).toBe(true);
    expect(isSignedBy(signature, digest, algorithm, certificates('otherRsa'), {})).toBe(false);
  });

  test('verifies if the generator of the vectors made it', () => {
    const other = signatureOf(digest, testKeys[name]);
    if (name === 'rsa') expect(Buffer.from(signature).equals(other)).toBe(true);
    expect(isSignedBy(other, digest, algorithm, certificates(name), {})).toBe(true);
  });

  test.skipIf(!has('openssl'))('verifies with openssl, as CMS and as S/MIME', () => {
    const common = ['-verify', '-binary', '-noverify', '-nointern', '-inform', 'DER'];
    const files = [
      ['-in', put('signature', signature)],
      ['-content', put('content', formatted(digest))],
      ['-certfile', put('certificate.pem', testKeys[name].certificate)],
      ['-out', path('out')],
    ].flat();
    for (const command of name === 'rsa' ? ['cms', 'smime'] : ['cms']) {
      const { status, stderr } = spawnSync('openssl', [command, ...common, ...files], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, expect.stringContaining('successful')]);
    }
    const wrong = put('content', formatted(digest.replace(/^./, '0')));
    expect(spawnSync('openssl', ['cms', ...common, ...files]).status, wrong).not.toBe(0);
  });
});

test.skipIf(!has('openssl'))('openssl creates the same RSA signature', () => {
  const content = put('content', formatted(trees.hello.sha256));
  const key = put('key.pem', testKeys.rsa.key);
  const certificate = put('certificate.pem', testKeys.rsa.certificate);
  const flags = ['-binary', '-noattr', '-nocerts', '-md', 'sha256', '-outform', 'DER'];
  const args = ['smime', '-sign', ...flags, '-in', content, '-inkey', key, '-signer', certificate];
  expect(spawnSync('openssl', [...args, '-out', path('signature')]).status).toBe(0);
  const signature = sign(trees.hello.sha256, 'fsverity-sha256-12', signer('rsa'));
  expect(readFileSync(path('signature')).equals(signature)).toBe(true);
});

/** The fsverity program that `npm run peers` installed, or the one of the system. */
const fsverity = programPath('fsverity') ?? 'fsverity';

test.skipIf(!has(fsverity)).each(['sha256', 'sha512'] as const)(
  'fsverity sign creates the same signature with %s',
  hash => {
    const file = put('file', 'x'.repeat(5000));
    const key = put('key.pem', testKeys.rsa.key);
    const certificate = put('certificate.pem', testKeys.rsa.certificate);
    const args = [
      'sign',
      file,
      path('signature'),
      `--key=${key}`,
      `--cert=${certificate}`,
      `--hash-alg=${hash}`,
    ];
    expect(spawnSync(fsverity, args).status).toBe(0);
    const algorithm = `fsverity-${hash}-12` as const;
    const digest = hex(fsverityDigest(readFileSync(file), algorithm));
    expect(readFileSync(path('signature')).equals(sign(digest, algorithm, signer('rsa')))).toBe(true);
  },
);

test('a signature has the frame in the specification', () => {
  const parts = {
    issuer: Buffer.from('3000', 'hex'),
    serial: Buffer.from('020105', 'hex'),
    hash: 'sha256',
    kind: 'rsa',
    signature: Buffer.from('ff', 'hex'),
  } as const;
  const names: Record<string, string> = {
    '02': 'INTEGER',
    '04': 'OCTET STRING',
    '05': 'NULL',
    '06': 'OBJECT IDENTIFIER',
    '30': 'SEQUENCE',
    '31': 'SET',
    a0: '[0]',
  };
  const lines: string[] = [];
  const list = (der: Buffer, depth: number) => {
    for (let at = 0; at < der.length; ) {
      const [tag = 0, size = 0] = der.subarray(at);
      const content = der.subarray(at + 2, at + 2 + size);
      lines.push(`${' '.repeat(depth * 2)}${names[tag.toString(16).padStart(2, '0')]}`);
      if ((tag & 0x20) !== 0) list(content, depth + 1);
      at += 2 + size;
    }
  };
  list(Buffer.from(encodeSignature(parts)), 0);
  // The specification describes the repeated hash function and the last algorithm in words, without their content.
  const shown = example('pkcs7')
    .split('\n')
    .map(
      line =>
        /^( *(?:SEQUENCE|SET|INTEGER|NULL|OBJECT IDENTIFIER|OCTET STRING|\[0\])(?= |$))/.exec(line)?.[1] ??
        '',
    )
    .filter(line => line !== '');
  const words = ['            OBJECT IDENTIFIER', '            NULL'];
  const without = lines.filter(
    (line, i) => !(i > shown.indexOf('          INTEGER') && words.includes(line)),
  );
  expect(without).toEqual(
    shown.filter((line, i) => !(i > shown.lastIndexOf('      SET') && words.includes(line))),
  );
});

test('a damaged signature is rejected with an error code', () => {
  const right = signatureOf(trees.hello.sha256, testKeys.rsa);
  const trusted = certificates('rsa');
  for (let at = 0; at < right.length; at++) {
    for (const bit of [1, 0x80]) {
      const broken = Uint8Array.from(right);
      broken[at] = (broken[at] ?? 0) ^ bit;
      const verdict = () => isSignedBy(broken, trees.hello.sha256, 'fsverity-sha256-12', trusted, {});
      try {
        // The signature names a different certificate, which is not trusted.
        expect(verdict()).toBe(false);
      } catch (error) {
        expect(error).toBeInstanceOf(ComposefsError);
      }
    }
  }
  for (let size = 0; size < right.length; size++) {
    expect(() => decodeSignature(right.subarray(0, size), 'sha256', {})).toThrow(ComposefsError);
  }
  expect(() => decodeSignature(new Uint8Array(16_128).fill(0x30), 'sha256', {})).toThrow(ComposefsError);
});
