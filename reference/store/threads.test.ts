import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archive, directory, file } from '../../conformance/generate/builder/tar.ts';
import { hex } from '../bytes.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import { portableSha2 } from '../hash/portable.ts';
import { importImage as importWithoutThreads } from './import.ts';
import { objectFile } from './paths.ts';
import { initStore, type Store } from './store.ts';
import { snapshot, writeLayout } from './stores.test.helper.ts';

/** Worker threads need the compiled code: Node 20 cannot run TypeScript in them. */
const compiled = (path: string) =>
  import(new URL(`../../dist/reference/store/${path}`, import.meta.url).href);
const { importImage } = (await compiled('import.js')) as typeof import('./import.ts');
const { checkStore } = (await compiled('fsck.js')) as typeof import('./fsck.ts');
const { NewObjects } = (await compiled(
  'new-objects/new-objects.js',
)) as typeof import('./new-objects/new-objects.ts');
const { ReaderThread } = (await compiled(
  'object-reader/reader-thread.js',
)) as typeof import('./object-reader/reader-thread.ts');

const algorithm = 'fsverity-sha256-12';

/** `size` bytes that depend on `seed`. */
function noise(seed: string, size: number): Buffer {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.alloc(size, Buffer.concat([block, Buffer.from(seed)]));
}

/** Contents of all sizes: within a slot, in several parts, the same one twice, and one that must be in a file. */
const contents = [
  ...Array.from({ length: 200 }, (_, i) => noise(`content ${i}`, 40_000 + 977 * (i % 60))),
  noise('longer than a slot', 5_000_000),
  noise('longer than a slot', 5_000_000),
  noise('long', 4 * 1024 * 1024),
  noise('content 7', 40_000 + 977 * 7),
];
const tar = archive(directory('usr/'), ...contents.map((content, i) => file(`usr/${i}`, content)));
const digestOf = (content: Uint8Array) => hex(fsverityDigest(content, algorithm, portableSha2));

let folder: string;
let layout: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  layout = join(folder, 'layout');
  writeLayout(layout, { t: { layers: [{ tar, compression: 'gzip' }] } });
  store = await initStore(join(folder, 'store'), { algorithm });
  await importImage(store, layout);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Usually enough for a thread that was started; otherwise, the same happens without it. */
const threadToStart = () => setTimeout(500);

const objectPath = (content: Uint8Array) => join(store.directory, objectFile(digestOf(content)));
const temporary = ({ directory }: Store) =>
  readdirSync(join(directory, 'objects')).filter(name => name.startsWith('.tmp'));

describe('an image that is written by a thread', () => {
  test('has the objects of its files, and no temporary file', () => {
    for (const content of contents) expect(readFileSync(objectPath(content)).equals(content)).toBe(true);
    expect(temporary(store)).toEqual([]);
  });

  test('makes the store that is made without a thread', async () => {
    const other = await initStore(join(folder, 'other'), { algorithm });
    await importWithoutThreads(other, layout);
    expect(Object.keys(snapshot(other.directory))).toEqual(Object.keys(snapshot(store.directory)));
    expect(snapshot(other.directory)).toEqual(snapshot(store.directory));
  });

  test('adds nothing to a store that has it', async () => {
    const before = snapshot(store.directory);
    const { added, addedBytes, present } = await importImage(store, layout);
    expect({ added, addedBytes }).toEqual({ added: 0, addedBytes: 0 });
    expect(present).toBeGreaterThan(contents.length);
    expect(snapshot(store.directory)).toEqual(before);
  });

  test('replaces objects with another content', async () => {
    for (const content of [contents[3], contents[200]] as Buffer[]) {
      writeFileSync(objectPath(content), Buffer.alloc(content.length));
      expect((await importImage(store, layout)).added).toBe(1);
      expect(readFileSync(objectPath(content)).equals(content)).toBe(true);
    }
  });
});

test('what is interrupted while a thread writes leaves no temporary file', async () => {
  const other = await initStore(join(folder, 'interrupted'), { algorithm });
  const objects = new NewObjects(other);
  for (const content of contents.slice(0, 110)) await objects.add([content]);
  await threadToStart();
  // Many small objects, which are not hashed, so that the thread has not written all of them.
  for (let number = 0; number < 15_000; number++) {
    const content = await objects.reserve(1000);
    content.add(number.toString(16).padStart(64, '0'));
  }
  objects.discard();
  await objects.close();
  expect(temporary(other)).toEqual([]);
});

test('an error in the thread that writes is thrown', async () => {
  const other = await initStore(join(folder, 'removed'), { algorithm });
  const objects = new NewObjects(other);
  for (const content of contents.slice(0, 110)) await objects.add([content]);
  await threadToStart();
  rmSync(other.directory, { recursive: true });
  const rest = async () => {
    for (const content of contents.slice(110)) await objects.add([content]);
    await objects.commit(false);
  };
  await expect(rest()).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
  await objects.close();
});

describe('a check with threads', () => {
  test('finds nothing in a sound store', async () => {
    const { findings, objects } = await checkStore(store);
    expect(findings).toEqual([]);
    // The different contents, the image, and the streams and bytes of layer, config and manifest.
    expect(objects).toBe(contents.length - 2 + 1 + 5);
  });

  test.each([0, 100, 199, 200, 202])('finds a flipped bit in content %i', async number => {
    const content = contents[number] as Buffer;
    const changed = Buffer.from(content);
    changed[content.length - 1] = (changed[content.length - 1] ?? 0) ^ 4;
    writeFileSync(objectPath(content), changed);
    const { findings } = await checkStore(store);
    expect(findings).toEqual([{ code: 'object-digest', path: objectFile(digestOf(content)) }]);
    writeFileSync(objectPath(content), content);
  });

  test('finds a missing object', async () => {
    const content = contents[50] as Buffer;
    unlinkSync(objectPath(content));
    const { findings } = await checkStore(store);
    expect(findings).toEqual([{ code: 'object-missing', path: objectFile(digestOf(content)) }]);
    writeFileSync(objectPath(content), content);
  });
});

describe('a thread that reads', () => {
  test('returns the objects in the order in which they were requested', async () => {
    const thread = await ReaderThread.start(store);
    const wanted = [7, 200, 7, 13, 202].map(number => contents[number] as Buffer);
    thread?.request(wanted.slice(0, 3).map(content => ({ digest: digestOf(content), verify: true })));
    thread?.request(wanted.slice(3).map(content => ({ digest: digestOf(content), verify: false })));
    thread?.request([{ digest: '0'.repeat(64), verify: true }]);
    const states: unknown[] = [];
    for (const content of wanted) {
      const parts: Uint8Array[] = [];
      states.push(await thread?.next(chunk => parts.push(Uint8Array.from(chunk))));
      expect(Buffer.concat(parts).equals(content)).toBe(true);
    }
    states.push(await thread?.next(() => {}));
    expect(states).toEqual(['intact', 'intact', 'intact', 'read', 'read', 'missing']);
    await thread?.stop();
  });

  test('throws the errors of the system', async () => {
    const broken: Store = { ...store, directory: join(store.directory, 'meta.json') };
    const thread = await ReaderThread.start(broken);
    thread?.request([{ digest: '0'.repeat(64), verify: true }]);
    await expect(thread?.next(() => {})).rejects.toMatchObject({ code: 'ENOTDIR' });
    await thread?.stop();
  });
});
