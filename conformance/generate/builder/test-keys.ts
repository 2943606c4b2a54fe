/**
 * TEST KEYS. Their private parts are computed from the words below, so they are public and protect nothing.
 *
 * All keys, certificates and signatures are deterministic, the same on every machine.
 * @module
 */

import {
  constants,
  createCipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
} from 'node:crypto';
import { der, integer, nil, octets, oid, sequence, set } from './der.ts';

const WORDS = 'composefs-oci TEST KEY, NOT A SECRET';

/** A key with a certificate. */
export interface TestKey {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  /** Issuer name and serial number of the certificate, in DER. */
  readonly issuer: Buffer;
  readonly serial: Buffer;
  readonly kind: 'rsa' | 'ecdsa';
  /** The private scalar, for ECDSA. */
  readonly secret?: bigint;
}

/** `size` bytes derived from `words`. */
function stretched(words: string, size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
    createHash('sha256').update(`${WORDS}: ${words} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
}

const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const base64url = (value: bigint, size: number) =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex').toString('base64url');

/**
 * A prime: the number that is derived from `words`, with its two highest bits and the lowest one set, plus `offset`.
 * The offsets are stored because the search for the first suitable primes takes seconds.
 */
export function prime(words: string, bits: number, offset: number): bigint {
  const drawn = number(stretched(words, Math.ceil(bits / 8))) & (2n ** BigInt(bits) - 1n);
  return (drawn | (3n << BigInt(bits - 2)) | 1n) + BigInt(offset);
}

/** The RSA keys: the words from which they are derived, their bits, and the offsets of p and q. */
export const rsaPrimes = {
  rsa: { bits: 2048, p: 808, q: 1738 },
  other: { bits: 2048, p: 2014, q: 534 },
  'same name': { bits: 2048, p: 322, q: 132 },
  short: { bits: 1024, p: 412, q: 28 },
  '2047': { bits: 2047, p: 1024, q: 122 },
  '4096': { bits: 4096, p: 558, q: 964 },
  '4097': { bits: 4097, p: 384, q: 208 },
} as const;

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

function rsaKey(words: keyof typeof rsaPrimes): KeyObject {
  const { bits, ...offsets } = rsaPrimes[words];
  const p = prime(`${words} p`, Math.ceil(bits / 2), offsets.p);
  const q = prime(`${words} q`, Math.floor(bits / 2), offsets.q);
  const e = 65537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const [whole, half] = [Math.ceil(bits / 8), Math.ceil(bits / 16)];
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: base64url(p * q, whole),
      e: base64url(e, 3),
      d: base64url(d, whole),
      p: base64url(p, half),
      q: base64url(q, half),
      dp: base64url(d % (p - 1n), half),
      dq: base64url(d % (q - 1n), half),
      qi: base64url(inverse(q, p), half),
    },
  });
}

/** `key`, restricted to signatures with PSS padding (RFC 4055). */
function pssKey(key: KeyObject): KeyObject {
  const inner = key.export({ type: 'pkcs1', format: 'der' });
  const outer = sequence(integer(0n), sequence(oid('1.2.840.113549.1.1.10')), octets(inner));
  return createPrivateKey({ key: outer, type: 'pkcs8', format: 'der' });
}

/** `key` in the traditional encrypted form (RFC 1421), with the passphrase "passphrase". */
function encrypted(key: KeyObject): string {
  const iv = stretched('iv', 16);
  const cipherKey = createHash('md5').update('passphrase').update(iv.subarray(0, 8)).digest();
  const cipher = createCipheriv('aes-128-cbc', cipherKey, iv);
  const content = Buffer.concat([
    cipher.update(key.export({ type: 'pkcs1', format: 'der' })),
    cipher.final(),
  ]);
  const head = `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${iv.toString('hex').toUpperCase()}\n\n`;
  return `-----BEGIN RSA PRIVATE KEY-----\n${head}${lines(content)}-----END RSA PRIVATE KEY-----\n`;
}

/** Base64 in lines of 64 characters, as in PEM. */
function lines(content: Buffer): string {
  return content.toString('base64').replace(/.{1,64}/g, '$&\n');
}

const curves = {
  'P-256': {
    name: 'prime256v1',
    size: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    name: 'secp384r1',
    size: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  'P-521': {
    name: 'secp521r1',
    size: 66,
    // Less than the real order, which is not needed: nothing is signed with this key.
    order: 2n ** 512n,
  },
} as const;
type Curve = keyof typeof curves;

/** The generator times `scalar`, as x and y. */
function point(curve: Curve, scalar: bigint): { x: bigint; y: bigint } {
  const { name, size } = curves[curve];
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(Buffer.from(scalar.toString(16).padStart(size * 2, '0'), 'hex'));
  const uncompressed = ecdh.getPublicKey();
  return { x: number(uncompressed.subarray(1, 1 + size)), y: number(uncompressed.subarray(1 + size)) };
}

function ecKey(words: string, curve: Curve): { privateKey: KeyObject; secret: bigint } {
  const { size, order } = curves[curve];
  const secret = number(stretched(words, size)) % order;
  const { x, y } = point(curve, secret);
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: curve,
      d: base64url(secret, size),
      x: base64url(x, size),
      y: base64url(y, size),
    },
  });
  return { privateKey, secret };
}

function commonName(text: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(text)))));
}

const commonIssuer = commonName(`${WORDS}: issuer`);

/** An issuer of `size` bytes: organizational units with at most 64 characters, the limit of X.520. */
function issuerOfSize(size: number): Buffer {
  const unit = (characters: number) =>
    set(sequence(oid('2.5.4.11'), der(0x0c, Buffer.alloc(characters, 'x'))));
  const units: Buffer[] = [];
  // Without tag and length of the whole.
  let rest = size - 4;
  for (; rest > 150; rest -= 75) units.push(unit(64));
  units.push(unit((rest >> 1) - 11), unit(rest - (rest >> 1) - 11));
  return sequence(...units);
}

interface CertificateFacts {
  readonly serial: bigint;
  readonly by: KeyObject;
  readonly dates: readonly [string, string];
  /** Default: that of all certificates. */
  readonly issuer?: Buffer;
  /** SubjectPublicKeyInfo in DER. Default: that of the key. */
  readonly publicKey?: Buffer;
  /** The version of X.509. Default: 3. A certificate of version 1 does not say so. */
  readonly version?: 1;
  /** Bytes after the certificate, in its PEM block. Default: none. */
  readonly after?: Buffer;
}

/** A key with a certificate. */
function certified(
  privateKey: KeyObject,
  { serial, by, dates, issuer = commonIssuer, publicKey, version, after }: CertificateFacts,
): Omit<TestKey, 'kind' | 'secret'> {
  const name = commonName(`${WORDS}: ${serial}`);
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), nil);
  const time = (text: string) => der(0x17, Buffer.from(text));
  const body = sequence(
    version === 1 ? Buffer.alloc(0) : der(0xa0, integer(2n)),
    integer(serial),
    algorithm,
    issuer,
    sequence(...dates.map(time)),
    name,
    publicKey ?? createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.alloc(1), sign('sha256', body, by));
  const certificate = Buffer.concat([sequence(body, algorithm, signature), after ?? Buffer.alloc(0)]);
  return {
    privateKey,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines(certificate)}-----END CERTIFICATE-----\n`,
    issuer,
    serial: integer(serial),
  };
}

const usual = ['200101000000Z', '491231235959Z'] as const;
const past = ['200101000000Z', '200201000000Z'] as const;
const first = rsaKey('rsa');

export const testKeys = {
  rsa: { ...certified(first, { serial: 1n, by: first, dates: usual }), kind: 'rsa' },
  /** A second RSA key, for untrusted signatures. */
  otherRsa: { ...certified(rsaKey('other'), { serial: 0x80n, by: first, dates: usual }), kind: 'rsa' },
  /** A different key with the issuer and serial number of `rsa`. */
  sameName: { ...certified(rsaKey('same name'), { serial: 1n, by: first, dates: usual }), kind: 'rsa' },
  /** An expired certificate. */
  expired: { ...certified(first, { serial: 3n, by: first, dates: past }), kind: 'rsa' },
  shortRsa: { ...certified(rsaKey('short'), { serial: 4n, by: first, dates: usual }), kind: 'rsa' },
  rsa2047: { ...certified(rsaKey('2047'), { serial: 9n, by: first, dates: usual }), kind: 'rsa' },
  rsa4096: { ...certified(rsaKey('4096'), { serial: 10n, by: first, dates: usual }), kind: 'rsa' },
  rsa4097: { ...certified(rsaKey('4097'), { serial: 11n, by: first, dates: usual }), kind: 'rsa' },
  /** Signatures of a SHA-256 digest by this key have 16,128 bytes, because of the issuer. */
  longIssuer: withSignaturesOf(16_128, 12n),
  longerIssuer: withSignaturesOf(16_129, 13n),
  pss: { ...certified(pssKey(first), { serial: 8n, by: first, dates: usual }), kind: 'rsa' },
  p256: ecTestKey('p256', 'P-256', 5n),
  p384: ecTestKey('p384', 'P-384', 6n),
  p521: ecTestKey('p521', 'P-521', 7n),
  /** The key of `p256`, as a compressed point. */
  compressed: compressedTestKey('p256', 14n),
  /** A certificate of version 1 of X.509. */
  version1: { ...certified(first, { serial: 15n, by: first, dates: usual, version: 1 }), kind: 'rsa' },
  /** A certificate in BER: the length of the issuer is in two bytes instead of one. */
  longLength: {
    ...certified(first, { serial: 17n, by: first, dates: usual, issuer: longLength(commonIssuer) }),
    kind: 'rsa',
  },
  /** A certificate with trust settings of OpenSSL after it, which trust it for nothing in particular. */
  withTrust: {
    ...certified(first, { serial: 16n, by: first, dates: usual, after: sequence() }),
    kind: 'rsa',
  },
} as const satisfies Record<string, TestKey>;

/** Some of these keys in other PEM forms. */
export const otherForms = {
  pkcs1: String(first.export({ type: 'pkcs1', format: 'pem' })),
  sec1: String(testKeys.p256.privateKey.export({ type: 'sec1', format: 'pem' })),
  encrypted: encrypted(first),
} as const;

/** `element`, of less than 128 bytes, with its length in two bytes instead of one. */
export function longLength(element: Buffer): Buffer {
  return Buffer.concat([element.subarray(0, 1), Buffer.from([0x81]), element.subarray(1)]);
}

function ecTestKey(words: string, curve: Curve, serial: bigint): TestKey & { readonly curve: Curve } {
  const { privateKey, secret } = ecKey(words, curve);
  return { ...certified(privateKey, { serial, by: first, dates: usual }), kind: 'ecdsa', secret, curve };
}

function compressedTestKey(words: string, serial: bigint): TestKey & { readonly curve: Curve } {
  const { privateKey, secret } = ecKey(words, 'P-256');
  const { x, y } = point('P-256', secret);
  const compressed = Buffer.concat([
    Buffer.from([Number(2n + (y & 1n))]),
    Buffer.from(x.toString(16).padStart(64, '0'), 'hex'),
  ]);
  const publicKey = sequence(
    sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
    der(0x03, Buffer.alloc(1), compressed),
  );
  return {
    ...certified(privateKey, { serial, by: first, dates: usual, publicKey }),
    kind: 'ecdsa',
    secret,
    curve: 'P-256',
  };
}

/** The key `rsa` with an issuer that makes the signatures of SHA-256 digests `size` bytes long. */
function withSignaturesOf(size: number, serial: bigint): TestKey {
  const withIssuer = (length: number): TestKey => ({
    ...certified(first, { serial, by: first, dates: usual, issuer: issuerOfSize(length) }),
    kind: 'rsa',
  });
  const probe = 15_000;
  const { length } = signatureOf('00'.repeat(32), withIssuer(probe));
  return withIssuer(probe + size - length);
}

/** The formatted digest of a digest in hex (VERITY-011), which signatures sign. */
export function formatted(digest: string): Buffer {
  const bytes = Buffer.from(digest, 'hex');
  const head = Buffer.alloc(12);
  head.write('FSVerity');
  head.writeUInt16LE(bytes.length === 32 ? 1 : 2, 8);
  head.writeUInt16LE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

/** ECDSA with a nonce that is derived from the key and the message instead of a random one. */
function ecdsa(curve: Curve, secret: bigint, hash: 'sha256' | 'sha512', message: Buffer): Buffer {
  const { order, size } = curves[curve];
  const hashed = createHash(hash).update(message).digest();
  const z = number(hashed.subarray(0, size));
  const k = (number(stretched(`${secret} ${hashed.toString('hex')}`, size)) % (order - 1n)) + 1n;
  const r = point(curve, k).x % order;
  const s = (inverse(k, order) * (z + r * secret)) % order;
  return sequence(integer(r), integer(s));
}

/** How a signature differs from a correct one. */
export interface SignatureFaults {
  /** The message to sign, instead of the formatted digest. */
  readonly message?: Uint8Array;
  /** Hash function, instead of that of the digest. */
  readonly hash?: 'sha256' | 'sha512';
  /** Object identifier of the signature algorithm; `null`: the sequence of the algorithm is empty. */
  readonly algorithm?: string | null;
  /** The kind of key that the signature algorithm names. Default: that of the key. */
  readonly named?: 'rsa' | 'ecdsa';
  /** Changes the value of the signature. */
  readonly value?: (value: Buffer) => Buffer;
  /** Leaves out the value of the signature. */
  readonly withoutValue?: true;
  /** Unsigned attributes, after the signature value. Default: none. */
  readonly attributes?: Uint8Array;
  /** Certificates, before the signers. Default: none. */
  readonly certificates?: Uint8Array;
  /** The signed content itself. Default: none, the signature is detached. */
  readonly content?: Uint8Array;
  readonly signers?: number;
}

/** A detached PKCS#7 signature of a digest in hex. */
export function signatureOf(
  digest: string,
  key: TestKey & { readonly curve?: Curve },
  faults: SignatureFaults = {},
): Buffer {
  const hash = faults.hash ?? (digest.length === 64 ? 'sha256' : 'sha512');
  const message = Buffer.from(faults.message ?? formatted(digest));
  const hashAlgorithm = sequence(
    oid(hash === 'sha256' ? '2.16.840.1.101.3.4.2.1' : '2.16.840.1.101.3.4.2.3'),
    nil,
  );
  const isRsa = key.kind === 'rsa';
  const namesRsa = (faults.named ?? key.kind) === 'rsa';
  const keyAlgorithm = namesRsa ? '1.2.840.113549.1.1.1' : `1.2.840.10045.4.3.${hash === 'sha256' ? 2 : 4}`;
  const value =
    isRsa || key.secret === undefined || key.curve === undefined
      ? sign(hash, message, { key: key.privateKey, padding: constants.RSA_PKCS1_PADDING })
      : ecdsa(key.curve, key.secret, hash, message);
  const signer = sequence(
    integer(1n),
    sequence(key.issuer, key.serial),
    hashAlgorithm,
    faults.algorithm === null
      ? sequence()
      : sequence(oid(faults.algorithm ?? keyAlgorithm), ...(namesRsa ? [nil] : [])),
    ...(faults.withoutValue ? [] : [octets(faults.value?.(value) ?? value)]),
    faults.attributes ?? Buffer.alloc(0),
  );
  const signers = Array<Buffer>(faults.signers ?? 1).fill(signer);
  const data = sequence(oid('1.2.840.113549.1.7.1'), faults.content ?? Buffer.alloc(0));
  return sequence(
    oid('1.2.840.113549.1.7.2'),
    der(
      0xa0,
      sequence(
        integer(1n),
        set(hashAlgorithm),
        data,
        faults.certificates ?? Buffer.alloc(0),
        set(...signers),
      ),
    ),
  );
}
