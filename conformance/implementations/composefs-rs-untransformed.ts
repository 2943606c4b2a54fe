/**
 * How cfsctl is asked for the tree of layers without any transform, for which it has no option: by knowing what its
 * transform does (composefs-rs:crates/composefs/src/generic_tree.rs), and asking only where that can be told apart.
 *
 * - It gives the root the attributes of `/usr`. Without a transform the root has fixed ones, whatever the layers are.
 * - It refuses a tree without `/usr`. Then a last layer brings one, which is taken out of the answer.
 * - It empties `/run`. A tree that has one can not be asked for.
 * - It drops attributes. Layers that have one of those can not be asked for.
 * @module
 */

import { archive, directory } from '../generate/builder/tar.ts';
import type { Layer } from './composefs-rs-layout.ts';

/** A layer that has `/usr` and nothing else. */
export const usrLayer: Layer = {
  content: archive(directory('usr/')),
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
};

/** The line of the `/usr` of {@link usrLayer}. */
const USR = '/usr 0 40755 2 0 0 0 0.0 - - -';

/** A dumpfile with the root as it is without a transform. Undefined where the transform may have emptied `/run`. */
export function untransformed(dump: string): string | undefined {
  if (/^\/run /m.test(dump)) return undefined;
  return dump.replace(/^\/ 0 \d+ (\d+) .*$/m, '/ 0 40755 $1 0 0 0 0.0 - - -');
}

/** The dumpfile of layers below {@link usrLayer} without what that layer has brought. */
export function withoutUsr(dump: string): string {
  if (!dump.split('\n').includes(USR)) throw new Error('the dump has no /usr as the last layer brings it');
  return dump
    .replace(`${USR}\n`, '')
    .replace(/^(\/ 0 \d+) (\d+)/, (_, start, links) => `${start} ${Number(links) - 1}`);
}

/** Whether a layer, as `oci layer --dumpfile` prints it, has an attribute that the transform would drop. */
export function hasOtherXattrs(dump: string): boolean {
  return dump.split('\n').some(line => {
    const xattrs = line.split(' ').slice(11);
    return xattrs.some(xattr => !/^(?:security\.capability=|user\.)/.test(xattr));
  });
}
