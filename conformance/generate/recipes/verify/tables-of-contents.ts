/**
 * Verification of images whose layers have tables of contents.
 * @module
 */

import { type Changes, chunkedLayer } from '../../builder/chunked.ts';
import { storedZstd } from '../../builder/compression.ts';
import type { Recipe } from '../../recipe.ts';
import { helloParts } from '../image/table-of-contents.ts';
import { type Image, image, types } from '../seal/parts.ts';
import { annotation, inverted, keys, member, replaced } from '../toc/parts.ts';
import { rejected, verified } from './parts.ts';

const ZSTD = `${types.layer}+zstd`;

/** The image of the layer `hello`, which is a zstd:chunked blob with `changes`, or of other entries with its tree. */
function chunkedImage(changes: Changes = {}, parts = helloParts): () => Image {
  return () => {
    const { tar, blob, annotations } = chunkedLayer(parts, changes);
    const plain = image([{ tar }]);
    const descriptor = plain.builder.blob(ZSTD, blob, { annotations });
    return { ...plain, layers: [{ descriptor: JSON.stringify(descriptor).slice(0, -1) }] };
  };
}

const wrong = (
  slug: string,
  code: string,
  changes: Changes,
  title: string,
  requirements: readonly string[],
  parts = helloParts,
): Recipe =>
  rejected(`toc-${slug}`, code, 'toc', {
    title,
    requirements: ['VERIFY-080', ...requirements],
    image: chunkedImage(changes, parts),
    class: 'HOSTILE',
    needs: ['compression.zstd'],
  });

export const recipes: readonly Recipe[] = [
  verified('toc', {
    title: 'A table of contents that agrees with its layer is accepted',
    requirements: ['VERIFY-080', 'TOC-060'],
    image: chunkedImage(),
    needs: ['compression.zstd'],
  }),
  verified('toc-without-annotations', {
    title: 'A table of contents that no annotation names is not compared',
    requirements: ['VERIFY-080', 'TOC-008'],
    image: () => {
      const plain = image();
      const { blob } = chunkedLayer(helloParts, member('usr/greeting', 'mode', 0o4755));
      const descriptor = plain.builder.blob(ZSTD, blob);
      return { ...plain, layers: [{ descriptor: JSON.stringify(descriptor).slice(0, -1) }] };
    },
    class: 'EDGE_CASE',
    needs: ['compression.zstd'],
  }),
  verified('toc-estargz', {
    title: 'A layer with only the annotation of eStargz is accepted',
    requirements: ['VERIFY-080', 'TOC-008'],
    image: () => {
      const plain = image();
      const { tar } = chunkedLayer(helloParts);
      const annotations = { [keys.estargz]: `sha256:${'0'.repeat(64)}` };
      const descriptor = plain.builder.blob(ZSTD, storedZstd(tar), { annotations });
      return { ...plain, layers: [{ descriptor: JSON.stringify(descriptor).slice(0, -1) }] };
    },
    class: 'EDGE_CASE',
    needs: ['compression.zstd'],
  }),
  wrong(
    'entry-mode',
    'TOC_ENTRY',
    member('usr/greeting', 'mode', 0o4755),
    'The table of contents makes a file set-user-id',
    ['TOC-031'],
  ),
  wrong(
    'entry-added',
    'TOC_ENTRY',
    {
      entries: entries => [
        ...entries,
        { type: 'symlink', name: 'etc/extra', linkName: '/usr/greeting', mode: 511 },
      ],
    },
    'The table of contents has an entry that the archive does not have',
    ['TOC-030'],
  ),
  wrong(
    'member-in-another-case',
    'TOC_FORMAT',
    replaced('"mode":420', '"mode":420,"Mode":2541'),
    'A member of the table of contents has a name in two cases',
    ['TOC-021'],
  ),
  wrong(
    'json-trailing',
    'TOC_FORMAT',
    { toc: text => `${text}{}` },
    'A second value follows the table of contents',
    ['TOC-020'],
  ),
  wrong(
    'version',
    'TOC_VERSION',
    replaced('"version":1', '"version":2'),
    'The table of contents has the version 2',
    ['TOC-022'],
  ),
  wrong(
    'checksum',
    'TOC_CHECKSUM',
    annotation(keys.checksum, () => `sha256:${'0'.repeat(64)}`),
    'The checksum of the table of contents is false',
    ['TOC-015'],
  ),
  wrong(
    'position',
    'TOC_POSITION',
    { footer: ([offset = 0, ...others]) => [offset + 1, ...others] },
    'The footer has another position of the table of contents',
    ['TOC-014'],
  ),
  wrong(
    'both-formats',
    'TOC_ANNOTATION',
    { annotations: all => ({ ...all, [keys.estargz]: all[keys.checksum] ?? '' }) },
    'A layer has the annotations of two formats',
    ['TOC-003'],
  ),
  wrong(
    'path-twice',
    'TOC_DUPLICATE',
    {},
    'The table of contents has one path twice, as the layer has',
    ['TOC-024'],
    [...helloParts, ...helloParts.slice(-1)],
  ),
  wrong(
    'digest',
    'TOC_DIGEST',
    member('usr/greeting', 'digest', `sha256:${'0'.repeat(64)}`),
    'The table of contents has the digest of another file',
    ['TOC-036'],
  ),
  wrong(
    'offset',
    'TOC_CHUNK',
    member('usr/greeting', 'offset', 0),
    'The table of contents has the content of a file in another place',
    ['TOC-035'],
  ),
  wrong(
    'tar-split',
    'TOC_TARSPLIT',
    { tarSplit: lines => lines.flatMap((line, i) => (i === 4 ? inverted(0)(line) : [line])) },
    'The tar-split data rebuilds another archive',
    ['TOC-044'],
  ),
];
