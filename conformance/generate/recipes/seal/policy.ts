/**
 * Images that name an SELinux policy. The one that lacks it has an image of role `merged`, and none of role
 * `merged.bootable`; the images of the other one differ in a label.
 * @module
 */

import { archive, directory, file } from '../../builder/tar.ts';
import { hello } from '../image/parts.ts';
import { f, layerOf } from '../selinux/parts.ts';
import { type Image, image } from './parts.ts';

const policy = archive(
  directory('etc/selinux/', { mtime: 1600000003 }),
  file('etc/selinux/config', 'SELINUXTYPE=absent\n', { mtime: 1600000004 }),
);

export const withPolicy = (): Image => image([{ tar: hello }, { tar: policy }]);

/** Digest of role merged of {@link withPolicy}, from mkcomposefs. */
export const policyMerged = '998207780c41c27f2429f37e04dac29be47b32ffd0d2308a0b8b41277fecd632';

/** An image with a policy that labels `/a`. */
export const withLabel = (): Image => image([{ tar: layerOf({ main: '/a A\n', tree: [f('/a')] }) }]);

/** Digests of the two roles of {@link withLabel}, from mkcomposefs. */
export const labelMerged = '2d6134231422de4d7a1071f6b25a8ca5ecec5985a5af4671d02b4aa1cc0931ed';
export const labelBootable = '05d620649ab2165794a98264e1073691f0cec84e87afc5554bdab1d4dc1b1372';
