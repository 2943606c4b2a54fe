import { createHash } from 'node:crypto';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../bytes.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { checkStore } from './fsck.ts';
import { collectGarbage } from './gc.ts';
import { importImage } from './import.ts';
import { initStore, openStore } from './store.ts';
import { base, large, snapshot, upper, writeLayout } from './stores.test.helper.ts';

let folder: string;
/** A sound store, of which each test damages a copy. */
let sound: string;
let directory: string;
let manifest: string;
let config: string;
let image: string;
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const [baseId, upperId] = [sha256(base), sha256(upper)];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  const layout = join(folder, 'layout');
  writeLayout(layout, { t: { layers: [{ tar: base }, { tar: upper, compression: 'gzip' }] } });
  sound = join(folder, 'sound');
  const store = await initStore(sound, { algorithm: 'fsverity-sha256-12' });
  const imported = await importImage(store, layout, { keepBlobs: true });
  ({ manifest, config } = imported);
  image = imported.images[0]?.digest ?? '';
});
beforeEach(() => {
  directory = join(folder, 'damaged');
  rmSync(directory, { recursive: true, force: true });
  cpSync(sound, directory, { recursive: true, verbatimSymlinks: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const at = (path: string) => join(directory, path);
const stream = (kind: string, digest: string) => `streams/oci-${kind}-${digest}`;
const fileOf = (digest: string) => `objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
/** The path of the object that a link leads to. */
const objectOf = (link: string) => readlinkSync(at(link)).slice(3);
/** The path of the object with a content. */
const objectWith = (content: string) =>
  Object.entries(snapshot(directory)).find(([, found]) => found === content)?.[0] ?? '';

/** Adds an object, and returns its path. */
function put(bytes: Uint8Array): string {
  const path = fileOf(hex(fsverityDigest(bytes, 'fsverity-sha256-12')));
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), bytes);
  return path;
}

/** Makes a link lead to an object. */
function link(path: string, object: string): void {
  rmSync(at(path), { force: true });
  symlinkSync(`../${object}`, at(path));
}

/** Replaces the object of a link by `change` of its content. */
function changeObject(path: string, change: (bytes: Buffer) => Uint8Array): void {
  link(path, put(change(readFileSync(at(path)))));
}

/** Changes one number of a header, with the help of the others. */
const number = (at: number, value: (of: (at: number) => bigint) => bigint) => (bytes: Buffer) => {
  bytes.writeBigUInt64LE(
    value(offset => bytes.readBigUInt64LE(offset)),
    at,
  );
  return bytes;
};

const flip = (path: string, offset: number) => {
  const bytes = readFileSync(at(path));
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(at(path), bytes);
};

const findings = async () =>
  (await checkStore(openStore(directory))).findings.map(({ code, path }) => `${code} ${path}`);

test('a sound store has no finding', async () => {
  expect(await findings()).toEqual([]);
});

describe('an object', () => {
  const cases: [string, (path: string) => void, string[]][] = [
    ['has a flipped bit', path => flip(path, 7), ['object-digest']],
    ['is cut', path => truncateSync(at(path), 100), ['object-digest']],
    ['is empty', path => truncateSync(at(path), 0), ['object-digest']],
    ['is missing', path => rmSync(at(path)), ['object-missing']],
    [
      'is a directory',
      path => {
        rmSync(at(path));
        mkdirSync(at(path));
      },
      ['object-missing', 'stray'],
    ],
    [
      'is a link to a copy',
      path => {
        renameSync(at(path), join(folder, 'copy'));
        symlinkSync(join(folder, 'copy'), at(path));
      },
      ['object-missing', 'stray'],
    ],
  ];
  test.each(cases)('%s', async (_, damage, codes) => {
    const path = objectWith(large);
    damage(path);
    expect(await findings()).toEqual(codes.map(code => `${code} ${path}`));
  });

  test('has a name in upper case', async () => {
    const path = objectWith(large);
    const other = `${dirname(path)}/${path.slice(11).toUpperCase()}`;
    renameSync(at(path), at(other));
    expect(await findings()).toEqual([`stray ${other}`, `object-missing ${path}`].sort(byPath));
  });
});

const byPath = (a: string, b: string) => ((a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1);

test.each([
  'objects/hello',
  'objects/zz/00',
  'objects/00/hello',
  'hello',
  'streams/hello',
  'images/hello',
  'streams/refs/oci/file',
  `streams/oci-layer-${'a'.repeat(64)}`,
])('%s is a stray file', async path => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), 'hello');
  expect(await findings()).toEqual([`stray ${path.replace('zz/00', 'zz')}`]);
});

test('temporary files are not findings', async () => {
  writeFileSync(at('objects/.tmp-object-AAAA'), 'hello');
  symlinkSync('nowhere', at('objects/.tmp-object-BBBB'));
  expect(await findings()).toEqual([]);
});

describe('a layer', () => {
  const path = stream('layer', baseId);

  test('has a damaged stream', async () => {
    const object = objectOf(path);
    for (const offset of [0, 150, readFileSync(at(object)).length - 1]) {
      flip(object, offset);
      expect(await findings()).toEqual([`object-digest ${object}`]);
      flip(object, offset);
    }
  });

  test('has no stream', async () => {
    const object = objectOf(path);
    rmSync(at(object));
    expect(await findings()).toEqual([`object-missing ${object}`, `link-dangling ${path}`]);
  });

  test('has no link', async () => {
    rmSync(at(path));
    expect(await findings()).toEqual([`content-missing ${path}`]);
  });

  test('has the stream of another layer', async () => {
    link(path, objectOf(stream('layer', upperId)));
    expect(await findings()).toEqual([
      `stream-references ${stream('config', config)}`,
      `content-digest ${path}`,
      `stream-references ${stream('manifest', manifest)}`,
    ]);
  });

  test('has the content object of a file', async () => {
    link(path, objectWith(large));
    expect(await findings()).toEqual([
      `stream-references ${stream('config', config)}`,
      `stream-invalid ${path}`,
      `stream-references ${stream('manifest', manifest)}`,
    ]);
  });

  test.each(['absolute', 'objects/', '../../'])('has a link of another form: %s', async form => {
    const object = objectOf(path);
    rmSync(at(path));
    symlinkSync(
      { absolute: at(object), 'objects/': object, '../../': `../../damaged/${object}` }[form] ?? '',
      at(path),
    );
    expect(await findings()).toEqual([`link-target ${path}`]);
  });

  const malformed: [string, (bytes: Buffer) => Uint8Array][] = [
    ['another version', bytes => bytes.fill(1, 11, 12)],
    ['another hash function', bytes => bytes.fill(2, 14, 15)],
    ['another block size', bytes => bytes.fill(16, 15, 16)],
    ['a short info block', bytes => bytes.fill(111, 24, 25)],
    ['a huge range', number(72, () => 2n ** 62n)],
    ['a range to the last number', number(72, () => 2n ** 64n - 1n)],
    ['a range that ends before it starts', number(32, () => 113n)],
    ['no whole digest', number(56, of => of(56) - 1n)],
    ['a wrong total size', number(104, () => 1n)],
    ['another content type', bytes => bytes.fill('ociconfg', 96, 104, 'latin1')],
    ['cut records', number(72, of => of(72) - 1n)],
    ['no records', number(72, of => of(64))],
    ['no object references', number(56, of => of(48))],
    ['no named references', number(88, of => of(80))],
  ];
  test.each(malformed)('has a stream with %s', async (_, change) => {
    changeObject(path, change);
    expect(await findings()).toContain(`stream-invalid ${path}`);
  });
});

describe('a document', () => {
  test('is missing', async () => {
    rmSync(at(stream('config', config)));
    expect(await findings()).toEqual([`content-missing ${stream('config', config)}`]);
  });

  test('is another document', async () => {
    link(stream('config', config), objectOf(stream('manifest', manifest)));
    expect(await findings()).toContain(`stream-invalid ${stream('config', config)}`);
  });

  test('has an older stream', async () => {
    const path = stream('config', config);
    // One byte behind all sections changes nothing but the object.
    changeObject(path, bytes => Buffer.concat([bytes, Buffer.alloc(1)]));
    expect(await findings()).toEqual([`stream-references ${stream('manifest', manifest)}`]);
  });

  test('refers to no blob', async () => {
    const blob = Object.keys(snapshot(directory)).find(path => path.startsWith('streams/oci-blob-')) ?? '';
    rmSync(at(blob));
    expect(await findings()).toEqual([`content-missing ${blob}`]);
  });
});

describe('an image', () => {
  test('has no link', async () => {
    rmSync(at(`images/${image}`));
    expect(await findings()).toEqual([`image-missing images/${image}`]);
  });

  test('has no object', async () => {
    rmSync(at(fileOf(image)));
    expect(await findings()).toEqual([`link-dangling images/${image}`, `object-missing ${fileOf(image)}`]);
  });

  test('has the wrong link', async () => {
    link(`images/${image}`, objectWith(large));
    expect(await findings()).toEqual([`link-target images/${image}`]);
  });

  test('is another file', async () => {
    const object = objectWith(large);
    const digest = object.slice(8).replace('/', '');
    link(`images/${digest}`, object);
    expect(await findings()).toEqual([`image-invalid images/${digest}`]);
  });
});

describe('a name', () => {
  test('leads to nothing', async () => {
    rmSync(at(stream('manifest', manifest)));
    expect(await findings()).toEqual(['link-dangling streams/refs/oci/t']);
  });

  test.each([
    ['low%2fer', 'name-invalid'],
    ['@x', 'name-invalid'],
    ['a\nb', 'name-invalid'],
    ['100%', 'name-invalid'],
    ['a%2Fb', undefined],
  ])('%j has the finding %s', async (name, code) => {
    symlinkSync(`../../oci-manifest-${manifest}`, at(`streams/refs/oci/${name}`));
    expect(await findings()).toEqual(code === undefined ? [] : [`${code} streams/refs/oci/${name}`]);
  });

  test.each([
    ['../oci-manifest-MANIFEST', 'link-target'],
    ['../../oci-config-CONFIG', 'link-target'],
    ['/etc/passwd', 'link-target'],
    [`../../oci-manifest-sha256:${'0'.repeat(64)}`, 'link-dangling'],
  ])('with the target %s has the finding %s', async (target, code) => {
    const path = 'streams/refs/oci/x';
    symlinkSync(target.replace('MANIFEST', manifest).replace('CONFIG', config), at(path));
    expect(await findings()).toEqual([`${code} ${path}`]);
  });
});

test('every flipped bit of an object is found', async () => {
  const store = openStore(directory);
  // The largest object is the image; of the others, every bit is tried.
  const paths = Object.entries(snapshot(directory))
    .filter(([path, content]) => path.startsWith('objects/') && content.length < 400)
    .map(([path]) => path);
  expect(paths.length).toBeGreaterThan(3);
  for (const path of paths.slice(0, 3)) {
    const bytes = readFileSync(at(path));
    for (let offset = 0; offset < bytes.length; offset += 5) {
      flip(path, offset);
      const { findings } = await checkStore(store);
      expect(findings).toEqual([{ code: 'object-digest', path }]);
      flip(path, offset);
    }
  }
});

test('a check changes nothing', async () => {
  flip(objectWith(large), 3);
  writeFileSync(at('objects/.tmp-object-AAAA'), 'hello');
  const before = snapshot(directory);
  await findings();
  expect(snapshot(directory)).toEqual(before);
});

describe('removal', () => {
  test('of nothing, in a store without garbage', async () => {
    const before = snapshot(directory);
    expect(await collectGarbage(openStore(directory))).toEqual({
      objects: 0,
      bytes: 0,
      links: [],
      temporaryFiles: 0,
    });
    expect(snapshot(directory)).toEqual(before);
  });

  test('of garbage, and nothing else', async () => {
    const before = snapshot(directory);
    const path = put(Buffer.from('garbage'));
    writeFileSync(at('objects/.tmp-object-AAAA'), 'hello');
    symlinkSync(`../${path}`, at(`images/${path.slice(8).replace('/', '')}`));
    writeFileSync(at('stray'), 'kept');
    writeFileSync(at('objects/stray'), 'kept');
    const store = openStore(directory);
    const full = snapshot(directory);
    const dry = await collectGarbage(store, { dryRun: true });
    expect(snapshot(directory)).toEqual(full);
    expect(await collectGarbage(store)).toEqual(dry);
    expect(dry).toMatchObject({ objects: 1, bytes: 7, temporaryFiles: 1 });
    expect(snapshot(directory)).toEqual({ ...before, stray: 'kept', 'objects/stray': 'kept' });
  });

  test('of everything without a name', async () => {
    rmSync(at('streams/refs/oci/t'));
    await collectGarbage(openStore(directory));
    expect(Object.keys(snapshot(directory))).toEqual(['meta.json']);
  });

  test('keeps everything beside a root that is not a name', async () => {
    renameSync(at('streams/refs/oci/t'), at('streams/refs/other'));
    rmSync(at('streams/refs/other'));
    symlinkSync(`../oci-manifest-${manifest}`, at('streams/refs/other'));
    expect(await collectGarbage(openStore(directory))).toMatchObject({ objects: 0 });
  });

  test('keeps the image of a root in images', async () => {
    rmSync(at('streams/refs/oci/t'));
    mkdirSync(at('images/refs/some'), { recursive: true });
    symlinkSync(`../../${image}`, at('images/refs/some/name'));
    await collectGarbage(openStore(directory));
    expect(await findings()).toEqual([]);
    expect(lstatSync(at(objectWith(large))).isFile()).toBe(true);
    expect(lstatSync(at(`images/${image}`)).isSymbolicLink()).toBe(true);
  });

  const unknown: [string, () => void][] = [
    ['a dangling name', () => rmSync(at(stream('manifest', manifest)))],
    ['a missing config', () => rmSync(at(stream('config', config)))],
    ['a missing layer', () => rmSync(at(stream('layer', baseId)))],
    ['a missing image', () => rmSync(at(fileOf(image)))],
    ['a damaged layer', () => flip(objectOf(stream('layer', baseId)), 200)],
    ['a damaged image', () => flip(fileOf(image), 2000)],
    ['a damaged manifest', () => flip(objectOf(stream('manifest', manifest)), 100)],
  ];
  test.each(unknown)('is rejected for %s', async (_, damage) => {
    put(Buffer.from('garbage'));
    damage();
    const before = snapshot(directory);
    await expect(collectGarbage(openStore(directory))).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    expect(snapshot(directory)).toEqual(before);
  });

  test('does not care about a damaged content', async () => {
    flip(objectWith(large), 3);
    expect(await collectGarbage(openStore(directory))).toMatchObject({ objects: 0 });
  });
});
