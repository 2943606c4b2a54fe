/**
 * Checks by fsck.erofs of erofs-utils and fsverity of fsverity-utils.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DebianProgram, programPath, programVersion } from '../../implementations/install/paths.ts';
import type { ExpectedDigest } from './check-inputs.ts';
import { type CheckResult, fail, pass, skip } from './check-results.ts';
import type { SealedCase } from './sealed-documents.ts';

/** How a tool ended. */
export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  /** stdout and stderr. */
  readonly output: string;
  /** The last line of the output, or the signal that ended it. */
  readonly message: string;
}

const TIMEOUT_MS = 60_000;
/** The message of fsck.erofs if it gives up on an image without having found a defect. */
export const TOO_LONG = /unable to fsck since the path is too long/;
export const NOT_INSTALLED = 'not installed; run "npm run peers"';

/** For example `fsck.erofs 1.9.4`; without the version if the program is not installed. */
export function toolName(name: string, program: DebianProgram): string {
  const version = programVersion(program);
  return version === undefined ? name : `${name} ${version}`;
}

/** Passes if fsck.erofs finds no defect in the image. */
export function fsckErofs(image: string): CheckResult {
  const result = run('fsck.erofs', [image]);
  if (result === undefined) return skip(NOT_INSTALLED);
  if (result.status === 0) return pass;
  return TOO_LONG.test(result.output) ? skip('it does not follow paths of 4096 bytes') : fail(result.message);
}

/** Passes if `fsverity digest` computes the expected digest of the file at `path`. */
export function fsverityDigest(
  path: string,
  { algorithm, salt, value }: Omit<ExpectedDigest, 'test'>,
): CheckResult {
  const [, hash, log2] = /^fsverity-(sha256|sha512)-(\d+)$/.exec(algorithm) ?? [];
  if (hash === undefined || log2 === undefined) return skip(`it does not support ${algorithm}`);
  const options = ['--compact', `--hash-alg=${hash}`, `--block-size=${2 ** Number(log2)}`];
  if (salt !== undefined && salt !== '') options.push(`--salt=${salt}`);
  const result = run('fsverity', ['digest', ...options, path]);
  if (result === undefined) return skip(NOT_INSTALLED);
  if (result.status !== 0) return fail(result.message);
  const got = result.stdout.trim();
  return got === value ? pass : fail(`expected ${value}, got ${got}`);
}

/**
 * Passes if `fsverity` computes the digests of documents that a sealed image publishes, and makes the same signatures
 * of them with RSA keys. ECDSA signatures differ each time and are not compared.
 */
export function fsverityDocuments({ documents, signer }: SealedCase, directory: string): CheckResult {
  if (documents.length === 0) return skip('the image publishes no digest of a document in the layout');
  for (const { algorithm, value, path, signature } of documents) {
    const digestResult = fsverityDigest(path, { algorithm, salt: undefined, value });
    if (digestResult.status !== 'pass') return digestResult;
    if (signature === undefined || signer === undefined || !isRsa(signer.key)) continue;
    const output = join(directory, 'signature');
    const hash = algorithm.includes('sha512') ? 'sha512' : 'sha256';
    const certificate = join(directory, 'certificate.pem');
    writeFileSync(certificate, firstCertificate(readFileSync(signer.certificate, 'latin1')));
    const options = [`--key=${signer.key}`, `--cert=${certificate}`, `--hash-alg=${hash}`];
    const result = run('fsverity', ['sign', path, output, ...options]);
    if (result === undefined) return skip(NOT_INSTALLED);
    if (result.status !== 0) return fail(result.message);
    const got = createHash('sha256').update(readFileSync(output)).digest('hex');
    if (got !== signature) return fail(`fsverity makes a different signature of ${value}`);
  }
  return pass;
}

/** The block that SEAL-048 takes; `fsverity` takes the first one, whatever its type. */
function firstCertificate(pem: string): string {
  return /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/.exec(pem)?.[0] ?? pem;
}

function isRsa(key: string): boolean {
  return createPrivateKey(readFileSync(key)).asymmetricKeyType === 'rsa';
}

/** Runs a program; undefined if it is not installed. */
export function run(program: DebianProgram, args: readonly string[]): ToolResult | undefined {
  const path = programPath(program);
  return path === undefined ? undefined : runAt(path, args);
}

/** Runs the program at `path`. */
export function runAt(path: string, args: readonly string[]): ToolResult {
  const env = { ...process.env, LC_ALL: 'C' };
  const { status, signal, stdout, stderr } = spawnSync(path, args, {
    env,
    encoding: 'latin1',
    timeout: TIMEOUT_MS,
  });
  const output = `${stdout}\n${stderr}`;
  const last = output.trim().split('\n').at(-1) ?? '';
  const message = signal === null ? last.replace(/[^ -~]/g, '?') : `ended by ${signal}`;
  return { status, stdout, output, message };
}
