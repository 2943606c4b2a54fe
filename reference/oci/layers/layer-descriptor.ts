/**
 * One layer, as manifest and config describe it.
 * @module
 */

import type { Place } from '../../errors.ts';
import { blobPlace } from '../blob.ts';
import type { Compression } from '../media-types.ts';
import type { Descriptor } from '../schemas.ts';

/** One layer, as manifest and config describe it. It can be sent to another thread. */
export interface LayerDescription {
  /** Counted from 0, the base. */
  readonly number: number;
  readonly descriptor: Descriptor;
  readonly diffId: string;
  readonly compression: Compression;
}

/** Where a layer is in its image. */
export function layerPlace({ descriptor, number }: LayerDescription): Place {
  return { ...blobPlace(descriptor), layer: number };
}
