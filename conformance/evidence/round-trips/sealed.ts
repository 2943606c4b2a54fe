/**
 * Seals images with `composefs-oci seal`, and verifies them with `composefs-oci verify`.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { type Processes, ProcessFailed } from '../processes.ts';
import type { TaggedImage, TaggedLayout } from './clients.ts';
import { type Combination, rolesOf } from './combinations.ts';
import { entriesOf } from './layouts.ts';

/** A layout after sealing. */
export interface SealedLayout extends TaggedLayout {
  readonly images: readonly PrintedImage[];
  /** The digest that the tag leads to: of the only manifest, or of an index. */
  readonly pinned: string;
  /** The path of the trusted certificate (PEM). */
  readonly certificate: string;
  /** The output of `verify`. */
  readonly verdict: string;
}

/** What `seal` printed about one image. */
interface PrintedImage extends TaggedImage {
  readonly keys: ReadonlySet<string>;
}

/** A check failed; the message says why. */
export class CheckFailed extends Error {}

/** The PEM files of a key. */
export interface KeyFiles {
  readonly key: string;
  readonly certificate: string;
}

const REF_NAME = 'org.opencontainers.image.ref.name';

const program = join(packageRoot, 'dist/reference/cli/main.js');

/**
 * Seals the layout `from` into the new layout `layout`, and verifies it. Throws {@link ProcessFailed}, {@link
 * CheckFailed}.
 */
export async function seal(
  from: string,
  layout: string,
  combination: Combination,
  files: KeyFiles,
  processes: Processes,
): Promise<SealedLayout> {
  const { mode, algorithms } = combination;
  const options = ['--mode', mode, '--algorithm', ...algorithms, '--role', ...rolesOf(combination)];
  const signing = ['--sign', files.key, '--cert', files.certificate, '--output', `oci:${layout}:latest`];
  const sealing = [program, 'seal', `oci:${from}:latest`, ...options, ...signing];
  const { stdout } = await processes.run(process.execPath, ...sealing);
  const images = imagesIn(stdout);
  const artifacts = mode === 'inline' ? 0 : algorithms.length;
  const complete = images.every(image => image.artifacts.length === artifacts);
  const pinned = entriesOf(layout).find(({ annotations }) => annotations?.[REF_NAME] === 'latest')?.digest;
  // For a single image, the digest to pin is the printed one; an index has its own digest.
  const printed = images.length > 1 || images[0]?.manifest === pinned;
  if (pinned === undefined || !complete || !printed)
    throw new CheckFailed(`seal did not print the images and artifacts of the new layout:\n${stdout}`);
  const sealed = { layout, images, pinned, certificate: files.certificate };
  const verdict = await verify(sealed, layout, processes);
  expectSigned(verdict, images);
  return { ...sealed, verdict };
}

/** Verifies an image with the certificate and the digest, as its user would. */
export async function verify(
  { pinned, certificate }: Pick<SealedLayout, 'pinned' | 'certificate'>,
  layout: string,
  processes: Processes,
  ...more: readonly string[]
): Promise<string> {
  const trusting = ['--cert', certificate, '--require-signature', '--manifest-digest', pinned];
  const verifying = [program, 'verify', ...trusting, ...more, `oci:${layout}:latest`];
  return (await processes.run(process.execPath, ...verifying)).stdout;
}

/** Throws {@link CheckFailed} if `verify` accepts a layout, or rejects it with an error code other than `code`. */
export async function expectRejection(code: string, verdict: Promise<string>): Promise<void> {
  let message: string;
  try {
    message = await verdict;
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    if (error.message.endsWith(` (${code})`)) return;
    message = error.message;
  }
  throw new CheckFailed(`expected a rejection with ${code}, but verify printed: ${message}`);
}

/** `accepts`, or the error code with which `verify` rejects a layout. Throws {@link ProcessFailed} if it has none. */
export async function verdictOf(verdict: Promise<string>): Promise<string> {
  try {
    await verdict;
    return 'accepts';
  } catch (error) {
    const code = error instanceof ProcessFailed ? / \(([A-Z_]+)\)$/.exec(error.message)?.[1] : undefined;
    if (code === undefined) throw error;
    return code;
  }
}

/** The images in the output of `seal`, with the keys printed before each, and the artifacts printed after it. */
function imagesIn(output: string): PrintedImage[] {
  const images: { manifest: string; artifacts: string[]; keys: Set<string> }[] = [];
  let keys = new Set<string>();
  for (const line of output.split('\n')) {
    // The key of a layer is followed by the number of the layer.
    const [, key] = /^(composefs\.\S+)(?: \d+)? [0-9a-f]+$/.exec(line) ?? [];
    const [, manifest] = /^image (?:sealed )?(sha256:\S+)$/.exec(line) ?? [];
    const [, artifact] = /^artifact (sha256:\S+)$/.exec(line) ?? [];
    if (key !== undefined) keys.add(key);
    if (artifact !== undefined) images.at(-1)?.artifacts.push(artifact);
    if (manifest !== undefined) {
      images.push({ manifest, artifacts: [], keys });
      keys = new Set();
    }
  }
  return images;
}

/**
 * Throws {@link CheckFailed} unless the verdict lists exactly these manifests, and exactly the keys of each, all
 * signed.
 */
function expectSigned(verdict: string, images: readonly PrintedImage[]): void {
  const expected = images.flatMap(({ manifest, keys }) => [
    `image ${manifest}`,
    ...[...keys].map(key => `${key} signed`).sort(),
  ]);
  const [first, ...lines] = verdict.split('\n');
  // In a multi-platform image, each image is followed by its platform.
  const actual = lines.map(line => /^image \S+/.exec(line)?.[0] ?? line);
  if (first !== 'verified' || actual.join('\n') !== expected.join('\n'))
    throw new CheckFailed(`verify printed:\n${verdict}\nbut seal published:\n${expected.join('\n')}`);
}
