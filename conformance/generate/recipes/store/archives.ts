/**
 * Import of layers that are hard to give back byte for byte. Each is the second layer of an image.
 * @module
 */

import { rawBlock, SMALL_WINDOW, squeezedZstd, storedGzip, zstdFrame } from '../../builder/compression.ts';
import { blobPath } from '../../builder/layout.ts';
import { StoreBuilder } from '../../builder/store.ts';
import { inlineRecord, objectRecord } from '../../builder/store-stream.ts';
import {
  archive,
  type Bytes,
  bytes,
  concat,
  directory,
  entry,
  file,
  GNU,
  hardlink,
  header,
  longLink,
  longName,
  pax,
  paxRaw,
  record,
  symlink,
  zeros,
} from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  addImage,
  type Documents,
  documentsOf,
  type ImageInStore,
  imports,
  letters,
  type StreamChange,
} from './parts.ts';

const v1 = 'composefs.image.v1';

interface Archive extends Partial<Pick<Draft, 'class' | 'links' | 'requirements'>> {
  readonly title: string;
  readonly tar: Uint8Array;
  /** Default: the layer is not compressed. */
  readonly compression?: 'zstd';
  /** The contents that are objects, in order. */
  readonly objects?: readonly Bytes[];
  /** Lines of the tree after `/usr/greeting`. */
  readonly lines?: readonly string[];
}

function keeps(
  slug: string,
  { title, tar, compression, objects = [], lines = [], ...about }: Archive,
): Recipe {
  const dumpfile = `${trees.hello.dumpfile}${lines.map(line => `${line}\n`).join('')}`;
  const layer = { tar, objects, ...(compression && { compression }) };
  const image = { layers: [{ tar: hello }, layer], images: { [v1]: dumpfile } };
  const after = new StoreBuilder();
  const documents = addImage(after, image);
  return imports(`archive-${slug}`, {
    title,
    requirements: ['STORE-006', 'STORE-120'],
    class: 'EDGE_CASE',
    ...about,
    image,
    after: after.name('demo', documents.manifest),
    ...(compression && { keptBlobs: '0' }),
  });
}

const hi = file('usr/h', 'hi');
const hiLine = '/usr/h 2 100644 1 0 0 0 0.0 - hi -';
/** The line of a file with the content {@link letters}. */
function lettersLine(path: string, links = 1): string {
  const digest = 'dac5f3c6c05fd30c02ab06d9447b03e0a0e7cbf3353d05b86a67eee17fb1c818';
  return `${path} 100 100644 ${links} 0 0 0 0.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;
}

/** A header whose checksum is the sum of its bytes as signed numbers. */
function signedChecksum(): Uint8Array {
  const block = header({ name: concat('usr/', Uint8Array.of(0xc3, 0xa9)), mode: 0o644, size: 0 });
  const field = block.map((byte, at) => (at >= 148 && at < 156 ? 0x20 : byte));
  const sum = [...field].reduce((total, byte) => total + (byte > 127 ? byte - 256 : byte), 0);
  block.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return block;
}

const ends: readonly Recipe[] = [
  keeps('padding', {
    title: 'Padding to a record of 10,240 bytes is kept',
    tar: concat(archive(hi), zeros(17)),
    lines: [hiLine],
  }),
  keeps('behind-the-end', {
    title: 'Bytes behind the end of an archive are kept',
    tar: concat(archive(hi), 'behind the end'),
    lines: [hiLine],
  }),
  keeps('much-behind-the-end', {
    title: 'A layer that is longer than what is read at a time has one record',
    requirements: ['STORE-006', 'STORE-103', 'STORE-120'],
    // More than the buffers of 64 KiB that many programs read into.
    tar: concat(archive(hi), 'behind the end '.repeat(4400)),
    lines: [hiLine],
  }),
  keeps('last-byte-alone', {
    title: 'The last byte of a layer can be alone in a zstd block',
    // One byte more than the largest block.
    tar: concat(archive(hi), new Uint8Array(0x20001 - archive(hi).length)),
    compression: 'zstd',
    lines: [hiLine],
  }),
  keeps('entry-behind-the-end', {
    title: 'An entry behind the end of an archive is kept and has no object',
    tar: concat(archive(hi), file('usr/i', letters)),
    lines: [hiLine],
  }),
  keeps('end-missing', { title: 'An archive without an end is kept', tar: hi, lines: [hiLine] }),
  keeps('end-missing-behind-an-object', {
    title: 'An archive without an end can end with an object',
    ...(() => {
      const content = 'h'.repeat(512);
      const digest = new StoreBuilder().digest(content);
      return {
        tar: file('usr/h', content),
        objects: [content],
        lines: [`/usr/h 512 100644 1 0 0 0 0.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`],
      };
    })(),
  }),
  keeps('end-of-one-block', {
    title: 'An archive with one block of zeros is kept',
    tar: concat(hi, zeros(1)),
    lines: [hiLine],
  }),
  keeps('empty', { title: 'A layer without a byte is kept', tar: new Uint8Array() }),
  keeps('end-alone', { title: 'An archive without an entry is kept', tar: zeros(2) }),
];

const headers: readonly Recipe[] = [
  keeps('global-header', {
    title: 'A global PAX header is kept',
    tar: archive(
      entry({ name: 'pax_global_header', type: 'g', mode: 0o644 }, record('comment', letters)),
      hi,
    ),
    lines: [hiLine],
  }),
  keeps('pax-header', {
    title: 'The content of a PAX header is inline',
    tar: archive(paxRaw(concat(record('comment', letters), record('path', 'usr/h'))), file('x', 'hi')),
    lines: [hiLine],
  }),
  keeps('gnu-long-name', {
    title: 'The long names of GNU tar are kept',
    tar: archive(
      longName(`usr/${'h'.repeat(150)}`),
      file('usr/h', letters, { magic: GNU }),
      longLink('t'.repeat(150)),
      symlink('usr/i', 't', { magic: GNU }),
    ),
    objects: [letters],
    lines: [lettersLine(`/usr/${'h'.repeat(150)}`), `/usr/i 150 120777 1 0 0 0 0.0 ${'t'.repeat(150)} - -`],
  }),
  keeps('size-in-pax', {
    title: 'The size in a PAX header decides what is an object',
    tar: archive(pax({ size: '100' }), entry({ name: 'usr/h', mode: 0o644, size: 0 }, letters)),
    objects: [letters],
    lines: [lettersLine('/usr/h')],
  }),
  keeps('signed-checksum', {
    title: 'A checksum over signed bytes is kept',
    tar: archive(signedChecksum()),
    lines: ['/usr/\\xc3\\xa9 0 100644 1 0 0 0 0.0 - - -'],
  }),
  keeps('name-not-utf-8', {
    title: 'A name that is not UTF-8 is kept',
    tar: archive(file(concat('usr/', Uint8Array.of(0xff)), letters)),
    objects: [letters],
    lines: [lettersLine('/usr/\\xff')],
  }),
];

const contents: readonly Recipe[] = [
  keeps('64-bytes', {
    title: 'A content of 64 bytes is inline',
    class: 'LIMIT',
    tar: archive(file('usr/h', 'h'.repeat(64))),
    lines: [`/usr/h 64 100644 1 0 0 0 0.0 - ${'h'.repeat(64)} -`],
  }),
  keeps('65-bytes', {
    title: 'A content of 65 bytes is an object',
    class: 'LIMIT',
    ...(() => {
      const content = 'h'.repeat(65);
      const digest = new StoreBuilder().digest(content);
      return {
        tar: archive(file('usr/h', content)),
        objects: [content],
        lines: [`/usr/h 65 100644 1 0 0 0 0.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`],
      };
    })(),
  }),
  keeps('several-blocks', {
    title: 'An object can have several blocks of fs-verity',
    ...(() => {
      const content = Buffer.alloc(9000, 'several blocks ');
      const digest = new StoreBuilder().digest(content);
      return {
        tar: archive(file('usr/h', content)),
        objects: [content],
        lines: [`/usr/h 9000 100644 1 0 0 0 0.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`],
      };
    })(),
  }),
  keeps('same-content-twice', {
    title: 'A content that a layer has twice has one object reference',
    requirements: ['STORE-101', 'STORE-008'],
    tar: archive(file('usr/h', letters), file('usr/i', letters)),
    objects: [letters, letters],
    lines: [lettersLine('/usr/h'), lettersLine('/usr/i')],
  }),
  keeps('same-path-twice', {
    title: 'All contents of a path that an archive has twice are kept',
    ...(() => {
      const first = 'first '.repeat(20);
      return {
        tar: archive(file('usr/h', first), file('usr/h', letters)),
        objects: [first, letters],
        lines: [lettersLine('/usr/h')],
      };
    })(),
  }),
  keeps('whiteout', {
    title: 'The content of a whiteout marker is an object',
    tar: archive(file('usr/.wh.nothing', letters)),
    objects: [letters],
  }),
  keeps('types-of-files', {
    title: 'Entries of the types 7 and NUL have objects',
    tar: archive(file('usr/h', letters, { type: '7' }), file('usr/i', letters, { type: '\0' })),
    objects: [letters, letters],
    lines: [lettersLine('/usr/h'), lettersLine('/usr/i')],
  }),
  keeps('hard-link', {
    title: 'A hard link has no object of its own',
    tar: archive(file('usr/h', letters), hardlink('usr/i', 'usr/h')),
    objects: [letters],
    lines: [lettersLine('/usr/h', 2), '/usr/i 0 @100644 - - - - 0.0 /usr/h - -'],
  }),
  keeps('directory', {
    title: 'A directory is kept with its header',
    tar: archive(directory('usr/h/', { mtime: 5 })),
    lines: ['/usr/h 0 40755 2 0 0 0 5.0 - - -'],
  }),
];

/** The documents of an image whose last layer is published as `blob`, which is zstd if it is not gzip. */
function publishedAs(image: ImageInStore, blob: Uint8Array, compression: 'gzip' | 'zstd'): Documents {
  const plain = documentsOf(image);
  const { layout } = plain;
  const descriptor = layout.blob(`application/vnd.oci.image.layer.v1.tar+${compression}`, blob);
  const parsed = JSON.parse(Buffer.from(plain.manifestBytes).toString());
  const published = [...parsed.layers.slice(0, -1), descriptor];
  const documents = documentsOf({ ...image, manifest: { layers: published } });
  documents.layout.put(blobPath(descriptor.digest), blob).remove(blobPath(plain.blobs.at(-1) ?? ''));
  return documents;
}

/** The first layer in two gzip members. */
function members(): Recipe {
  const image = {
    layers: [{ tar: hello, compression: 'gzip' as const }],
    images: { [v1]: trees.hello.dumpfile },
  };
  const blob = concat(storedGzip(hello.subarray(0, 700)), storedGzip(hello.subarray(700)));
  const documents = publishedAs(image, blob, 'gzip');
  const after = new StoreBuilder();
  addImage(after, { ...image, keepBlobs: true }, { documents });
  return imports('archive-gzip-members', {
    title: 'A blob of several gzip members is kept',
    requirements: ['STORE-006', 'STORE-011'],
    class: 'EDGE_CASE',
    needs: ['store.blobs'],
    image: documents,
    params: { blobs: 'true' },
    after: after.name('demo', documents.manifest),
  });
}

/** The import of an image whose second layer is published as `blob`. */
function keepsZstd(
  slug: string,
  {
    title,
    tar,
    objects = [],
    lines = [],
    blob,
    change,
    ...about
  }: Archive & {
    readonly blob: Uint8Array;
    readonly change?: StreamChange;
  },
): Recipe {
  const dumpfile = `${trees.hello.dumpfile}${lines.map(line => `${line}\n`).join('')}`;
  const image = {
    layers: [{ tar: hello }, { tar, objects, compression: 'zstd' as const }],
    images: { [v1]: dumpfile },
  };
  const documents = publishedAs(image, blob, 'zstd');
  const after = new StoreBuilder();
  addImage(after, image, { documents, change });
  return imports(`archive-${slug}`, {
    title,
    requirements: ['STORE-006', 'STORE-120'],
    class: 'EDGE_CASE',
    ...about,
    image: documents,
    after: after.name('demo', documents.manifest),
    keptBlobs: '0',
  });
}

/** A layer of three contents, in zstd blocks that end within and at the ends of headers and contents. */
function blocks(): Recipe {
  const contents = ['a', 'b', 'c'].map(letter => letter.repeat(512));
  const tar = archive(...contents.map((content, i) => file(`usr/h${i}`, content)));
  const ends = [100, 512, 700, 1024, 1536, 1600, 1700, 2048, 2400, 2600, 3072, 3300, tar.length];
  return keepsZstd('zstd-blocks', {
    title: 'A content can begin, end and continue in any zstd block',
    tar,
    objects: contents,
    blob: zstdFrame(
      SMALL_WINDOW,
      ...ends.map((end, i) => rawBlock(tar.subarray(ends[i - 1] ?? 0, end), end === tar.length)),
    ),
    lines: contents.map((content, i) => {
      const object = new StoreBuilder().digest(content);
      return `/usr/h${i} 512 100644 1 0 0 0 0.0 ${object.slice(0, 2)}/${object.slice(2)} - ${object}`;
    }),
  });
}

/** A layer with more inline bytes behind a content than many programs hold in memory. */
function muchPadding(): Recipe {
  const tar = concat(archive(file('usr/h', letters)), zeros(600));
  const start = Buffer.from(tar).indexOf(letters);
  const records = concat(
    inlineRecord(tar.subarray(0, start)),
    objectRecord(0),
    inlineRecord(tar.subarray(start + letters.length)),
  );
  return keepsZstd('much-padding', {
    title: 'Padding of more than 256 KiB is one record',
    requirements: ['STORE-006', 'STORE-103', 'STORE-104'],
    tar,
    objects: [letters],
    blob: squeezedZstd(tar),
    change: (_, stream) =>
      stream.records.some(record => 'inline' in record && record.inline.length > 600 * 512)
        ? { ...stream, sections: { records: squeezedZstd(records) } }
        : stream,
    lines: [lettersLine('/usr/h')],
  });
}

export const recipes: readonly Recipe[] = [
  ...ends,
  ...headers,
  ...contents,
  members(),
  blocks(),
  muchPadding(),
];
