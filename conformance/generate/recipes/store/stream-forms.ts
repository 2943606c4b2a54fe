/**
 * What a check finds of the form of streams. The stream of a layer has each form, and the name of another stream leads
 * to the same object.
 * @module
 */

import { rawBlock, repeatedBlocks, storedZstd, zstdFrame } from '../../builder/compression.ts';
import type { NewStream } from '../../builder/store.ts';
import { inlineRecord, little64, objectRecord } from '../../builder/store-stream.ts';
import { type Bytes, bytes, concat } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { data } from '../image/parts.ts';
import { demo, documentsOf, finds, letters, storeWith } from './parts.ts';

const { diffIds, config, manifest } = documentsOf(demo);
const layer = `oci-layer-${diffIds[1]}`;

type Change = (stream: NewStream) => Partial<NewStream>;

/** The store of most cases with another stream of its second layer. */
function withLayer(change: Change) {
  const { store } = storeWith(demo, {
    change: (name, stream) => (name === layer ? { ...stream, ...change(stream) } : stream),
  });
  return store;
}

/** A stream that is malformed. */
function malformed(slug: string, title: string, requirement: string, change: Change, kind?: Draft['class']) {
  return finds(`stream-${slug}`, {
    title,
    requirements: [requirement],
    class: kind ?? 'MALFORMED',
    store: withLayer(change),
    findings: [['stream-invalid', `streams/${layer}`]],
  });
}

/** A stream that a store does not write, and has to read. */
function readable(slug: string, title: string, requirement: string, change: Change): Recipe {
  return finds(`stream-${slug}`, {
    title,
    requirements: [requirement],
    class: 'EDGE_CASE',
    store: withLayer(change),
    findings: [],
  });
}

/** The bytes of the second layer before and after the content of its file. */
const at = Buffer.from(data).indexOf(letters);
const [before, after] = [data.subarray(0, at), data.subarray(at + letters.length)];

/** The records of the second layer as a compressed section. */
const records = (...parts: readonly Uint8Array[]) => ({
  sections: { records: storedZstd(concat(...parts)) },
});
/** One named reference of `size` bytes, to an object that the store has. */
const longName = (size: number) => ({
  sections: {
    streams: Buffer.from(storeWith().store.digest(letters), 'hex'),
    names: zstdFrame(
      0x58,
      rawBlock(bytes('0:')),
      ...repeatedBlocks(0x61, size - 3),
      rawBlock(bytes('\0'), true),
    ),
  },
});
/** A section of names, and one stream reference. */
const named = (text: Bytes) => ({
  sections: { names: storedZstd(bytes(text)), streams: new Uint8Array(32) },
});

const headers: readonly Recipe[] = [
  malformed('magic', 'A stream has the magic of a stream', 'STORE-110', () => ({ at: { 0: 's' } })),
  malformed('version', 'A stream has version 0', 'STORE-110', () => ({ at: { 11: Uint8Array.of(1) } })),
  malformed('hash', 'A stream has the hash function of the store', 'STORE-110', () => ({
    at: { 14: Uint8Array.of(2) },
  })),
  malformed('block-size', 'A stream has blocks of 4096 bytes', 'STORE-110', () => ({
    at: { 15: Uint8Array.of(16) },
  })),
  malformed('info-short', 'An info block has at least 80 bytes', 'STORE-110', () => ({
    at: { 24: little64(111n) },
  })),
  // By as many bytes as a digest has.
  malformed('range-reversed', 'A range does not end before it starts', 'STORE-110', () => ({
    at: { 32: little64(144n), 40: little64(112n) },
  })),
  malformed(
    'range-behind-the-end',
    'A range does not end behind the end',
    'STORE-110',
    ({ records: all }) => ({
      records: all,
      at: { 72: little64(100_000n) },
    }),
  ),
  malformed(
    'range-huge',
    'A range of 2^62 bytes reserves no memory',
    'STORE-110',
    () => ({ at: { 72: little64(2n ** 62n) } }),
    'HOSTILE',
  ),
  malformed(
    'range-maximum',
    'A range up to 2^64 - 1 is behind the end',
    'STORE-110',
    () => ({ at: { 56: little64(2n ** 64n - 1n) } }),
    'HOSTILE',
  ),
  malformed('references-odd', 'References are whole digests', 'STORE-110', () => ({
    sections: { objects: new Uint8Array(33) },
  })),
  malformed('cut', 'A stream that is cut off is malformed', 'STORE-110', () => ({ end: 200 })),
  malformed('header-cut', 'A stream that ends in its header is malformed', 'STORE-110', () => ({ end: 111 })),
  malformed('empty', 'A stream without a byte is malformed', 'STORE-110', () => ({ end: 0 })),
  malformed('names-absent', 'The section of names is not without a byte', 'STORE-110', () => ({
    sections: { names: new Uint8Array() },
  })),
  malformed('records-absent', 'The section of records is not without a byte', 'STORE-110', () => ({
    sections: { records: new Uint8Array() },
  })),
  malformed('records-cut', 'A zstd frame that is cut off is malformed', 'STORE-110', () => ({
    sections: { records: storedZstd(new Uint8Array(100)).subarray(0, -1) },
  })),
  malformed('records-not-zstd', 'A section that is not zstd is malformed', 'STORE-110', () => ({
    sections: { records: inlineRecord(data) },
  })),
  malformed('records-trailing', 'Nothing but frames follows a frame', 'STORE-110', ({ records: all }) => ({
    records: all,
    sections: { names: concat(storedZstd(new Uint8Array()), 'x') },
  })),
];

const names: readonly Recipe[] = [
  malformed('name-without-colon', 'A named reference has a colon', 'STORE-111', () => named('0\0')),
  malformed('name-without-end', 'A named reference ends in a byte of 0', 'STORE-111', () => named('0:a')),
  malformed('name-number', 'The number of a named reference exists', 'STORE-111', () => named('1:a\0')),
  malformed('name-number-hex', 'The number of a named reference is decimal', 'STORE-111', () =>
    named('0x0:a\0'),
  ),
  malformed('name-number-sign', 'The number of a named reference has no sign', 'STORE-111', () =>
    named('+0:a\0'),
  ),
  malformed('name-number-empty', 'The number of a named reference has a digit', 'STORE-111', () =>
    named(':a\0'),
  ),
  malformed('name-not-utf-8', 'The name of a named reference is UTF-8', 'STORE-111', () =>
    named(concat('0:', Uint8Array.of(0xff), '\0')),
  ),
  malformed(
    'names-long',
    'Named references have at most 4 MiB',
    'STORE-111',
    () => longName(4 * 1024 * 1024 + 1),
    'HOSTILE',
  ),
  readable(
    'names-unusual',
    'Names can be empty and have colons, and numbers can begin with zeros',
    'STORE-111',
    () => ({
      sections: {
        names: storedZstd(bytes(['0:', `${'0'.repeat(20)}:a`, '00:b:c\n'].map(name => `${name}\0`).join(''))),
        streams: Buffer.from(storeWith().store.digest(letters), 'hex'),
      },
    }),
  ),
  finds('stream-names-longest', {
    title: 'Named references of 4 MiB are read',
    requirements: ['STORE-111'],
    class: 'LIMIT',
    store: withLayer(() => longName(4 * 1024 * 1024)),
    findings: [],
  }),
];

const contents: readonly Recipe[] = [
  malformed('record-incomplete', 'A record has a number of 8 bytes', 'STORE-112', () =>
    records(inlineRecord(before), objectRecord(0), inlineRecord(after), new Uint8Array(7)),
  ),
  malformed('record-inline-short', 'A record has all its inline bytes', 'STORE-112', () => ({
    ...records(inlineRecord(before), objectRecord(0), inlineRecord(after).subarray(0, -1)),
    size: BigInt(data.length - 1),
  })),
  malformed('record-number', 'The number of an object reference exists', 'STORE-112', () => ({
    ...records(inlineRecord(before), objectRecord(1), inlineRecord(after)),
    size: BigInt(before.length + after.length),
  })),
  malformed(
    'record-number-huge',
    'The number 2^62 is not that of an object reference',
    'STORE-112',
    () => ({
      ...records(inlineRecord(before), little64(2n ** 62n), inlineRecord(after)),
      size: BigInt(before.length + after.length),
    }),
    'HOSTILE',
  ),
  malformed(
    'record-inline-huge',
    'A record of 2^63 inline bytes is incomplete',
    'STORE-112',
    () => ({ ...records(little64(-(2n ** 63n))), size: 0n }),
    'HOSTILE',
  ),
  malformed('size-less', 'The total size is not less than the content', 'STORE-112', () => ({
    size: BigInt(data.length - 1),
  })),
  malformed('size-more', 'The total size is not more than the content', 'STORE-112', () => ({
    size: BigInt(data.length + 1),
  })),
  malformed('content-type', 'The stream of a layer is not one of a manifest', 'STORE-118', () => ({
    type: 'ocimanif',
  })),
  readable('content-type-of-a-blob', 'The stream of a layer can be that of a blob', 'STORE-117', () => ({
    type: 'oci_blob',
  })),
  readable('divided', 'Inline bytes can be divided', 'STORE-114', () =>
    records(
      ...[...before].map(byte => inlineRecord(Uint8Array.of(byte))),
      objectRecord(0),
      inlineRecord(after),
    ),
  ),
  readable('inline-alone', 'The content of a file can be inline', 'STORE-114', () =>
    records(inlineRecord(data)),
  ),
  readable('references-not-needed', 'Object references can be repeated', 'STORE-114', ({ records: all }) => {
    const object = all.flatMap(record => ('object' in record ? [record.object] : []))[0] ?? '';
    return {
      sections: {
        objects: Buffer.from(object.repeat(2), 'hex'),
        records: storedZstd(concat(inlineRecord(before), objectRecord(1), inlineRecord(after))),
      },
    };
  }),
  readable('order', 'Sections can be in any order, with gaps', 'STORE-114', () => ({
    order: ['records', 'objects', 'streams', 'names'],
    gap: 5,
  })),
  readable('frames', 'A section can have several frames', 'STORE-110', () => ({
    sections: {
      records: concat(
        storedZstd(inlineRecord(before)),
        storedZstd(new Uint8Array()),
        storedZstd(concat(objectRecord(0), inlineRecord(after))),
      ),
    },
  })),
  readable('flags', 'The flags are ignored', 'STORE-110', () => ({ at: { 12: Uint8Array.of(0xff, 0xff) } })),
  readable('older-header', 'The older form of the header is read', 'STORE-115', () => ({ older: true })),
];

/** Lengths of streams that end within or behind a field of the header. */
const cuts = [1, 10, 11, 12, 14, 15, 16, 24, 29, 31, 32, 40, 48, 96, 111];

/** Streams of another kind than a layer. */
const others: readonly Recipe[] = [
  finds('stream-of-another-program', {
    title: 'A stream of another program is checked for its form alone',
    requirements: ['STORE-133'],
    store: otherStream({ type: '\x01\x02\x03\x04\x05\x06\x07\x08', records: [{ inline: 'content' }] }),
    findings: [],
  }),
  finds('stream-of-another-program-malformed', {
    title: 'A malformed stream of another program is found',
    requirements: ['STORE-133', 'STORE-112'],
    class: 'MALFORMED',
    store: otherStream({ type: 'whatever', records: [{ inline: 'content' }], size: 6n }),
    findings: [['stream-invalid', 'streams/other']],
  }),
  finds('stream-of-another-program-object', {
    title: 'A missing object of a stream of another program is found',
    requirements: ['STORE-133'],
    store: otherStream({ type: 'whatever', records: [{ object: '0'.repeat(64), size: 1 }], size: 1n }),
    findings: [['object-missing', `objects/00/${'0'.repeat(62)}`]],
  }),
  finds('stream-headers-cut', {
    title: 'A stream can be cut off at any byte of its header',
    requirements: ['STORE-110', 'STORE-133'],
    class: 'MALFORMED',
    store: (() => {
      const { store } = storeWith();
      for (const end of cuts)
        for (const older of [false, true])
          store.stream(`${older ? 'older' : 'cut'}-${end}`, {
            type: 'whatever',
            records: [{ inline: 'content' }],
            older,
            end,
          });
      return store;
    })(),
    findings: cuts.flatMap(end =>
      ['cut', 'older'].map(kind => ['stream-invalid', `streams/${kind}-${end}`] as const),
    ),
  }),
  finds('stream-manifest-inline', {
    title: 'The content of a manifest is not inline',
    requirements: ['STORE-113'],
    class: 'MALFORMED',
    store: inlineDocument(`oci-manifest-${manifest}`, documentsOf(demo).manifestBytes),
    findings: [['stream-invalid', `streams/oci-manifest-${manifest}`]],
  }),
  finds('stream-config-inline', {
    title: 'The content of a config is not inline',
    requirements: ['STORE-113'],
    class: 'MALFORMED',
    store: inlineDocument(`oci-config-${config}`, documentsOf(demo).configBytes),
    findings: [['stream-invalid', `streams/oci-config-${config}`]],
  }),
  finds('stream-document-of-a-blob', {
    title: 'The stream of a document is not one of a blob',
    requirements: ['STORE-118', 'STORE-117'],
    class: 'MALFORMED',
    store: storeWith(demo, {
      change: (name, stream) => (name.startsWith('oci-layer-') ? stream : { ...stream, type: 'oci_blob' }),
    }).store,
    findings: [
      ['stream-invalid', `streams/oci-config-${config}`],
      ['stream-invalid', `streams/oci-manifest-${manifest}`],
    ],
  }),
  finds('stream-config-two-records', {
    title: 'The content of a config is one object alone',
    requirements: ['STORE-113'],
    class: 'MALFORMED',
    store: storeWith(demo, {
      change: (name, stream) =>
        name.startsWith('oci-config-')
          ? { ...stream, records: [...stream.records, { inline: ' ' }] }
          : stream,
    }).store,
    findings: [['stream-invalid', `streams/oci-config-${config}`]],
  }),
];

function otherStream(stream: NewStream) {
  const { store } = storeWith();
  store.stream('other', stream);
  return store;
}

function inlineDocument(link: string, content: Uint8Array) {
  return storeWith(demo, {
    change: (name, stream) => (name === link ? { ...stream, records: [{ inline: content }] } : stream),
  }).store;
}

export const recipes: readonly Recipe[] = [...headers, ...names, ...contents, ...others];
