import { describe, expect, it } from 'vitest';
import { storedZstd, zstdFrame } from '../../generate/builder/compression.ts';
import type { NewStream, StoreBuilder } from '../../generate/builder/store.ts';
import { inlineRecord } from '../../generate/builder/store-stream.ts';
import { concat } from '../../generate/builder/tar.ts';
import { addImage, demo, documentsOf, letters, storeWith } from '../../generate/recipes/store/parts.ts';
import { storeAnswerDifference } from './store-difference.ts';

const { config, diffIds, manifest } = documentsOf(demo);
const layer = `streams/oci-layer-${diffIds[1]}`;

/** The difference of a changed store from the store of most cases, after an import. */
async function afterImport(change: (store: StoreBuilder) => unknown) {
  const { store } = storeWith();
  change(store);
  return differenceOf(storeWith().store.archive(), store.archive(), 'store.import');
}

function differenceOf(expected: Uint8Array, got: Uint8Array, op: 'store.import' | 'store.gc') {
  return storeAnswerDifference(op, { name: 'store', expected, got, size: got.length });
}

/** The difference of a store in which the second layer has another stream. */
function withLayer(change: (stream: NewStream) => Partial<NewStream>) {
  const { store } = storeWith(demo, {
    change: (name, stream) => (`streams/${name}` === layer ? { ...stream, ...change(stream) } : stream),
  });
  return differenceOf(storeWith().store.archive(), store.archive(), 'store.import');
}

describe('a store after an import', () => {
  it('is equal to itself', async () => {
    expect(await afterImport(() => undefined)).toBe('none');
  });

  it('can have an older stream that is not needed, and directories', async () => {
    expect(
      await afterImport(store => {
        store.streamObject({ type: 'ociconfg', records: [{ inline: 'x' }] });
        store.directory('objects/00');
      }),
    ).toBe('none');
  });

  it('can have streams in frames of another encoder', async () => {
    const records = (content: Uint8Array) => ({ sections: { records: content } });
    const [before, after] = halves();
    const parts = concat(inlineRecord(before), new Uint8Array(8), inlineRecord(after));
    const blocks = Array.from({ length: 3 }, (_, i) => rawBlock(parts, i));
    expect(await withLayer(() => records(zstdFrame(0x58, ...blocks)))).toBe('none');
  });

  it.each([
    [
      'a missing name',
      (store: StoreBuilder) => store.remove('streams/refs/oci/demo'),
      'streams/refs/oci/demo',
    ],
    ['a further name', (store: StoreBuilder) => store.name('x', manifest), 'streams/refs/oci/x'],
    [
      'a name for another manifest',
      (store: StoreBuilder) => store.name('demo', config),
      'streams/refs/oci/demo',
    ],
    ['a further object', (store: StoreBuilder) => store.object('x'), 'objects/'],
    [
      'a temporary file',
      (store: StoreBuilder) => store.file('objects/.tmp-object-1', ''),
      'objects/.tmp-object-1',
    ],
    ['a missing layer', (store: StoreBuilder) => store.remove(layer), 'streams/oci-config'],
    ['another description', (store: StoreBuilder) => store.file('meta.json', '{"version":1}'), 'meta.json'],
    [
      'a manifest that refers to an older config',
      (store: StoreBuilder) =>
        store.stream(`oci-config-${config}`, {
          type: 'ociconfg',
          records: [{ inline: documentsOf(demo).configBytes }],
        }),
      `streams/oci-config-${config}`,
    ],
    [
      'a further image',
      (store: StoreBuilder) => addImage(store, { ...demo, config: { architecture: 'arm64' } }),
      'objects/',
    ],
    [
      'an object with other content',
      (store: StoreBuilder) => store.file(`objects/${store.digest(letters).replace(/^../, '$&/')}`, 'x'),
      'objects/',
    ],
    [
      'a stream with a wrong digest',
      (store: StoreBuilder) =>
        store.file(store.behind(layer), concat(store.content(store.behind(layer)), 'x')),
      'objects/',
    ],
  ] as const)('is different with %s', async (_, change, path) => {
    const found = await afterImport(change);
    expect(found).toMatchObject({ where: expect.stringContaining(path) });
  });

  const inline = (count: number) => {
    const tar = demo.layers[1]?.tar ?? new Uint8Array();
    return { records: [{ inline: tar.subarray(0, count) }, { inline: tar.subarray(count) }] };
  };

  it.each([
    ['another content', 'size 1', () => ({ records: [{ inline: 'x' }] })],
    ['a file that is inline', 'SHA-256', () => inline(100)],
    ['another content type', 'type oci_blob', () => ({ type: 'oci_blob' })],
    ['another size', 'size 5', () => ({ size: 5n })],
    [
      'sections in another order',
      'STORE-100',
      () => ({ order: ['objects', 'streams', 'names', 'records'] as const }),
    ],
    ['gaps', 'STORE-100', () => ({ gap: 8 })],
    ['the older header', 'STORE-100', () => ({ older: true })],
    [
      'object references that are repeated',
      'STORE-101',
      ({ records }: NewStream) => {
        const objects = records.flatMap(record => ('object' in record ? [record.object] : []));
        return { sections: { objects: Buffer.from([...objects, ...objects].join(''), 'hex') } };
      },
    ],
    [
      'inline bytes in two records',
      'STORE-103',
      ({ records }: NewStream) => {
        const [first, ...rest] = records;
        const bytes = first !== undefined && 'inline' in first ? Buffer.from(first.inline) : Buffer.alloc(0);
        return { records: [{ inline: bytes.subarray(0, 9) }, { inline: bytes.subarray(9) }, ...rest] };
      },
    ],
    ['a large window', 'STORE-104', () => ({ sections: { names: zstdFrame(0x70, Uint8Array.of(1, 0, 0)) } })],
    ['a malformed stream', 'malformed', () => ({ sections: { names: storedZstd(Buffer.from('x')) } })],
  ] as const)('is different with %s in a stream', async (_, text, change) => {
    const found = await withLayer(change);
    expect(found).toMatchObject({ where: layer, got: expect.stringContaining(text) });
  });
});

/** The bytes of the second layer before and after the content of its file. */
function halves(): readonly [Uint8Array, Uint8Array] {
  const tar = demo.layers[1]?.tar ?? new Uint8Array();
  const at = Buffer.from(tar).indexOf(letters);
  return [tar.subarray(0, at), tar.subarray(at + letters.length)];
}

/** The third `i` of some bytes as a raw block. */
function rawBlock(content: Uint8Array, i: number): Uint8Array {
  const third = Math.ceil(content.length / 3);
  const piece = content.subarray(i * third, (i + 1) * third);
  const header = (piece.length << 3) | (i === 2 ? 1 : 0);
  return concat(Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), piece);
}

describe('a store without what is not needed', () => {
  const archive = storeWith().store.archive();

  it('is compared byte for byte, in any order of its entries', async () => {
    const { store } = storeWith();
    const other = storeWith().store;
    other.entries.clear();
    for (const [path, entry] of [...store.entries].reverse()) other.entries.set(path, entry);
    expect(await differenceOf(archive, other.archive(), 'store.gc')).toBe('none');
  });

  it('is different with one more stream that is not needed', async () => {
    const { store } = storeWith();
    store.streamObject({ type: 'ociconfg', records: [{ inline: 'x' }] });
    expect(await differenceOf(archive, store.archive(), 'store.gc')).toMatchObject({ expected: 'nothing' });
  });

  it('is different if it is not an archive', async () => {
    const found = await differenceOf(archive, Buffer.from('x'.repeat(600)), 'store.gc');
    expect(found).toMatchObject({ expected: 'the archive of a store' });
  });
});

describe('a list', () => {
  const compare = (expected: string, got: string, most = Math.max(expected.length, 0)) =>
    storeAnswerDifference('store.fsck', {
      name: 'findings',
      expected: Buffer.from(expected),
      got: Buffer.from(got).subarray(0, most),
      size: got.length,
    });

  it.each([
    ['', 'stray\ta\n', 'line 1'],
    ['stray\ta\n', 'stray\ta\nstray\tb\n', 'line 2'],
    ['stray\ta\nstray\tb\n', 'stray\ta\n', 'line 2'],
    ['stray\ta\n', 'stray\ta', 'line 1'],
  ])('%j differs from %j', async (expected, got, where) => {
    expect(await compare(expected, got)).toMatchObject({ where });
  });
});
