/**
 * Images that are digested with blocks of 65536 bytes, as are their objects; the image does not record the block size.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { root } from '../dumpfile/lines.ts';
import {
  COMPOSEFS_RS,
  digest,
  external,
  FSCK,
  FSVERITY,
  LINUX,
  MKCOMPOSEFS,
  object,
  objectOf,
  sha512,
  writes,
} from './parts.ts';

export const recipes: readonly Recipe[] = [
  writes('large-blocks', {
    title: 'Larger blocks give the same image a different digest',
    requirements: ['VERITY-008', 'EROFS-006'],
    needs: ['digest.sha256-16'],
    confirmedBy: [MKCOMPOSEFS, COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
    algorithm: 'fsverity-sha256-16',
    input: root + external('/a', '100', { payload: object, digest }),
    digest: '8ef95a936e4cd0946b08206aac4c097c048cd5399e103068a57dd0e3878e1aff',
  }),
  writes('large-blocks-sha512', {
    title: 'A SHA-512 digest has 64 bytes whatever its block size',
    requirements: ['VERITY-008', 'EROFS-003', 'EROFS-006'],
    needs: ['digest.sha512-16'],
    confirmedBy: [COMPOSEFS_RS, FSVERITY, FSCK, LINUX],
    algorithm: 'fsverity-sha512-16',
    input: root + external('/a', '100', { payload: objectOf(sha512), digest: sha512 }),
    digest:
      '9e28b6d106cc2abad76e360c3bba0c8c18b0e000793b0b1be6381056baed4df8a93a968426a7910a53f146b6fdaf6128a4c8b9f4261ee137207a6ee001ee9d37',
  }),
];
