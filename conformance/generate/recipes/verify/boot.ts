/**
 * The kernel command line, compared with the image.
 * @module
 */

import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { boot, goodbye, hello, longTarget, trees } from '../image/parts.ts';
import { type Additions, helloAdditions, type Image, image, key, published } from '../seal/parts.ts';
import { bare, type Facts, inlineKeys, rejected, required, verified } from './parts.ts';

const { sha256, sha512 } = trees.helloBoot;
const merged = published('merged', '45a77660cbe6f5f6ef1313957915b70d8a121f5cd3f92fb9af54baf96d07bcde');
const needs = ['role.merged.bootable'];

/** An image with /boot and /sysroot that publishes role merged. */
const bootImage: Pick<Facts, 'image' | 'add' | 'needs'> = {
  needs,
  image: () => image([{ tar: hello }, { tar: boot }]),
  add: (source: Image): Additions => ({ ...helloAdditions(source), manifest: merged }),
};

const v1 = (digest: string, hash: string) => `composefs.digest=v1-${hash}-12:${digest}`;

/** An image without /boot and /sysroot, so that both roles have the same tree. */
const twoLayers: Pick<Facts, 'image' | 'add' | 'needs' | 'confirmedBy'> = {
  needs: [...needs, 'format.v2'],
  image: () => image([{ tar: hello }, { tar: goodbye }]),
  add: (source: Image): Additions => ({
    ...helloAdditions(source),
    manifest: published('merged', trees.helloGoodbye.sha256),
  }),
  confirmedBy: ['composefs-rs 0.9.4'],
};
/** Digest of {@link twoLayers} in format v2, from composefs-rs. */
const v2 = '6b32745423f15a62ed9c94b3a0f53bd2ec270c5121dc226089b824ec417f4c99';

/** An image of which there is none in format v2 (EROFS-083). Without /boot, so that both roles have the same tree. */
const onlyV1: Pick<Facts, 'image' | 'add' | 'needs'> = {
  needs: [...needs, 'format.v2'],
  image: () => image([{ tar: hello }, { tar: longTarget }]),
  add: (source: Image): Additions => ({
    ...helloAdditions(source),
    manifest: published('merged', trees.helloLongTarget.sha256),
  }),
};

export const recipes: readonly Recipe[] = [
  verified('cmdline-older-only-v1', {
    title: 'A second-form digest of an image that v2 cannot hold is verified',
    requirements: ['VERIFY-073', 'VERIFY-048'],
    ...onlyV1,
    commandLine: `composefs=${trees.helloLongTarget.sha256}`,
    keys: [...inlineKeys, 'composefs=any-sha256-12'],
  }),
  rejected('cmdline-v2-only-v1', 'VERIFY_CMDLINE_DIGEST', 'cmdline-older-only-v1', {
    title: 'A digest in format v2 of an image that v2 cannot hold is rejected',
    requirements: ['VERIFY-073', 'VERIFY-049'],
    ...onlyV1,
    commandLine: `composefs.digest=v2-sha256-12:${trees.helloLongTarget.sha256}`,
  }),
  verified('cmdline-v2', {
    title: 'A digest of format v2 is compared with that of format v2',
    requirements: ['VERIFY-049'],
    ...twoLayers,
    commandLine: `composefs.digest=v2-sha256-12:${v2}`,
    keys: [...inlineKeys, 'composefs=v2-sha256-12'],
  }),
  verified('cmdline-older-v2', {
    title: 'A second-form argument can have a digest of format v2',
    requirements: ['VERIFY-049', 'VERIFY-048'],
    ...twoLayers,
    commandLine: `composefs=${v2}`,
    keys: [...inlineKeys, 'composefs=any-sha256-12'],
  }),
  rejected('cmdline-v2-other', 'VERIFY_CMDLINE_DIGEST', 'cmdline-v2', {
    title: 'A digest of format v1 that claims format v2 is rejected',
    requirements: ['VERIFY-049'],
    ...twoLayers,
    commandLine: `composefs.digest=v2-sha256-12:${trees.helloGoodbye.sha256}`,
  }),
  verified('cmdline', {
    title: 'A command line with the digest of role merged.bootable is verified',
    requirements: ['VERIFY-046', 'VERIFY-038', 'VERIFY-039'],
    ...bootImage,
    commandLine: `root=/dev/vda2 ro ${v1(sha256, 'sha256')} quiet\n`,
    keys: [...inlineKeys, 'composefs=v1-sha256-12'],
  }),
  verified('cmdline-two', {
    title: 'Every digest of the command line is compared',
    requirements: ['VERIFY-046', 'VERIFY-045'],
    ...bootImage,
    needs: [...needs, 'digest.sha512-12'],
    commandLine: `${v1(sha512, 'sha512')} ${v1(sha256, 'sha256')}`,
    keys: [...inlineKeys, 'composefs=v1-sha512-12', 'composefs=v1-sha256-12'],
  }),
  verified('cmdline-older', {
    title: 'A second-form argument can have a digest of format v1',
    requirements: ['VERIFY-048', 'VERIFY-045'],
    ...bootImage,
    needs: [...needs, 'digest.sha512-12'],
    commandLine: `composefs=${sha512}`,
    keys: [...inlineKeys, 'composefs=any-sha512-12'],
  }),
  verified('cmdline-question-mark', {
    title: 'A question mark does not change the comparison',
    requirements: ['VERIFY-046'],
    ...bootImage,
    commandLine: v1(sha256, 'sha256').replace('=', '=?'),
    keys: [...inlineKeys, 'composefs=?v1-sha256-12'],
  }),
  verified('cmdline-alone', {
    title: 'A command line publishes a digest of role merged.bootable',
    requirements: ['VERIFY-050'],
    ...bootImage,
    add: bare,
    params: { role: 'merged.bootable' },
    commandLine: v1(sha256, 'sha256'),
    keys: ['composefs=v1-sha256-12'],
  }),
  rejected('cmdline-unsigned', 'VERIFY_UNSIGNED', 'cmdline-alone', {
    title: 'A digest of the command line has no signature',
    requirements: ['VERIFY-050', 'VERIFY-037'],
    class: 'HOSTILE',
    ...bootImage,
    add: source => ({ ...helloAdditions(source, 'sha256', testKeys.rsa), manifest: '' }),
    params: { ...required, role: 'merged.bootable' },
    trusted: [testKeys.rsa],
    commandLine: v1(sha256, 'sha256'),
  }),
  rejected('cmdline-without-role', 'VERIFY_UNPUBLISHED', 'cmdline-alone', {
    title: 'A command line does not change which role has to be published',
    requirements: ['VERIFY-006', 'VERIFY-050'],
    ...bootImage,
    add: bare,
    commandLine: v1(sha256, 'sha256'),
  }),
  verified('cmdline-with-key', {
    title: 'Equal digests in the command line and the manifest are verified',
    requirements: ['VERIFY-046', 'VERIFY-005'],
    ...bootImage,
    add: source => ({ ...helloAdditions(source), manifest: published('merged.bootable', sha256) }),
    params: { role: 'merged.bootable' },
    commandLine: v1(sha256, 'sha256'),
    keys: [key('config'), key('merged.bootable'), 'composefs=v1-sha256-12'],
  }),
  rejected('cmdline-other-image', 'VERIFY_CMDLINE_DIGEST', 'cmdline', {
    title: 'A command line with the digest of a different image is rejected',
    requirements: ['VERIFY-046'],
    class: 'HOSTILE',
    ...bootImage,
    commandLine: v1(trees.bonjour.sha256, 'sha256'),
  }),
  rejected('cmdline-second-other', 'VERIFY_CMDLINE_DIGEST', 'cmdline-two', {
    title: 'A second digest of a different image is rejected',
    requirements: ['VERIFY-046'],
    class: 'HOSTILE',
    ...bootImage,
    needs: [...needs, 'digest.sha512-12'],
    commandLine: `${v1(sha256, 'sha256')} ${v1(trees.bonjour.sha512, 'sha512')}`,
  }),
  rejected('cmdline-older-other', 'VERIFY_CMDLINE_DIGEST', 'cmdline-older', {
    title: 'A second-form digest of a different image is rejected',
    requirements: ['VERIFY-048'],
    class: 'HOSTILE',
    ...bootImage,
    commandLine: `composefs=${trees.bonjour.sha256}`,
  }),
  rejected('cmdline-against-key', 'VERIFY_DIGEST', 'cmdline-with-key', {
    title: 'A manifest that contradicts the command line is rejected',
    requirements: ['VERIFY-005'],
    class: 'HOSTILE',
    ...bootImage,
    add: source => ({
      ...helloAdditions(source),
      manifest: published('merged.bootable', trees.bonjour.sha256),
    }),
    params: { role: 'merged.bootable' },
    commandLine: v1(sha256, 'sha256'),
  }),
  rejected('cmdline-nothing', 'VERIFY_UNPUBLISHED', 'cmdline', {
    title: 'A command line without a digest is rejected',
    requirements: ['VERIFY-050'],
    ...bootImage,
    commandLine: 'root=/dev/vda2 ro quiet\n',
  }),
  rejected('cmdline-unknown-alone', 'VERIFY_UNPUBLISHED', 'cmdline', {
    title: 'A command line without a comparable digest is rejected',
    requirements: ['VERIFY-050', 'VERIFY-042'],
    ...bootImage,
    commandLine: `composefs.digest=v3-sha256-12:${sha256}`,
  }),
  rejected('cmdline-malformed', 'VERIFY_CMDLINE_FORM', 'cmdline', {
    title: 'A malformed command line is rejected with its image',
    requirements: ['VERIFY-041'],
    ...bootImage,
    commandLine: `composefs=${sha256}0`,
  }),
];
