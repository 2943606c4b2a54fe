/**
 * Images that `composefs-oci seal` has sealed, and what `composefs-oci verify` says of them.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { Failed, type Processes } from '../processes.ts';
import type { Image, Tagged } from './clients.ts';
import { type Combination, rolesOf } from './combinations.ts';
import { entriesOf } from './layouts.ts';

/** A layout after sealing. */
export interface Sealed extends Tagged {
  readonly images: readonly SealedImage[];
  /** The digest that the tag leads to: of the only manifest, or of an index. */
  readonly pinned: string;
  /** PEM: what its signatures are believed by. */
  readonly certificate: string;
  /** What `verify` printed. */
  readonly verdict: string;
}

/** What `seal` printed of one image. */
interface SealedImage extends Image {
  readonly keys: ReadonlySet<string>;
}

/** What is not as it has to be. */
export class Wrong extends Error {}

/** PEM files of a key. */
export interface KeyFiles {
  readonly key: string;
  readonly certificate: string;
}

const REF_NAME = 'org.opencontainers.image.ref.name';

const program = join(packageRoot, 'dist/reference/cli/main.js');

/** Seals the layout `from` into the new one `layout`, and verifies it there. Throws {@link Failed}, {@link Wrong}. */
export async function seal(
  from: string,
  layout: string,
  combination: Combination,
  files: KeyFiles,
  processes: Processes,
): Promise<Sealed> {
  const { mode, algorithms } = combination;
  const how = ['--mode', mode, '--algorithm', ...algorithms, '--role', ...rolesOf(combination)];
  const signing = ['--sign', files.key, '--cert', files.certificate, '--output', `oci:${layout}:latest`];
  const sealing = [program, 'seal', `oci:${from}:latest`, ...how, ...signing];
  const { stdout } = await processes.run(process.execPath, ...sealing);
  const images = imagesIn(stdout);
  const artifacts = mode === 'inline' ? 0 : algorithms.length;
  const complete = images.every(image => image.artifacts.length === artifacts);
  const pinned = entriesOf(layout).find(({ annotations }) => annotations?.[REF_NAME] === 'latest')?.digest;
  // Of one image the digest to pin is the one that was printed; an index has a digest of its own.
  const named = images.length > 1 || images[0]?.manifest === pinned;
  if (pinned === undefined || !complete || !named) throw new Wrong(`seal said:\n${stdout}`);
  const sealed = { layout, images, pinned, certificate: files.certificate };
  const verdict = await verify(sealed, layout, processes);
  mustBeSigned(verdict, images);
  return { ...sealed, verdict };
}

/** Asks for a verdict as somebody does who has the certificate and the digest. */
export async function verify(
  { pinned, certificate }: Pick<Sealed, 'pinned' | 'certificate'>,
  layout: string,
  processes: Processes,
  ...more: readonly string[]
): Promise<string> {
  const trusting = ['--cert', certificate, '--require-signature', '--manifest-digest', pinned];
  const verifying = [program, 'verify', ...trusting, ...more, `oci:${layout}:latest`];
  return (await processes.run(process.execPath, ...verifying)).stdout;
}

/** Throws {@link Wrong} where `verify` accepts a layout, or refuses it with another code than `code`. */
export async function mustRefuse(code: string, verdict: Promise<string>): Promise<void> {
  let said: string;
  try {
    said = await verdict;
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if (error.message.endsWith(` (${code})`)) return;
    said = error.message;
  }
  throw new Wrong(`has to be refused with ${code}, and verify said: ${said}`);
}

/** The images that `seal` named, with the keys that it printed before each, and the artifacts after it. */
function imagesIn(said: string): SealedImage[] {
  const images: { manifest: string; artifacts: string[]; keys: Set<string> }[] = [];
  let keys = new Set<string>();
  for (const line of said.split('\n')) {
    // That of a layer has its number behind it.
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

/** The verdict names exactly these manifests, and exactly the keys of each, all of them signed. */
function mustBeSigned(verdict: string, images: readonly SealedImage[]): void {
  const expected = images.flatMap(({ manifest, keys }) => [
    `image ${manifest}`,
    ...[...keys].map(key => `${key} signed`).sort(),
  ]);
  const [first, ...lines] = verdict.split('\n');
  // Of several images each has its platform behind it.
  const said = lines.map(line => /^image \S+/.exec(line)?.[0] ?? line);
  if (first !== 'verified' || said.join('\n') !== expected.join('\n'))
    throw new Wrong(`verify said:\n${verdict}\nand seal said:\n${expected.join('\n')}`);
}
