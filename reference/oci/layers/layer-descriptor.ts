/**
 * One layer, as manifest and config describe it.
 * @module
 */

import type { Location } from '../../errors.ts';
import { blobLocation } from '../blob.ts';
import type { Compression } from '../media-types.ts';
import type { Descriptor } from '../schemas.ts';

/** One layer, as manifest and config describe it. It can be sent to another thread. */
export interface LayerDescriptor {
  /** Counted from 0, the base. */
  readonly number: number;
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly compression: Compression;
}

/** Where a layer is in its image. */
export function layerLocation({ descriptor, number }: LayerDescriptor): Location {
  return { ...blobLocation(descriptor), layer: number };
}
