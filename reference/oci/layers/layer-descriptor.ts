/**
 * One layer, as manifest and config describe it.
 * @module
 */

import type { Location } from '../../errors.ts';
import { blobLocation } from '../blob.ts';
import type { Compression } from '../media-types.ts';
import type { Descriptor } from '../schemas.ts';

/** One layer, as manifest and config describe it. Plain data, so that it can be sent to another thread. */
export interface LayerDescriptor {
  /** Number of the layer, counted from 0, the base. */
  readonly number: number;
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly compression: Compression;
}

/** The location of a layer in its image, for messages. */
export function layerLocation({ descriptor, number }: LayerDescriptor): Location {
  return { ...blobLocation(descriptor), layer: number };
}
