/**
 * Which trees of an image are built, and what else in a manifest plays no part.
 * @module
 */

import { archive, hardlink } from '../../builder/tar.ts';
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
import { policyMerged, withPolicy } from '../seal/policy.ts';
import { inlineKeys, merged, rejected, verified } from './parts.ts';

/** A second layer with a hard link to a file that is in no layer. */
const broken = () => image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/nothing')) }]);
const layerAlone = (source: Image): Additions => ({
  ...helloAdditions(source),
  layers: [published('layer', trees.helloUntransformed.sha256)],
  manifest: '',
});

const subject = (members: string) => (source: Image, add: Additions) =>
  plain(source, add).replace(
    '"layers":',
    `"subject":{"mediaType":"${types.manifest}","digest":"sha256:${'0'.repeat(64)}","size":2,"annotations":{${members}}},"layers":`,
  );

export const recipes: readonly Recipe[] = [
  verified('policy-merged', {
    title: 'A policy of SELinux has no effect if only role merged is published',
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
];
