/**
 * The images that `npm run real-image` makes.
 * @module
 */

import { makeLarge } from './images/large.ts';
import { makeMinimal } from './images/minimal.ts';
import { makeOwners } from './images/owners.ts';
import { makeStatic } from './images/static.ts';
import type { Workshop } from './images/workshop.ts';

/** One image. */
export interface RealImage {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly make: (workshop: Workshop) => Promise<void>;
}

/** All of them. */
export const images: readonly RealImage[] = [
  {
    name: 'minimal',
    summary: 'a bootstrapped Debian, a layer that changes it, and one with whiteouts and odd names',
    make: makeMinimal,
  },
  {
    name: 'large',
    summary: 'several hundred packages in ten layers that replace, delete and link',
    make: makeLarge,
  },
  {
    name: 'owners',
    summary: 'capabilities, owners beyond 16 bits, devices, names that are no text, odd times',
    make: makeOwners,
  },
  { name: 'static', summary: 'one static program and no /usr', make: makeStatic },
];
