/**
 * Recorded runs of kernels: the data that `npm run kernel -- --record` writes.
 * @module
 */

/** The folder of the recorded runs, from the top of the repository: a JSON file for each kernel. */
export const kernelRunsFolder = 'conformance/generate/kernels';

/** The topics of the findings. */
export const kernelTopics = [
  'images',
  'trees',
  'stacks',
  'access',
  'walk',
  'tampering',
  'signatures',
  'disk images',
  'rejected images',
] as const;
export type KernelTopic = (typeof kernelTopics)[number];

/** What one kernel did. */
export interface KernelRun {
  /** For example `6.12`. */
  readonly kernel: string;
  /** For example `6.1.0-50-cloud-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-09-29)`. */
  readonly release: string;
  /** The SHA-256 of the files and checks of the run. */
  readonly inputs: string;
  /**
   * By topic and name, which is the id of a case or what was tried: `pass`, `fail`, `skip` or `seen`, a colon, and what
   * the kernel did. For an image, this is the digest that it measured; for a tree, the SHA-256 of the dumpfile of the tree
   * that it showed; for a disk image, it begins with the root hash.
   */
  readonly findings: Readonly<Record<KernelTopic, Readonly<Record<string, string>>>>;
}

/** Orders runs by the version of the kernel, the oldest first. */
export function byKernel(a: KernelRun, b: KernelRun): number {
  return compareKernels(a.kernel, b.kernel);
}

/** Compares two versions of the form `MAJOR.MINOR`: negative if `a` is before `b`. */
export function compareKernels(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}
