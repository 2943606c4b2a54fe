/**
 * The judges that are programs of others: fsck.erofs, and fsverity of fsverity-utils.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Peer, peerPath, peerVersion } from '../../implementations/install/paths.ts';
import type { SealedCase } from './documents.ts';
import type { ExpectedDigest } from './subjects.ts';
import { fail, pass, skip, type Verdict } from './verdict.ts';

/** How a program of others ended. */
interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** Everything that it wrote. */
  readonly all: string;
  /** The end of what it wrote, or how it was killed, on one line. */
  readonly said: string;
}

const TIMEOUT_MS = 60_000;
/** What fsck.erofs says where it gives up on an image in which it found nothing wrong. */
const TOO_LONG = /unable to fsck since the path is too long/;
const NEEDED = 'it is not there; "npm run peers" gets it';

/** `fsck.erofs 1.9.4`, or without a version where it is not there. */
export function toolName(name: string, peer: Peer): string {
  const version = peerVersion(peer);
  return version === undefined ? name : `${name} ${version}`;
}

/** Whether fsck.erofs finds nothing wrong with the image. */
export function fsckErofs(image: string): Verdict {
  const ended = run('fsck.erofs', [image]);
  if (ended === undefined) return skip(NEEDED);
  if (ended.status === 0) return pass;
  return TOO_LONG.test(ended.all) ? skip('it follows no path of 4096 bytes') : fail(ended.said);
}

/** Whether `fsverity digest` finds the digest in the file at `path`. */
export function fsverityDigest(
  path: string,
  { algorithm, salt, value }: Omit<ExpectedDigest, 'test'>,
): Verdict {
  const [, hash, log2] = /^fsverity-(sha256|sha512)-(\d+)$/.exec(algorithm) ?? [];
  if (hash === undefined || log2 === undefined) return skip(`it does not know ${algorithm}`);
  const options = ['--compact', `--hash-alg=${hash}`, `--block-size=${2 ** Number(log2)}`];
  if (salt !== undefined && salt !== '') options.push(`--salt=${salt}`);
  const ended = run('fsverity', ['digest', ...options, path]);
  if (ended === undefined) return skip(NEEDED);
  if (ended.status !== 0) return fail(ended.said);
  const got = ended.stdout.trim();
  return got === value ? pass : fail(`expected ${value}, got ${got}`);
}

/**
 * Whether `fsverity` finds the digests of documents that a sealed image publishes, and makes the signatures by RSA keys
 * of them. ECDSA signatures differ each time.
 */
export function fsverityDocuments({ documents, signer }: SealedCase, directory: string): Verdict {
  if (documents.length === 0) return skip('it publishes nothing of a document that the layout has');
  for (const { algorithm, value, path, signature } of documents) {
    const verdict = fsverityDigest(path, { algorithm, salt: undefined, value });
    if (verdict.status !== 'pass') return verdict;
    if (signature === undefined || signer === undefined || !isRsa(signer.key)) continue;
    const made = join(directory, 'signature');
    const hash = algorithm.includes('sha512') ? 'sha512' : 'sha256';
    const options = [`--key=${signer.key}`, `--cert=${signer.certificate}`, `--hash-alg=${hash}`];
    const ended = run('fsverity', ['sign', path, made, ...options]);
    if (ended === undefined) return skip(NEEDED);
    if (ended.status !== 0) return fail(ended.said);
    const got = createHash('sha256').update(readFileSync(made)).digest('hex');
    if (got !== signature) return fail(`the signature of ${value} is another one`);
  }
  return pass;
}

function isRsa(key: string): boolean {
  return createPrivateKey(readFileSync(key)).asymmetricKeyType === 'rsa';
}

function run(peer: Peer, args: readonly string[]): Ended | undefined {
  const path = peerPath(peer);
  if (path === undefined) return undefined;
  const env = { ...process.env, LC_ALL: 'C' };
  const { status, signal, stdout, stderr } = spawnSync(path, args, {
    env,
    encoding: 'latin1',
    timeout: TIMEOUT_MS,
  });
  const all = `${stdout}\n${stderr}`;
  const last = all.trim().split('\n').at(-1) ?? '';
  return { status, stdout, all, said: signal === null ? last.replace(/[^ -~]/g, '?') : `ended by ${signal}` };
}
