/**
 * An image with a policy of SELinux: it has an image of role `merged`, and none of role `merged.bootable`.
 * @module
 */

import { archive, directory, file } from '../../builder/tar.ts';
import { hello } from '../image/parts.ts';
import { type Image, image } from './parts.ts';

const policy = archive(
  directory('etc/selinux/', { mtime: 1600000003 }),
  file('etc/selinux/config', 'SELINUX=enforcing\n', { mtime: 1600000004 }),
);

export const withPolicy = (): Image => image([{ tar: hello }, { tar: policy }]);

/** Digest of role merged of {@link withPolicy}, from mkcomposefs. */
export const policyMerged = 'dc814e40f668066fe2202c53400f6f8c88e2191c6a0915db65464c6d1a56fa9c';
