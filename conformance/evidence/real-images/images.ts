/**
 * The images that `npm run real-image` makes.
 * @module
 */

import type { ImageMaker } from './images/image-maker.ts';
import { makeLabelled } from './images/labelled.ts';
import { makeLarge } from './images/large.ts';
import { makeMinimal } from './images/minimal.ts';
import { makeOwners } from './images/owners.ts';
import { makeStatic } from './images/static.ts';

/** One image. */
export interface RealImage {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** The Debian release that it is made from, if it is not that of this machine. Its bootable role has labels. */
  readonly labelledRelease?: string;
  readonly make: (maker: ImageMaker) => Promise<void>;
}

/** All of them. */
export const images: readonly RealImage[] = [
  {
    name: 'minimal',
    summary: 'a bootstrapped Debian, a layer that changes it, and one with whiteouts and unusual names',
    make: makeMinimal,
  },
  {
    name: 'large',
    summary: 'several hundred packages in ten layers that replace, delete and link',
    make: makeLarge,
  },
  {
    name: 'owners',
    summary: 'capabilities, owners of more than 16 bits, devices, names that are not UTF-8, unusual times',
    make: makeOwners,
  },
  { name: 'static', summary: 'one static program, without /usr', make: makeStatic },
  ...['bookworm', 'trixie'].map(release => ({
    name: `selinux-${release}`,
    summary: `services of Debian ${release} with its SELinux policy: the labels of a bootable image`,
    labelledRelease: release,
    make: makeLabelled,
  })),
];
