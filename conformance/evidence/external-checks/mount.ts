/**
 * Lets this machine's kernel mount images and say what it sees. Everything happens in a mount namespace of its own,
 * which takes its mounts with it, however it ends.
 * @module
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import type { Seen } from './listing-difference.ts';

/** An image to mount. */
export interface ToMount {
  readonly path: string;
  /** Files to lay under it, each a path that begins with a slash. */
  readonly below: readonly string[];
}

/** It can't be done here, for a reason that has nothing to do with the image. */
export interface Unavailable {
  readonly unavailable: string;
}

/** What came of one image. */
export type Mounted = Unavailable | { readonly error: string } | Look;

/** What was seen of a mounted image. */
export interface Look {
  /** Mounted as a file, or through a loop device. */
  readonly how: 'file' | 'loop';
  readonly entries: Seen;
  readonly overlay: Unavailable | { readonly entries: Seen; readonly below?: readonly string[] };
}

/** For all images together; a kernel that hangs holds nothing up for longer. */
const TIMEOUT_MS = 300_000;

/** `6.18` of this kernel. */
export function kernelVersion(): string {
  return /^\d+\.\d+/.exec(release())?.[0] ?? release();
}

/** Why this machine can not mount images; undefined where it may. */
export function mountingLacks(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux mounts EROFS';
  if (process.getuid?.() !== 0) return 'to mount takes root';
  if (spawnSync('python3', ['--version']).status !== 0) return 'python3 is not there';
  const unshared = spawnSync('unshare', ['--mount', 'true'], { encoding: 'utf8' });
  if (unshared.error !== undefined) return 'unshare, of util-linux, is not there';
  if (unshared.status !== 0) return `no namespace for mounts: ${unshared.stderr.trim()}`;
  return undefined;
}

/** Mounts each of `images`, with `loop` through a loop device even where it is not needed. Keeps their order. */
export async function mountAll(images: readonly ToMount[], loop = false): Promise<Mounted[]> {
  const folder = await mkdtemp(join(tmpdir(), 'composefs-oci-judges-'));
  try {
    const { stdout, ending } = await run(JSON.stringify({ images, folder, loop }));
    const lines = stdout.split('\n').slice(0, -1);
    return images.map((_, i) => {
      const line = lines[i];
      return line === undefined ? { error: ending } : (JSON.parse(line) as Mounted);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(request: string): Promise<{ stdout: string; ending: string }> {
  const script = join(packageRoot, 'conformance/evidence/external-checks/mounted.py');
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
      resolve({ stdout, ending: `it ended (${signal ?? code}) before it said anything: ${stderr.trim()}` });
    });
    // It may end before it has read all.
    child.stdin.on('error', () => {});
    child.stdin.end(request);
  });
}
