/**
 * Builders of the recipes of disk images.
 * @module
 */

import type { CaseFile } from '../../../suite/case.ts';
import {
  type DiskFaults,
  diskImage,
  fingerprintOf,
  hashTree,
  padded,
  signatureText,
} from '../../builder/ddi.ts';
import { stored } from '../../builder/sparse.ts';
import { bytes } from '../../builder/tar.ts';
import { type SignatureFaults, signatureOf, type TestKey } from '../../builder/test-keys.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import { imageOf } from '../erofs/parts.ts';

/** What confirms each disk image that is accepted. */
const PROGRAMS = ['veritysetup 2.6.1', 'sfdisk 2.38.1', 'systemd-repart 262.1', 'systemd-dissect 262.1'];
const OPENSSL = 'OpenSSL 3.0 (signature)';

/** An EROFS image of four blocks: an empty root, and 256 stubs. */
export const small = imageOf(root);
/** Its root hash, as veritysetup prints it. */
export const smallRoot = '3c6fbc05813731d4f3f43df9e55478c0afa8191cd12561d59f810635bd0abfd0';

/** The message over the root hash in hexadecimal. */
export function messageOf(rootHash: string, key: TestKey, faults: SignatureFaults = {}): Buffer {
  return signatureOf('00'.repeat(32), key, { message: Buffer.from(rootHash), ...faults });
}

/** The content of a signature partition, with members that differ from the correct ones. */
export function signatureBy(
  key: TestKey,
  image: Uint8Array = small,
  other: { readonly root?: string; readonly fingerprint?: string; readonly message?: Uint8Array } = {},
): Buffer {
  const rootHash = hashTree(image).root.toString('hex');
  return padded(
    signatureText({
      root: other.root ?? rootHash,
      fingerprint: other.fingerprint ?? fingerprintOf(key.certificate),
      signature: Buffer.from(other.message ?? messageOf(rootHash, key)).toString('base64'),
    }),
  );
}

/** Members that every case sets. */
interface About
  extends Pick<Draft, 'title' | 'requirements' | 'class' | 'needs' | 'confirmedBy' | 'links' | 'tags'> {}

/** PEM files, and params. */
interface SignatureRequest {
  readonly key?: string;
  readonly certificate?: string;
  readonly certificates?: string;
  readonly requireSignature?: true;
}

/** PEM files as inputs. */
function pemInputs(request: SignatureRequest) {
  const input: Record<string, CaseFile> = {};
  const files: Record<string, Uint8Array> = {};
  for (const name of ['key', 'certificate', 'certificates'] as const) {
    const text = request[name];
    if (text === undefined) continue;
    input[name] = `in/${name}.pem`;
    files[`in/${name}.pem`] = bytes(text);
  }
  return { input, files };
}

/** An EROFS image, its root hash, and the disk image that has to be written. */
export interface Written extends About, Pick<SignatureRequest, 'certificate'> {
  readonly image?: () => Uint8Array;
  readonly rootHash: string;
  readonly signer?: TestKey;
  /** The text of the key. Default: that of the signer. */
  readonly key?: string;
}

/** The case `ddi/<slug>`: a disk image is written. */
export function writes(slug: string, facts: Written): Recipe {
  const { image = () => small, rootHash, signer, key, certificate, ...about } = facts;
  return {
    id: `ddi/${slug}`,
    make: () => {
      const erofs = image();
      const found = hashTree(erofs).root.toString('hex');
      if (found !== rootHash) throw new Error(`ddi/${slug}: the root hash is ${found}, expected ${rootHash}`);
      const pem = pemInputs(
        signer === undefined
          ? {}
          : { key: key ?? signer.key, certificate: certificate ?? signer.certificate },
      );
      const from = stored('in/image.erofs', erofs);
      const disk = diskImage(erofs, signer === undefined ? undefined : signatureBy(signer, erofs));
      const to = stored('expect/ddi', disk);
      return {
        op: 'ddi.write',
        input: { image: from.file, ...pem.input },
        params: {},
        expect: {
          outcome: 'accept',
          values: { rootHash },
          files: { ddi: to.file },
          ...(signer?.kind === 'ecdsa' && { signedBy: 'in/certificate.pem' }),
        },
        files: { ...from.files, ...pem.files, ...to.files },
        confirmedBy: [...PROGRAMS, ...(signer === undefined ? [] : [OPENSSL])],
        ...about,
      };
    },
  };
}

/** What a DDI writer has to reject. */
export interface Unwritable extends About, SignatureRequest {
  readonly image?: () => Uint8Array;
  readonly control: string;
}

/** The case `ddi/<slug>`: no disk image is written. */
export function unwritable(slug: string, code: string, facts: Unwritable): Recipe {
  const { image = () => small, control, key, certificate, ...about } = facts;
  return {
    id: `ddi/${slug}`,
    make: () => {
      const pem = pemInputs({ ...(key && { key }), ...(certificate && { certificate }) });
      const from = stored('in/image.erofs', image());
      return {
        op: 'ddi.write',
        input: { image: from.file, ...pem.input },
        params: {},
        expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] },
        control: `ddi/${control}`,
        files: { ...from.files, ...pem.files },
        ...about,
      };
    },
  };
}

/** A disk image. */
interface Disk extends Pick<SignatureRequest, 'certificates' | 'requireSignature'> {
  readonly image?: () => Uint8Array;
  readonly signature?: () => Uint8Array;
}

/** The input, the params and the files of a request to read a disk image. */
function readRequest(
  { image = () => small, signature, certificates, requireSignature }: Disk,
  faults: DiskFaults = {},
) {
  const disk = diskImage(image(), signature?.(), faults);
  const from = stored('in/ddi', disk);
  const pem = pemInputs({ ...(certificates && { certificates }) });
  return {
    input: { ddi: from.file, ...pem.input },
    params: requireSignature ? { requireSignature: 'true' } : ({} as Record<string, string>),
    files: { ...from.files, ...pem.files },
  };
}

/** A disk image that is accepted. */
export interface Read extends About, Disk {
  readonly signed?: true;
}

/** The case `ddi/<slug>`: a disk image is read. */
export function reads(slug: string, { signed, ...facts }: Read): Recipe {
  const { image = () => small, signature, certificates, requireSignature, ...about } = facts;
  return {
    id: `ddi/${slug}`,
    make: () => {
      const erofs = image();
      const request = readRequest(facts);
      const to = stored('expect/image.erofs', erofs);
      const values = { rootHash: hashTree(erofs).root.toString('hex'), signed: String(signed ?? false) };
      return {
        op: 'ddi.read',
        ...request,
        expect: { outcome: 'accept', values, files: { image: to.file } },
        files: { ...request.files, ...to.files },
        confirmedBy: [...PROGRAMS, ...(signed ? [OPENSSL] : [])],
        ...about,
      };
    },
  };
}

/** A disk image that is rejected. */
export interface Unreadable extends About, Disk {
  /** Default: `read-small`, or `read-signed` with a signature. */
  readonly control?: string;
  readonly faults?: DiskFaults;
}

/** The case `ddi/<slug>`: a disk image is rejected. */
export function unreadable(slug: string, code: string, facts: Unreadable): Recipe {
  const { image, signature, certificates, requireSignature, faults, control, ...about } = facts;
  return {
    id: `ddi/${slug}`,
    make: () => ({
      op: 'ddi.read',
      ...readRequest(facts, faults),
      expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] },
      control: `ddi/${control ?? (signature === undefined ? 'read-small' : 'read-signed')}`,
      ...about,
    }),
  };
}
