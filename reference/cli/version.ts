/**
 * The version of the package.
 * @module
 */

import { createRequire } from 'node:module';

const packageJson: { readonly version: string } = createRequire(import.meta.url)(
  'composefs-oci/package.json',
);

/** The version of the package, as npm knows it. */
export const version: string = packageJson.version;
