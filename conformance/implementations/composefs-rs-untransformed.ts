/**
 * Gets the tree of layers without any transform from cfsctl, which has no option for that. The transform of cfsctl
 * (composefs-rs:crates/composefs/src/generic_tree.rs) is undone where that is possible:
 *
 * - It gives the root the attributes of `/usr`. Without a transform the root has fixed attributes, so they are known.
 * - It rejects a tree without `/usr`. An additional layer then adds `/usr`, which is removed from the answer.
 * - It empties `/run`. A tree with `/run` is answered as unsupported.
 * - It drops extended attributes. Layers with such attributes are answered as unsupported.
 * @module
 */

import { archive, directory } from '../generate/builder/tar.ts';
import type { LayerBlob } from './composefs-rs-layout.ts';

/** A layer that contains only `/usr`. */
export const usrLayer: LayerBlob = {
  content: archive(directory('usr/')),
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
};

/** The dumpfile line of `/usr` in {@link usrLayer}. */
const USR = '/usr 0 40755 2 0 0 0 0.0 - - -';

/** A dumpfile with the root as it is without a transform. Undefined if the transform may have emptied `/run`. */
export function withUntransformedRoot(dump: string): string | undefined {
  if (/^\/run /m.test(dump)) return undefined;
  return dump.replace(/^\/ 0 \d+ (\d+) .*$/m, '/ 0 40755 $1 0 0 0 0.0 - - -');
}

/** Removes the `/usr` of {@link usrLayer} from the dumpfile of layers on which that layer was put. */
export function withoutUsr(dump: string): string {
  if (!dump.split('\n').includes(USR))
    throw new Error('the dump lacks the /usr that the additional layer adds');
  return dump
    .replace(`${USR}\n`, '')
    .replace(/^(\/ 0 \d+) (\d+)/, (_, start, links) => `${start} ${Number(links) - 1}`);
}

/** Whether a layer, as `oci layer --dumpfile` prints it, has an extended attribute that the transform drops. */
export function hasDroppedXattrs(dump: string): boolean {
  return dump.split('\n').some(line => {
    const xattrs = line.split(' ').slice(11);
    return xattrs.some(xattr => !/^(?:security\.capability=|user\.)/.test(xattr));
  });
}
