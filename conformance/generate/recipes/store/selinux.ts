/**
 * Images to boot with an SELinux policy whose files are objects: what makes their composefs images reads these objects.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { dumpfile, f, h, type Labelled, layerOf } from '../selinux/parts.ts';
import { finds, type ImageInStore, imports, storeWith } from './parts.ts';

const files = '/etc/selinux/t/contexts/files';
const [main, local] = ['m', 'n'].map(label => label.repeat(80)) as [string, string];

/** One of the policy files is a hard link to a file at another path. */
const labelled: Labelled = {
  title: '',
  requirements: [],
  main: `/usr ${main}\n`,
  tree: [f('/usr/more', `/boot ${local}\n`), h(`${files}/file_contexts.local`, '/usr/more')],
  labels: { '/usr': main, '/boot': local },
};

const image: ImageInStore = {
  layers: [{ tar: layerOf(labelled), objects: [`/usr ${main}\n`, `/boot ${local}\n`] }],
  images: {
    'composefs.image.v1': dumpfile({ ...labelled, labels: {} }),
    'composefs.image.boot.v1': dumpfile(labelled),
  },
};

export const recipes: readonly Recipe[] = [
  imports('import-policy', {
    title: 'Policy files that are objects label an image to boot',
    requirements: ['STORE-003', 'STORE-120'],
    image,
    after: storeWith(image).store,
    params: { bootable: 'true' },
  }),
  finds('image-policy', {
    title: 'Policy files that are objects label an image that is checked',
    requirements: ['STORE-043'],
    store: storeWith(image).store,
    findings: [],
  }),
];
