/**
 * OpenSSL, which reads keys and certificates, and verifies signatures.
 * @module
 */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askCommand, type FileCommand } from './commands.ts';
import { documents, input, isRejected } from './files.ts';
import { combined, type Subject, type Witness } from './witness.ts';

/** Reads the trusted certificates: the first one, of which there has to be one, and all of them. */
const certificateReaders: readonly FileCommand[] = [
  { command: path => ['openssl', 'x509', '-in', path, '-noout'] },
  { command: path => ['openssl', 'crl2pkcs7', '-nocrl', '-certfile', path, '-out', '/dev/null'] },
];

/** Signs with the key and the certificate in a folder of {@link keyPair}, which have to belong together. */
const signer: FileCommand = {
  command: folder => [
    ...(['openssl', 'cms', '-sign', '-binary', '-noattr', '-md', 'sha256', '-in', '/dev/null'] as const),
    ...['-signer', join(folder, 'certificate'), '-inkey', join(folder, 'key'), '-passin', 'pass:'],
    ...['-outform', 'DER', '-out', '/dev/null'],
  ],
};

/** Verifies the signature in a folder of {@link signatures}, by the certificates in it and no others. */
const verifier: FileCommand = {
  command: folder => [
    ...([
      'openssl',
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      join(folder, 'signature'),
    ] as const),
    ...['-content', join(folder, 'content'), '-certfile', join(folder, 'certificates')],
    // Whether a certificate is trusted is a question for the verifier of an image.
    ...['-nointern', '-noverify', '-out', '/dev/null'],
  ],
};

/** The witnesses of the version `version`. */
export function opensslWitnesses(version: string): readonly Witness[] {
  return [
    {
      name: `OpenSSL ${version}`,
      reads: test => test.op !== 'verify' && isRejected(test, 'request', ['REQUEST_KEY']),
      ask: subjects => askCommand(signer, subjects, keyPair),
    },
    {
      name: `OpenSSL ${version}`,
      reads: test => test.op === 'verify' && isRejected(test, 'request', ['REQUEST_KEY']),
      ask: async subjects => {
        const asked = certificateReaders.map(reader => {
          return askCommand(reader, subjects, subject => input(subject, 'certificates'));
        });
        const answers = await Promise.all(asked);
        return subjects.map((_, i) => combined(answers.map(each => each[i])));
      },
    },
    {
      name: `OpenSSL ${version}`,
      reads: test => isRejected(test, 'verify', ['VERIFY_SIGNATURE', 'VERIFY_SIGNATURE_FORM']),
      ask: subjects => askCommand(verifier, subjects, signatures),
    },
  ];
}

/** A folder with the key and the certificate of a case; none if it lacks one of them. */
function keyPair(subject: Subject): readonly string[] {
  const [[key], [certificate]] = [input(subject, 'key'), input(subject, 'certificate')];
  if (key === undefined || certificate === undefined) return [];
  copyFileSync(key, join(subject.folder.outDir, 'key'));
  copyFileSync(certificate, join(subject.folder.outDir, 'certificate'));
  return [subject.folder.outDir];
}

const DIGEST = /\.fsverity-(sha256|sha512)-12$/;

/**
 * The signatures in the annotations of the manifests of a case: a folder for each, with the signature, the formatted
 * digest that it is of, and the trusted certificates. None if the case has no certificates.
 */
function signatures(subject: Subject): readonly string[] {
  const [certificates] = input(subject, 'certificates');
  if (certificates === undefined) return [];
  return documents(subject)
    .filter(({ kind }) => kind === 'manifest')
    .flatMap(({ path }) => annotations(JSON.parse(readFileSync(path, 'utf8'))))
    .flatMap(of => Object.entries(of).map(([name, value]) => ({ name, value, signature: of[`${name}.sig`] })))
    .flatMap(({ name, value, signature }, i) => {
      const hash = DIGEST.exec(name)?.[1];
      if (hash === undefined || signature === undefined) return [];
      const folder = join(subject.folder.outDir, String(i));
      mkdirSync(folder);
      writeFileSync(join(folder, 'signature'), Buffer.from(signature, 'base64'));
      writeFileSync(join(folder, 'content'), formatted(hash, Buffer.from(value, 'hex')));
      copyFileSync(certificates, join(folder, 'certificates'));
      return [folder];
    });
}

/** A part of a manifest that can have annotations. */
interface Annotated {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** All annotations of a manifest, of its config and of its layers. */
function annotations(
  manifest: Annotated & { readonly config?: Annotated; readonly layers?: readonly Annotated[] },
): readonly Readonly<Record<string, string>>[] {
  const { config, layers = [] } = manifest;
  return [manifest, config, ...layers].map(each => each?.annotations ?? {});
}

/** What a signature covers: `struct fsverity_formatted_digest` of Linux. */
function formatted(hash: string, digest: Buffer): Uint8Array {
  const head = Buffer.alloc(12, 'FSVerity');
  head.writeUInt16LE(hash === 'sha256' ? 1 : 2, 8);
  head.writeUInt16LE(digest.length, 10);
  return Buffer.concat([head, digest]);
}
