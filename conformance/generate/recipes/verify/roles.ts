/**
 * Which trees of an image are built, and what else in a manifest plays no part.
 * @module
 */

import { archive, character, concat, directory, file, hardlink } from '../../builder/tar.ts';
import { testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  type Additions,
  helloAdditions,
  type Image,
  image,
  key,
  plain,
  published,
  types,
} from '../seal/parts.ts';
import { labelBootable, labelMerged, policyMerged, withLabel, withPolicy } from '../seal/policy.ts';
import { inlineKeys, merged, rejected, verified } from './parts.ts';

const { rsa } = testKeys;

/** A second layer with a hard link to a file that is in no layer. */
const broken = () => image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/nothing')) }]);
const layerAlone = (source: Image): Additions => ({
  ...helloAdditions(source),
  layers: [published('layer', trees.helloUntransformed.sha256)],
  manifest: '',
});

/** The image with this second layer, of which only the first is published. */
const secondLayer = (tar: Uint8Array) => ({
  needs: ['role.layer'],
  class: 'EDGE_CASE' as const,
  params: { role: 'layer' },
  image: () => image([{ tar: hello }, { tar }]),
  add: layerAlone,
});
/** `parts`, and an archive that ends in the content of a file. */
const cutOff = (parts: Uint8Array) => concat(parts, file('usr/end', 'x').subarray(0, 600));

const linkToLower = hardlink('usr/link', 'usr/greeting');
const deviceZero = character('dev', 0, 0);
/** A file, and an entry below it. */
const blocked = concat(file('etc', 'x'), directory('etc/x/'));

/** What is published for the image with a label, with this digest of role merged.bootable. */
const withLabelKeys = (bootable: string) =>
  `${published('merged', labelMerged)},${published('merged.bootable', bootable)}`;

const subject = (members: string) => (source: Image, add: Additions) =>
  plain(source, add).replace(
    '"layers":',
    `"subject":{"mediaType":"${types.manifest}","digest":"sha256:${'0'.repeat(64)}","size":2,"annotations":{${members}}},"layers":`,
  );

export const recipes: readonly Recipe[] = [
  verified('policy-merged', {
    title: 'A missing SELinux policy has no effect if only merged is published',
    requirements: ['VERIFY-060'],
    class: 'EDGE_CASE',
    image: withPolicy,
    add: source => ({ ...helloAdditions(source), manifest: published('merged', policyMerged) }),
  }),
  rejected('policy-bootable', 'TRANSFORM_SELINUX', 'policy-merged', {
    title: 'A published digest of role merged.bootable needs its tree',
    requirements: ['VERIFY-060', 'VERIFY-001'],
    needs: ['role.merged.bootable'],
    image: withPolicy,
    add: source => ({
      ...helloAdditions(source),
      manifest: `${published('merged', policyMerged)},${published('merged.bootable', policyMerged)}`,
    }),
  }),
  verified('bootable-labels', {
    title: 'A digest of role merged.bootable is that of the labelled tree',
    requirements: ['VERIFY-001', 'SELINUX-001', 'SELINUX-024'],
    needs: ['role.merged.bootable'],
    image: withLabel,
    add: source => ({ ...helloAdditions(source), manifest: withLabelKeys(labelBootable) }),
    keys: [key('config'), key('merged'), key('merged.bootable')],
  }),
  rejected('bootable-without-labels', 'VERIFY_DIGEST', 'bootable-labels', {
    title: 'A digest of role merged.bootable without labels is rejected',
    requirements: ['VERIFY-005', 'SELINUX-024'],
    needs: ['role.merged.bootable'],
    image: withLabel,
    add: source => ({ ...helloAdditions(source), manifest: withLabelKeys(labelMerged) }),
  }),
  verified('layer-alone', {
    title: 'The merged tree is not built if only layers are published',
    requirements: ['VERIFY-060', 'VERIFY-007'],
    needs: ['role.layer'],
    class: 'EDGE_CASE',
    params: { role: 'layer' },
    image: broken,
    add: layerAlone,
    keys: [key('config'), key('layer')],
  }),
  ...(
    [
      ['link-lower', 'a hard link to a lower layer', linkToLower],
      ['device', 'a device with number 0', deviceZero],
    ] as const
  ).flatMap(([slug, what, part]) => [
    verified(`layer-${slug}`, {
      ...secondLayer(archive(part)),
      title: `A layer with ${what} needs no digest`,
      requirements: ['VERIFY-007', 'VERIFY-070'],
      keys: [key('config'), key('layer')],
    }),
    rejected(`layer-${slug}-cut-off`, 'TAR_TRUNCATED', `layer-${slug}`, {
      ...secondLayer(cutOff(part)),
      title: `A truncated layer with ${what} is rejected`,
      requirements: ['VERIFY-070', 'VERIFY-001'],
    }),
    rejected(`layer-${slug}-marker`, 'MERGE_WHITEOUT_NAME', `layer-${slug}`, {
      ...secondLayer(archive(part, file('usr/.wh.'))),
      title: `A malformed marker after ${what} is rejected`,
      requirements: ['VERIFY-070', 'VERIFY-001'],
    }),
    verified(`layer-${slug}-then-parent`, {
      ...secondLayer(archive(part, blocked)),
      title: `A blocked path after ${what} has no effect`,
      requirements: ['VERIFY-070', 'VERIFY-007'],
      keys: [key('config'), key('layer')],
    }),
    rejected(`layer-parent-then-${slug}`, 'MERGE_PARENT', `layer-${slug}-then-parent`, {
      ...secondLayer(archive(blocked, part)),
      title: `A blocked path before ${what} is rejected`,
      requirements: ['VERIFY-070', 'VERIFY-001'],
    }),
  ]),
  rejected('layer-and-merged', 'MERGE_LINK_TARGET', 'layer-alone', {
    title: 'A published digest of role merged needs its tree',
    requirements: ['VERIFY-060', 'VERIFY-001'],
    needs: ['role.layer'],
    class: 'EDGE_CASE',
    params: { role: 'layer' },
    image: broken,
    add: source => ({ ...layerAlone(source), manifest: published('merged', merged) }),
  }),
  verified('subject', {
    title: 'The subject of an image manifest has no effect',
    requirements: ['VERIFY-009', 'VERIFY-014'],
    class: 'EDGE_CASE',
    manifest: subject('"org.example":"x"'),
    keys: inlineKeys,
  }),
  rejected('place-subject', 'VERIFY_PLACE', 'subject', {
    title: 'A merged key on the subject of an image manifest is rejected',
    requirements: ['VERIFY-011'],
    manifest: subject(published('merged', merged)),
  }),
  verified('layers-equal-one-signed', {
    title: 'A signature of one of two equal layers does not sign the other',
    requirements: ['VERIFY-038'],
    needs: ['role.layer'],
    class: 'EDGE_CASE',
    params: { role: 'layer' },
    trusted: [rsa],
    image: () => image([{ tar: hello }, { tar: hello }]),
    add: source => ({
      ...helloAdditions(source),
      layers: [
        published('layer', trees.helloUntransformed.sha256, rsa),
        published('layer', trees.helloUntransformed.sha256),
      ],
    }),
    keys: [...inlineKeys, key('layer')],
  }),
];
