/**
 * Sealed documents whose signatures differ from one sealing to the next (SEAL-040): the signatures of an answer are
 * verified, and everything else is compared with the expected documents as if they had these signatures.
 * @module
 */

import { createHash, verify, X509Certificate } from 'node:crypto';

/** The expected and actual documents by name: `manifest`, `index`. */
type Documents = Readonly<Record<string, Uint8Array>>;

/** The values and documents of a sealed image. */
export interface SealedImage {
  readonly values: Readonly<Record<string, string>>;
  readonly files: Documents;
}

/** What an answer has to be, given its own signatures; or what is wrong with one of them. */
export type ExpectedWithSignatures = SealedImage | { readonly problem: string };

/** A published digest with its signature: the member of the key, and that of the signature key. */
const PUBLISHED = /"(composefs\.[^"]+)":"([0-9a-f]{64}|[0-9a-f]{128})","\1\.sig":"([^"]*)"/g;

/**
 * `expected` with the signatures of `manifest`, the manifest of an answer, if each of them has the form and the signer
 * of the one that is expected, and is valid by the certificate in PEM.
 */
export function withSignaturesOf(
  manifest: Uint8Array,
  expected: SealedImage,
  certificate: string,
): ExpectedWithSignatures {
  const template = latin1(expected.files['manifest']);
  const actual = [...latin1(manifest).matchAll(PUBLISHED)];
  let problem: string | undefined;
  const text = template.replace(PUBLISHED, (member, key: string, digest: string, model: string) => {
    const found = actual.find(([, name]) => name === key)?.[3];
    if (found === undefined) return member;
    problem ??= signatureProblem(found, {
      model,
      message: formatted(digest),
      hash: digest.length === 64 ? 'sha256' : 'sha512',
      certificate,
      signed: key,
    });
    return member.replace(model, () => found);
  });
  if (problem !== undefined) return { problem };
  const { manifest: before = '' } = expected.values;
  const after = ociDigest(text);
  const index = latin1(expected.files['index']).replace(
    `"digest":"${before}","size":${template.length}`,
    `"digest":"${after}","size":${text.length}`,
  );
  return {
    values: { ...expected.values, manifest: after },
    files: { manifest: Buffer.from(text, 'latin1'), index: Buffer.from(index, 'latin1') },
  };
}

/** A signature to be verified: its model has the same form, signer and hash function. */
interface Claim {
  readonly model: string;
  readonly message: Uint8Array;
  readonly hash: 'sha256' | 'sha512';
  readonly certificate: string;
  /** What is signed, for the message. */
  readonly signed: string;
}

/** What is wrong with the signature `base64`; undefined if nothing is. */
export function signatureProblem(
  base64: string,
  { model, message, hash, certificate, signed }: Claim,
): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return `the signature of ${signed} is not base64 with padding`;
  const value = signatureValue(bytes);
  // SEAL-039: everything but the value follows from the certificate and the hash function.
  if (value === undefined || !replaceValue(Buffer.from(model, 'base64'), value).equals(bytes)) {
    return `the signature of ${signed} does not have the form of SEAL-039`;
  }
  const { publicKey } = new X509Certificate(certificate);
  // SEAL-040: node:crypto reads an ECDSA signature as the DER sequence of r and s.
  if (!verify(hash, message, { key: publicKey, dsaEncoding: 'der' }, value)) {
    return `the signature of ${signed} is not one of this digest by the certificate of the request`;
  }
  return undefined;
}

/** The formatted digest (VERITY-011). */
function formatted(digest: string): Buffer {
  const head = Buffer.alloc(12);
  head.write('FSVerity');
  head.writeUInt16LE(digest.length === 64 ? 1 : 2, 8);
  head.writeUInt16LE(digest.length / 2, 10);
  return Buffer.concat([head, Buffer.from(digest, 'hex')]);
}

/** A value in DER: its tag, and its content or the values in it. */
interface Der {
  readonly tag: number;
  readonly content: Buffer | readonly Der[];
}

/** The value in the last OCTET STRING of a signature; undefined if the bytes are not DER or do not end in one. */
function signatureValue(bytes: Buffer): Buffer | undefined {
  let last = parse(bytes)?.at(-1);
  while (last !== undefined && !Buffer.isBuffer(last.content)) last = last.content.at(-1);
  return last?.tag === 0x04 && Buffer.isBuffer(last.content) ? last.content : undefined;
}

/** `signature` with another value in its last OCTET STRING. */
function replaceValue(signature: Buffer, value: Buffer): Buffer {
  const replaceLast = (values: readonly Der[]): readonly Der[] =>
    values.map((each, i) => {
      if (i < values.length - 1) return each;
      return { tag: each.tag, content: Buffer.isBuffer(each.content) ? value : replaceLast(each.content) };
    });
  return print(replaceLast(parse(signature) ?? []));
}

const CONSTRUCTED = 0x20;
/** Twice the depth of a signature, so that no input overflows the stack. */
const MAX_DEPTH = 20;

function parse(bytes: Buffer, depth = 0): readonly Der[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const values: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2);
    const octets = first < 0x80 ? 0 : first - 0x80;
    const begin = at + 2 + octets;
    if (octets > 3 || begin > bytes.length) return undefined;
    const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
    const content = bytes.subarray(begin, begin + length);
    if (content.length < length) return undefined;
    const inner = (tag & CONSTRUCTED) === 0 ? content : parse(content, depth + 1);
    if (inner === undefined) return undefined;
    values.push({ tag, content: inner });
    at = begin + length;
  }
  return values;
}

function print(values: readonly Der[]): Buffer {
  return Buffer.concat(
    values.flatMap(({ tag, content }) => {
      const bytes = Buffer.isBuffer(content) ? content : print(content);
      const size = Buffer.alloc(4);
      size.writeUInt32BE(bytes.length);
      const shortest = size.subarray(size.findIndex(byte => byte !== 0));
      const length = bytes.length < 0x80 ? [bytes.length] : [0x80 + shortest.length, ...shortest];
      return [Buffer.from([tag, ...length]), bytes];
    }),
  );
}

function latin1(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}

function ociDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'latin1').digest('hex')}`;
}
