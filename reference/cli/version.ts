/**
 * The version of the package.
 * @module
 */

import { createRequire } from 'node:module';

const packageJson: { readonly version: string } = createRequire(import.meta.url)(
  'composefs-oci/package.json',
);

/** The version in `package.json`. */
export const version: string = packageJson.version;
