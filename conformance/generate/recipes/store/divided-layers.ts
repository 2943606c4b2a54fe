/**
 * Layers that another program divided into records in its own way (STORE-114), whose composefs images are made again.
 * @module
 */

import { rawBlock, repeatedBlock, SMALL_WINDOW, zstdFrame } from '../../builder/compression.ts';
import { contentTypes, inlineRecord, objectRecord, type StreamRecord } from '../../builder/store-stream.ts';
import { archive, concat, file, zeros } from '../../builder/tar.ts';
import type { Recipe } from '../../recipe.ts';
import { data, hello, trees } from '../image/parts.ts';
import {
  documentsOf,
  finds,
  type ImageInStore,
  leadsTo,
  letters,
  type StreamChange,
  storeWith,
} from './parts.ts';

const v1 = 'composefs.image.v1';

/** A file of 64 bytes, and two of 100. */
const small = 's'.repeat(64);
const [long, inline] = ['l'.repeat(100), 'i'.repeat(100)];
const others = archive(file('usr/s', small), file('usr/t', long), file('usr/u', inline));

const digestOf = (content: string | Uint8Array) => storeWith().store.digest(content);
const line = (path: string, content: string | Uint8Array, mtime = 0) => {
  const digest = digestOf(content);
  return `${path} 100 100644 1 0 0 0 ${mtime}.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}\n`;
};
const dataLine = (content: string | Uint8Array) => line('/usr/data', content, 1700000003);

const image: ImageInStore = {
  layers: [
    { tar: hello },
    { tar: data, objects: [letters] },
    { tar: others, objects: [small, long, inline] },
  ],
  images: {
    [v1]: [
      trees.helloData.dumpfile,
      `/usr/s 64 100644 1 0 0 0 0.0 - ${small} -\n`,
      line('/usr/t', long),
      line('/usr/u', inline),
    ].join(''),
  },
};
const { diffIds, config } = documentsOf(image);

/** Parts of `tar` that end at these offsets. */
function parts(tar: Uint8Array, ...ends: readonly number[]): Uint8Array[] {
  return [...ends, tar.length].map((end, i) => tar.subarray(ends[i - 1] ?? 0, end));
}

/** The last 90 bytes of the content of `/usr/data` and 10 of its padding: as long as the content. */
const [, shifted = new Uint8Array()] = parts(data, 522, 622);

/** The records of a layer; those of its parts that are objects are the ones with these numbers. */
function records(tarParts: readonly Uint8Array[], objects: readonly number[]): StreamRecord[] {
  return tarParts.map((part, i) =>
    objects.includes(i) ? { object: digestOf(part), size: part.length } : { inline: part },
  );
}

/** All parts of the second layer are objects, and the second one begins within the content of its file. */
const second = parts(data, 522, 622);
/** An object of one byte and one without a byte follow the first content. */
const third = parts(others, 512, 576, 577, 577, 1536, 1586, 1636, 2560);

const divided: StreamChange = (name, stream) => {
  switch (name) {
    case `oci-layer-${diffIds[0]}`:
      return { ...stream, type: contentTypes.blob, records: records([hello], [0]) };
    case `oci-layer-${diffIds[1]}`:
      return { ...stream, records: records(second, [0, 1, 2]) };
    case `oci-layer-${diffIds[2]}`:
      return { ...stream, records: records(third, [1, 2, 3, 5]) };
    default:
      return stream;
  }
};

/** The store of an image whose layers are {@link divided}. */
function dividedStore(images: ImageInStore['images']) {
  const { store } = storeWith({ ...image, images }, { change: divided });
  for (const part of [hello, ...second, third[1], third[2], third[3], third[5]]) store.object(part ?? '');
  return store;
}

/** A layer with an inline record of more than 64 KiB before another one. */
function recordInTwoBlocks(): Recipe {
  const tar = concat(data, zeros(129));
  const split: ImageInStore = { layers: [{ tar: hello }, { tar, objects: [letters] }], images: image.images };
  const at = tar.indexOf(0x78);
  const [before, , after, last] = [
    tar.subarray(0, at),
    tar.subarray(at, at + 100),
    tar.subarray(at + 100, -512),
    tar.subarray(-512),
  ];
  const head = concat(inlineRecord(before), objectRecord(0));
  const bytes = concat(head, inlineRecord(after), inlineRecord(last));
  // Bytes before the last record, in zeros and in a block that ends within the number of that record.
  const start = head.length + 8 + after.length;
  const zerosAt = start - 6000;
  const zerosFrom = zerosAt - 60_000;
  const blocks = [
    rawBlock(bytes.subarray(0, 3)),
    rawBlock(bytes.subarray(3, head.length + 5)),
    rawBlock(bytes.subarray(head.length + 5, zerosFrom)),
    repeatedBlock(0, 60_000),
    rawBlock(bytes.subarray(zerosAt, start + 3)),
    rawBlock(bytes.subarray(start + 3), true),
  ];
  return finds('stream-record-in-two-blocks', {
    title: 'The number of a record can begin in one zstd block and end in the next',
    requirements: ['STORE-114', 'STORE-112'],
    class: 'EDGE_CASE',
    store: storeWith(
      { ...split, images: { [v1]: trees.helloData.dumpfile } },
      {
        change: (name, stream) =>
          name === `oci-layer-${documentsOf(split).diffIds[1]}`
            ? { ...stream, sections: { records: zstdFrame(SMALL_WINDOW, ...blocks) } }
            : stream,
      },
    ).store,
    findings: [],
  });
}

/** The image of a tree in which the object that begins within the content is the content. */
const falseImage = { [v1]: image.images[v1]?.replace(dataLine(letters), dataLine(shifted)) ?? '' };

export const recipes: readonly Recipe[] = [
  finds('stream-objects-anywhere', {
    title: 'Objects can be any parts of an archive, of one byte or none, too',
    requirements: ['STORE-114', 'STORE-117', 'STORE-043'],
    class: 'EDGE_CASE',
    store: dividedStore(image.images),
    findings: [],
  }),
  ...(() => {
    const store = dividedStore(falseImage);
    const digest = [...store.entries.keys()].find(path => path.startsWith('images/'))?.slice(7) ?? '';
    return [
      finds('image-of-an-object-within', {
        title: 'An object of the right length within a content is not the content',
        requirements: ['STORE-043', 'STORE-114'],
        class: 'HOSTILE',
        store,
        findings: [['image-mismatch', `streams/oci-config-${config}`]],
      }),
      leadsTo('find-object-within-verified', {
        title: 'An image with an object that begins within a content is not verified',
        requirements: ['STORE-066', 'STORE-114'],
        class: 'HOSTILE',
        store,
        digest,
        verify: true,
        images: [],
      }),
    ];
  })(),
  recordInTwoBlocks(),
];
