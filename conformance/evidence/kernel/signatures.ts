/**
 * Checks of signatures: the kernel trusts a certificate, and enables fs-verity with the signatures that sealing writes.
 * @module
 */

import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { type Algorithm, algorithm } from '../../../reference/fsverity/algorithm.ts';
import { imageTree } from '../../../reference/oci/image-tree.ts';
import { expectedResult } from '../../suite/case.ts';
import { pathsOf } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { fail, pass, skip } from '../external-checks/check-results.ts';
import { type KernelCheck, resultOf } from './check.ts';
import { hashNumber } from './images.ts';
import type { SignJob } from './jobs.ts';

/** The cases with signatures, by the kind of their key; all sign the same config and image. */
const signed = {
  'RSA 2048 with SHA-256': 'seal/signed',
  'RSA 2048 with SHA-512': 'seal/signed-sha512',
  'RSA 4096 with SHA-256': 'seal/key-rsa-4096',
  'ECDSA P-256 with SHA-256': 'seal/signed-ecdsa',
  'ECDSA P-384 with SHA-512': 'seal/signed-ecdsa-sha512',
} as const;
/** A case whose certificate is not trusted. */
const STRANGER = 'seal/certificate-long-issuer';
const TOP = 'signatures';

/** What a case signs, and with which certificate. */
interface SignedCase {
  readonly id: string;
  readonly algorithm: Algorithm;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly config: SignedBytes;
  readonly image: SignedBytes;
}

/** A file with its published digest and signature. */
export interface SignedBytes {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly signature: Uint8Array;
}

/** All checks of signatures; their files are written to `files`. From the first one on, the kernel requires signatures. */
export async function signatureChecks(suite: Suite, files: string): Promise<KernelCheck[]> {
  mkdirSync(join(files, TOP));
  const right: KernelCheck[] = [];
  for (const [kind, id] of Object.entries(signed)) {
    const { config, image, ...found } = await signedCase(suite, id);
    const signedFiles = [config, image];
    const prefix = id.replace('/', '-');
    right.push(rightSignatures(files, `the right signature, ${kind}`, prefix, { ...found, signedFiles }));
  }
  const first = await signedCase(suite, 'seal/signed');
  const { config, image } = first;
  const stranger = await signedCase(suite, STRANGER);
  const changed = Uint8Array.from(config.signature);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const wrong = (name: string, signature: Uint8Array, isRejected = true) => {
    const job = signJob(files, name.replaceAll(' ', '-'), { ...config, signature }, first.algorithm);
    return wrongSignature(name, job, isRejected);
  };
  return [
    ...right,
    wrong('no signature', new Uint8Array()),
    wrong('a key that is not trusted', stranger.config.signature),
    wrong('the signature of a different digest', image.signature),
    wrong('a changed byte in the signature', changed),
    wrong('the signature without its last byte', config.signature.subarray(0, -1)),
    // The kernel does not look behind a signature, but a verifier does (VERIFY-030).
    wrong('a byte behind the signature', Buffer.concat([config.signature, Buffer.of(1)]), false),
  ];
}

/** A job that enables fs-verity on a file with a signature; both are written to `files`. */
export function signJob(
  files: string,
  name: string,
  { bytes, signature }: SignedBytes,
  of: Algorithm,
): SignJob {
  const [file, signatureFile] = [`${TOP}/${name}`, `${TOP}/${name}.signature`];
  writeFileSync(join(files, file), bytes);
  writeFileSync(join(files, signatureFile), signature);
  return { kind: 'sign', file, signature: signatureFile, hash: hashNumber(of) };
}

/** The kernel takes the certificate, and the signatures of all `signedFiles`. */
export function rightSignatures(
  files: string,
  name: string,
  prefix: string,
  found: {
    readonly algorithm: Algorithm;
    readonly certificate: Uint8Array;
    readonly signedFiles: readonly SignedBytes[];
  },
): KernelCheck {
  const certificate = `${TOP}/${prefix}.certificate`;
  writeFileSync(join(files, certificate), found.certificate);
  const about = { topic: 'signatures', name } as const;
  return {
    jobs: [
      { kind: 'trust', certificate },
      ...found.signedFiles.map((each, i) => signJob(files, `${prefix}-${i}`, each, found.algorithm)),
    ],
    unanswered: [about],
    judge([trust, ...answers]) {
      const trusted = resultOf('trust', trust);
      if ('unavailable' in trusted) {
        return [{ ...about, result: skip(trusted.unavailable), observed: trusted.unavailable }];
      }
      const results = answers.map(answer => resultOf('sign', answer));
      const errors = [...('errno' in trusted ? [trusted.errno] : []), ...results.map(({ enable }) => enable)];
      const observed = errors.find(error => error !== 'ok') ?? 'accepts it';
      const isRight = found.signedFiles.every(({ digest }, i) => results[i]?.digest === digest);
      const result = isRight && observed === 'accepts it' ? pass : fail(`unexpected: ${observed}`);
      return [{ ...about, result, observed }];
    },
  };
}

function wrongSignature(name: string, job: SignJob, isRejected: boolean): KernelCheck {
  const about = { topic: 'signatures', name } as const;
  return {
    jobs: [job],
    unanswered: [about],
    judge([answer]) {
      const { enable } = resultOf('sign', answer);
      const observed = enable === 'ok' ? 'accepts it' : enable;
      if (!isRejected) return [{ ...about, result: undefined, observed }];
      return [{ ...about, result: enable === 'ok' ? fail('the kernel accepts it') : pass, observed }];
    },
  };
}

/** The image of role `merged` of a layout. */
export async function mergedImage(layout: string, name: Algorithm): Promise<Uint8Array> {
  const tree = await imageTree(layout, {
    role: 'merged',
    transform: 'oci',
    xattrs: 'allowlist-only',
    algorithm: name,
  });
  return Buffer.concat([...writeErofs(tree, { format: 'v1', algorithm: name })]);
}

async function signedCase(suite: Suite, id: string): Promise<SignedCase> {
  const test = suite.cases.find(each => each.id === id);
  const file = test && expectedResult(test)?.files?.['manifest'];
  const [path] = file === undefined ? [] : pathsOf(file);
  if (test === undefined || path === undefined) throw new Error(`${id} does not exist, or has no manifest`);
  const folder = caseFolder(suite, test);
  const layout = join(folder, 'in/layout');
  const manifest = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  const name = algorithm(test.params['algorithm'] ?? '');
  const configPath = join(layout, 'blobs', manifest.config.digest.replace(':', '/'));
  const image = await mergedImage(layout, name);
  const certificates = readFileSync(join(folder, String(test.input['certificate'])), 'latin1');
  return {
    id,
    algorithm: name,
    certificate: new X509Certificate(certificates).raw,
    config: published(manifest.config.annotations, `composefs.config.${name}`, readFileSync(configPath)),
    image: published(manifest.annotations, `composefs.merged.erofs.v1.${name}`, image),
  };
}

function published(
  annotations: Readonly<Record<string, string>>,
  key: string,
  bytes: Uint8Array,
): SignedBytes {
  const [digest, signature] = [annotations[key], annotations[`${key}.sig`]];
  if (digest === undefined || signature === undefined)
    throw new Error(`no signature is published under ${key}`);
  return { bytes, digest, signature: Buffer.from(signature, 'base64') };
}
