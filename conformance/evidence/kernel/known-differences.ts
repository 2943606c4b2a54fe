/**
 * What a kernel is known to do in a different way than the standard says, each with a link.
 * @module
 */

import { compareKernels } from '../../suite/kernel-runs.ts';
import { walkPage } from './walk.ts';

/** A known difference of some kernels. */
export interface KnownDifference {
  /** The name of the finding: the id of a case, or what was tried. */
  readonly name: string;
  /** The first kernel that is known to do as the standard says; the kernels before it differ. */
  readonly until: string;
  readonly why: string;
  readonly link: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: walkPage,
    until: '6.6',
    why: 'overlayfs does not compare digests',
    link: 'https://docs.kernel.org/filesystems/overlayfs.html#fs-verity-support',
  },
  {
    name: 'erofs/read-reserved',
    until: '6.18',
    why: 'it does not mount an image whose volume name has no NUL',
    link: 'https://github.com/torvalds/linux/blob/v6.12/fs/erofs/super.c',
  },
  ...['the right signature, ECDSA P-256 with SHA-256', 'the right signature, ECDSA P-384 with SHA-512'].map(
    name => ({
      name,
      until: '6.12',
      why: 'Debian builds it without ECDSA',
      link: 'https://github.com/torvalds/linux/blob/v6.1/crypto/Kconfig',
    }),
  ),
];

/** The difference of `kernel` (`6.12`) in the finding `name`, if one is known. */
export function knownDifference(name: string, kernel: string): KnownDifference | undefined {
  return knownDifferences.find(each => each.name === name && compareKernels(kernel, each.until) < 0);
}
