/**
 * Mounts images with this machine's kernel and lists their contents. This happens in a separate mount namespace, so
 * that all mounts end with it, however it ends.
 * @module
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import type { SeenListing } from './listing-difference.ts';

/** An image to mount. */
export interface MountRequest {
  readonly path: string;
  /** Files to put into a lower layer, each an absolute path. */
  readonly below: readonly string[];
}

/** The image cannot be mounted here, for a reason that does not depend on the image. */
export interface MountUnavailable {
  readonly unavailable: string;
}

/** The result of mounting one image. */
export type MountResult = MountUnavailable | { readonly error: string } | MountObservation;

/** The contents of a mounted image. */
export interface MountObservation {
  /** Whether it was mounted as a file or through a loop device. */
  readonly how: 'file' | 'loop';
  readonly entries: SeenListing;
  readonly overlay: MountUnavailable | { readonly entries: SeenListing; readonly below?: readonly string[] };
}

/** The time for all images together, in case the kernel hangs. */
const TIMEOUT_MS = 300_000;

/** How the error of an image begins if not the image, but another one or the machine, ended the script. */
export const SCRIPT_ENDED = 'the script ended';

/** The version of the running kernel, for example `6.18`. */
export function kernelVersion(): string {
  return /^\d+\.\d+/.exec(release())?.[0] ?? release();
}

/** Why this machine cannot mount images; undefined if nothing is known to prevent it. */
export function whyCannotMount(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux mounts EROFS';
  if (process.getuid?.() !== 0) return 'mounting needs root';
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not installed';
  const unshared = spawnSync('unshare', ['--mount', 'true'], { encoding: 'utf8' });
  if (unshared.error !== undefined) return 'unshare of util-linux is not installed';
  if (unshared.status !== 0) return `cannot create a mount namespace: ${unshared.stderr.trim()}`;
  return undefined;
}

/**
 * Mounts each image; with `loop`, through a loop device even if the kernel can mount files. Returns the results in
 * order.
 */
export async function mountAll(images: readonly MountRequest[], loop = false): Promise<MountResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'composefs-oci-external-checks-'));
  try {
    const { stdout, ending } = await run(JSON.stringify({ images, folder, loop }));
    const lines = stdout.split('\n').slice(0, -1);
    return images.map((_, i) => {
      const line = lines[i];
      return line === undefined ? { error: ending } : (JSON.parse(line) as MountResult);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(request: string): Promise<{ stdout: string; ending: string }> {
  const script = join(packageRoot, 'conformance/evidence/external-checks/mount_and_list.py');
  const args = ['--mount', '--propagation', 'private', '--kill-child', 'python3', '-B', script];
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', args, { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('latin1').on('data', text => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ stdout, ending: `${SCRIPT_ENDED} (${signal ?? code}) before this image: ${stderr.trim()}` });
    });
    // The script may end before it has read the whole request.
    child.stdin.on('error', () => {});
    child.stdin.end(request);
  });
}
