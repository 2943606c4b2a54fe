/**
 * The documents whose digests the sealed images of the vectors publish, with the signatures of these digests.
 * `fsverity` has to compute the same digests and signatures.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, expectedResult } from '../../suite/case.ts';
import { pathsOf } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';

/** A document, and the digest and signature that a sealed image publishes for it. */
export interface SealedDocument {
  readonly algorithm: string;
  /** The published digest. */
  readonly value: string;
  readonly path: string;
  /** SHA-256 of the signature of the digest, in hex. */
  readonly signature: string | undefined;
}

/** The documents of one sealing case, with the key and the certificate of its signatures. */
export interface SealedCase {
  readonly test: Case;
  readonly documents: readonly SealedDocument[];
  /** Paths; undefined if the case does not sign (signatures, if any, are then from the input). */
  readonly signer: { readonly key: string; readonly certificate: string } | undefined;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
}

const KEY = /^composefs\.(config|manifest)\.(fsverity-sha(?:256|512)-12)$/;
const SIGNATURE_TYPE = 'application/vnd.composefs.signature.v1+pkcs7';

/** The cases of `suite` that seal an image. */
export function sealedCases(suite: Suite): SealedCase[] {
  return suite.cases.flatMap(test => {
    const files = Object.entries(expectedResult(test)?.files ?? {}).filter(([name]) =>
      /^(manifest|artifact)/.test(name),
    );
    if (!test.op.startsWith('seal.') || files.length === 0) return [];
    const folder = caseFolder(suite, test);
    const blob = (digest: string) => join(folder, 'in/layout/blobs', digest.replace(':', '/'));
    const documents = files
      .flatMap(([, file]) => pathsOf(file))
      .flatMap(path => {
        const manifest: Manifest = JSON.parse(readFileSync(join(folder, path), 'utf8'));
        return [...inlineDocuments(manifest, blob), ...artifactDocuments(manifest, blob)];
      });
    const { key, certificate } = test.input;
    const signer =
      typeof key === 'string' && typeof certificate === 'string'
        ? { key: join(folder, key), certificate: join(folder, certificate) }
        : undefined;
    return [{ test, documents, signer }];
  });
}

/** The digests in the annotations of the config descriptor of a manifest. */
function inlineDocuments({ config }: Manifest, blob: (digest: string) => string): SealedDocument[] {
  const path = blob(config.digest);
  if (!existsSync(path)) return [];
  return Object.entries(config.annotations ?? {}).flatMap(([name, value]) => {
    const algorithm = KEY.exec(name)?.[2];
    if (algorithm === undefined) return [];
    const signature = config.annotations?.[`${name}.sig`];
    const der = signature === undefined ? undefined : Buffer.from(signature, 'base64');
    return [{ algorithm, value, path, signature: der && createHash('sha256').update(der).digest('hex') }];
  });
}

/** The digests of the manifest and of the config that an artifact publishes. */
function artifactDocuments(
  { layers, subject }: Manifest,
  blob: (digest: string) => string,
): SealedDocument[] {
  if (subject === undefined) return [];
  const image = blob(subject.digest);
  if (!existsSync(image)) return [];
  const { config }: Manifest = JSON.parse(readFileSync(image, 'utf8'));
  return layers.flatMap(({ mediaType, digest, annotations = {} }) =>
    Object.entries(annotations).flatMap(([name, value]) => {
      const [, object, algorithm] = KEY.exec(name) ?? [];
      if (algorithm === undefined) return [];
      const path = object === 'manifest' ? image : blob(config.digest);
      const signature = mediaType === SIGNATURE_TYPE ? digest.replace('sha256:', '') : undefined;
      return [{ algorithm, value, path, signature }];
    }),
  );
}
