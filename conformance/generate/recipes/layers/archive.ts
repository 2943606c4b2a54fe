/**
 * The structure of an archive: its end, its blocks, and where it is truncated.
 * @module
 */

import { archive, bytes, concat, directory, file, header, pax, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { globalHeader, reads, rejects, rootWith } from './parts.ts';

const hello = file('f', 'hello');
const half = file('g').subarray(0, 256);
const helloLine = '/f 5 100644 1 0 0 0 0.0 - hello -';
const STRAY = 'https://github.com/composefs/tar-core/commit/30a4bd2';

export const recipes: readonly Recipe[] = [
  reads('end-of-two-blocks', {
    title: 'Two blocks of zeros end an archive',
    requirements: ['LAYER-041', 'LAYER-092'],
    layer: [hello],
    tree: [helloLine],
  }),
  reads('end-missing', {
    title: 'The end of the layer ends an archive',
    requirements: ['LAYER-041'],
    class: 'EDGE_CASE',
    layer: hello,
    tree: [helloLine],
  }),
  reads('end-missing-after-directory', {
    title: 'The end of the layer ends an archive after an empty entry',
    requirements: ['LAYER-041'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/blob/main/crates/composefs/src/splitstream.rs'],
    except: ['rust'],
    layer: concat(hello, directory('d/')),
    tree: [rootWith(1), '/d 0 40755 2 0 0 0 0.0 - - -', helloLine],
  }),
  reads('end-of-one-block', {
    title: 'One block of zeros at the end of the layer ends an archive',
    requirements: ['LAYER-041'],
    class: 'EDGE_CASE',
    except: ['rust'],
    layer: concat(hello, zeros(1)),
    tree: [helloLine],
  }),
  reads('no-bytes', {
    title: 'A layer of no bytes has no entries',
    requirements: ['LAYER-041'],
    class: 'EDGE_CASE',
    layer: new Uint8Array(0),
    tree: [],
    except: ['libarchive', 'python'],
  }),
  reads('record-padding', {
    title: 'Zeros after the end of the archive are ignored',
    requirements: ['LAYER-043'],
    class: 'KNOWN_BUG',
    links: ['https://github.com/composefs/composefs-rs/issues/290'],
    layer: concat(archive(hello), zeros(17)),
    tree: [helloLine],
  }),
  reads('bytes-behind-the-end', {
    title: 'A second archive after the end is ignored',
    requirements: ['LAYER-043'],
    class: 'EDGE_CASE',
    layer: concat(archive(hello), archive(file('g', 'not there')), 'and more'),
    tree: [helloLine],
  }),
  reads('filling-not-zero', {
    title: 'The bytes of the padding are ignored',
    requirements: ['LAYER-045'],
    class: 'EDGE_CASE',
    layer: [header({ name: 'f', mode: 0o644, size: 5 }), bytes(`hello${'!'.repeat(507)}`)],
    tree: [helloLine],
  }),
  reads('content-of-blocks', {
    title: 'Content is read up to, at and above the size of a block',
    requirements: ['LAYER-092'],
    layer: [file('a', 'x'.repeat(1300)), file('b', 'y'.repeat(65)), file('c', 'z'.repeat(64)), file('d')],
    // Digests from fsverity-utils, of files with this content.
    tree: [
      `/a 1300 100644 1 0 0 0 0.0 ${external('3592ce9f0b1414dbfc6d103117845c501acf82a9879d39ad5b8fccc5b713d3d4')}`,
      `/b 65 100644 1 0 0 0 0.0 ${external('d35383ed2736abbd8313970a786f10579e9ed5d78b323fb24c078cc52f08dd2a')}`,
      `/c 64 100644 1 0 0 0 0.0 - ${'z'.repeat(64)} -`,
      '/d 0 100644 1 0 0 0 0.0 - - -',
    ],
    confirmedBy: ['fsverity-utils 1.6'],
  }),
  rejects('zero-block-inside', {
    title: 'A single block of zeros before an entry is rejected',
    requirements: ['LAYER-042'],
    class: 'HOSTILE',
    links: [STRAY],
    layer: [hello, zeros(1), file('g')],
    code: 'TAR_ZERO_BLOCK',
    control: 'end-of-two-blocks',
  }),
  ...(
    [
      ['header', 'a header', concat(hello, half)],
      ['content', 'the content of a file', file('f', 'hello').subarray(0, 515)],
      ['filling', 'the padding of its last content', hello.subarray(0, 1000)],
      ['extended-header', 'a PAX record', pax({ path: 'g' }).subarray(0, 520)],
      ['zeros', 'a block of zeros', concat(hello, new Uint8Array(100))],
      ['second-zeros', 'the second block of zeros', concat(hello, new Uint8Array(700))],
      ['header-after-zeros', 'a header after a block of zeros', concat(hello, zeros(1), half)],
    ] as const
  ).map(([slug, where, layer]) =>
    rejects(`cut-in-${slug}`, {
      title: `A layer that ends within ${where} is rejected`,
      requirements: ['LAYER-044'],
      layer,
      code: 'TAR_TRUNCATED',
      control: slug === 'extended-header' ? 'pax-path' : 'end-missing',
    }),
  ),
  rejects('cut-in-global-records', {
    title: 'A layer that ends between records of a global header is rejected',
    requirements: ['LAYER-044', 'LAYER-119'],
    layer: globalHeader({ comment: 'c'.repeat(88), other: 'o'.repeat(400) }).subarray(0, 512 + 101),
    code: 'TAR_TRUNCATED',
    control: 'end-missing',
  }),
  rejects('cut-in-global-filling', {
    title: 'A layer that ends within the padding of a global header is rejected',
    requirements: ['LAYER-044', 'LAYER-119'],
    layer: globalHeader({ comment: 'c' }).subarray(0, 1000),
    code: 'TAR_TRUNCATED',
    control: 'end-missing',
  }),
];

/** PAYLOAD, CONTENT and DIGEST of an external file. */
function external(digest: string): string {
  return `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;
}
