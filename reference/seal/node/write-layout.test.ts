import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { blobPath, LayoutBuilder, tag } from '../../../conformance/generate/builder/layout.ts';
import { bonjour, hello } from '../../../conformance/generate/recipes/image/parts.ts';
import type { LayoutFiles } from '../../oci/layout-files.ts';
import { EMPTY_BLOB, empty } from '../artifact.ts';
import { put, read, writeFiles } from './layouts.test.helper.ts';
import { type LayoutUpdate, sealArtifact, sealInline } from './seal.ts';
import { verifyImage } from './verify.ts';
import { sealTo } from './write-layout.ts';

// The built program: `npm test` builds it first.
const built = join(dirname(fileURLToPath(import.meta.url)), '../../../dist/reference');
const program = join(built, 'cli/main.js');
const algorithm = 'fsverity-sha256-12';

/** A directory with the layout `in`, of an image for each tag. */
function layouts(...tags: readonly string[]): string {
  const builder = new LayoutBuilder();
  const images = tags.map((name, i) =>
    builder.image({
      layers: [{ tar: i % 2 === 0 ? hello : bonjour }],
      config: { author: name },
      descriptor: tag(name),
    }),
  );
  const files = Object.entries(builder.index(...images).files);
  return writeFiles(Object.fromEntries(files.map(([path, content]) => [`in/${path}`, content])));
}

let directory: string;
const path = (...names: readonly string[]) => join(directory, ...names);
beforeEach(() => {
  directory = layouts('a', 'b');
});

const artifactOf = (reference: string) => (from: LayoutFiles) => sealArtifact(from, { algorithm, reference });
const inlineOf = (reference: string) => (from: LayoutFiles) => sealInline(from, { algorithm, reference });
const sealing = (mode: string, reference: string, output: string) => [
  ...[program, 'seal', `oci:in:${reference}`, '--mode', mode],
  ...['--algorithm', algorithm, '--output', `oci:${output}`],
];

function run(args: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stderr };
}

/** Every path below a directory, with the content of regular files. */
function everything(below: string): Record<string, string> {
  const names = readdirSync(path(below), { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names.map(name => {
      const found = lstatSync(path(below, name));
      return [name, found.isFile() ? read(path(below), name) : found.isDirectory() ? 'directory' : 'other'];
    }),
  );
}

/** Checks that each blob of a layout has the digest of its name. */
function checkBlobs(layout: string): void {
  for (const name of readdirSync(path(layout, 'blobs/sha256'))) {
    const content = readFileSync(path(layout, 'blobs/sha256', name));
    expect(createHash('sha256').update(content).digest('hex')).toBe(name);
  }
}

describe('a layout with links', () => {
  const emptyBlob = blobPath(empty.digest);

  test('seals in place without following a link to a file outside', () => {
    put(directory, 'precious', 'precious');
    chmodSync(path('precious'), 0o600);
    symlinkSync(path('precious'), path('in', emptyBlob));
    expect(run(sealing('artifact', 'a', 'in'))).toEqual({ status: 0, stderr: '' });
    expect(read(directory, 'precious')).toBe('precious');
    expect(statSync(path('precious')).mode & 0o777).toBe(0o600);
    expect(lstatSync(path('in', emptyBlob)).isFile()).toBe(true);
    expect(read(path('in'), emptyBlob)).toBe(EMPTY_BLOB);
  });

  test('seals inline without following a link under the name of the sealed manifest', async () => {
    const { images } = await inlineOf('a')(path('in'));
    const name = blobPath(images[0]?.manifest.digest ?? '');
    put(directory, 'precious', 'precious');
    symlinkSync('../../../precious', path('in', name));
    expect(run(sealing('inline', 'a', 'in'))).toEqual({ status: 0, stderr: '' });
    expect(read(directory, 'precious')).toBe('precious');
    await verifyImage(path('in'), { reference: 'a' });
  });

  test.each(['fifo', emptyBlob])('seals in place without opening a FIFO at %s', name => {
    const fifo = name === emptyBlob ? path('in', name) : path(name);
    execFileSync('mkfifo', [fifo]);
    if (name !== emptyBlob) symlinkSync(fifo, path('in', emptyBlob));
    expect(run(sealing('artifact', 'a', 'in'))).toEqual({ status: 0, stderr: '' });
    expect(read(path('in'), emptyBlob)).toBe(EMPTY_BLOB);
    expect(lstatSync(path('in', emptyBlob)).isFile()).toBe(true);
    expect(readdirSync(path('in')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test('replaces a link that is index.json, and keeps the mode of a file', () => {
    renameSync(path('in/index.json'), path('shared.json'));
    symlinkSync(path('shared.json'), path('in/index.json'));
    const before = read(directory, 'shared.json');
    expect(run(sealing('artifact', 'a', 'in')).status).toBe(0);
    expect(read(directory, 'shared.json')).toBe(before);
    chmodSync(path('in/index.json'), 0o640);
    expect(run(sealing('artifact', 'b', 'in')).status).toBe(0);
    expect(lstatSync(path('in/index.json')).mode & 0o777).toBe(0o640);
    expect(JSON.parse(read(path('in'), 'index.json')).manifests).toHaveLength(4);
  });

  test.each(['blobs', 'blobs/sha256'])('does not write through %s, and copies what is behind it', name => {
    renameSync(path('in', name), path('elsewhere'));
    symlinkSync(path('elsewhere'), path('in', name));
    const before = everything('elsewhere');
    const { status, stderr } = run(sealing('artifact', 'a', 'in'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/a symbolic link.* \(REQUEST_FILE\)\n$/)]);
    expect(everything('elsewhere')).toEqual(before);
    expect(run(sealing('artifact', 'a', 'out')).status).toBe(0);
    expect(everything('elsewhere')).toEqual(before);
    expect(lstatSync(path('out', name)).isDirectory()).toBe(true);
  });
});

describe('a copy', () => {
  test('has the blobs that descriptors lead to, and nothing else', async () => {
    put(directory, 'secret', 'secret');
    put(path('in'), 'blobs/notes', 'not a blob');
    put(path('in'), `blobs/sha256/${'c'.repeat(64)}`, 'no descriptor');
    symlinkSync(path('secret'), path('in/blobs/sha256', 'a'.repeat(64)));
    symlinkSync(path('in'), path('in/blobs/loop'));
    execFileSync('mkfifo', [path('in/blobs/sha256', 'b'.repeat(64))]);
    const [entry] = JSON.parse(read(path('in'), 'index.json')).manifests;
    renameSync(path('in', blobPath(entry.digest)), path('linked'));
    symlinkSync(path('linked'), path('in', blobPath(entry.digest)));
    await sealTo<LayoutUpdate>(path('in'), path('out'), [artifactOf('a'), inlineOf('b')]);
    expect(readdirSync(path('out')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect(readdirSync(path('out/blobs'))).toEqual(['sha256']);
    // A manifest, a config and a layer for each tag, the artifact and its empty blob. The manifest of b before it was
    // sealed is gone.
    expect(readdirSync(path('out/blobs/sha256'))).toHaveLength(8);
    expect(lstatSync(path('out', blobPath(entry.digest))).isFile()).toBe(true);
    checkBlobs('out');
    for (const reference of ['a', 'b']) await verifyImage(path('out'), { reference });
  });

  test.each(['a link to a secret', 'changed bytes'])('rejects a blob of another image: %s', async kind => {
    const entry = JSON.parse(read(path('in'), 'index.json')).manifests[1];
    const manifest = JSON.parse(read(path('in'), blobPath(entry.digest)));
    const layer = path('in', blobPath(manifest.layers[0].digest));
    const wrong = Buffer.alloc(manifest.layers[0].size, 'secret');
    rmSync(layer);
    writeFileSync(kind === 'changed bytes' ? layer : path('secret'), wrong);
    if (kind !== 'changed bytes') symlinkSync(path('secret'), layer);
    await expect(sealTo(path('in'), path('out'), [artifactOf('a')])).rejects.toMatchObject({
      code: 'IMAGE_DIGEST',
    });
    expect(readdirSync(directory).filter(name => name.includes('out'))).toEqual([]);
  });

  test('lacks the blobs that the original lacks', async () => {
    const entry = JSON.parse(read(path('in'), 'index.json')).manifests[1];
    rmSync(path('in', blobPath(entry.digest)));
    await sealTo(path('in'), path('out'), [artifactOf('a')]);
    await verifyImage(path('out'), { reference: 'a' });
    expect(existsSync(path('out', blobPath(entry.digest)))).toBe(false);
  });

  test('is made in an empty directory, which stays, or with missing parents', async () => {
    mkdirSync(path('empty'), { mode: 0o750 });
    const { ino } = statSync(path('empty'));
    await sealTo(path('in'), path('empty'), [inlineOf('a')]);
    expect(statSync(path('empty'))).toMatchObject({ ino });
    expect(statSync(path('empty')).mode & 0o777).toBe(0o750);
    expect(readdirSync(path('empty')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    await sealTo(path('in'), path('new/parents/out'), [inlineOf('a')]);
    await verifyImage(path('new/parents/out'), { reference: 'a' });
    expect(readdirSync(directory).sort()).toEqual(['empty', 'in', 'new']);
  });

  test('leaves nothing behind if a later step is rejected', async () => {
    const steps = [inlineOf('a'), inlineOf('missing')];
    await expect(sealTo(path('in'), path('new/out'), steps)).rejects.toMatchObject({
      code: 'IMAGE_REFERENCE',
    });
    expect(readdirSync(directory)).toEqual(['in']);
  });

  // A limit on the size of files is for a test what a full disk is for a user.
  test('leaves nothing behind on a full disk', () => {
    const before = everything('in');
    const limited = (output: string) => run(['-e', limitedTo(1), ...sealing('artifact', 'a', output)]);
    for (const output of ['out', 'new/out', 'in']) {
      expect(limited(output)).toEqual({
        status: 74,
        stderr: expect.stringMatching(/EFBIG.*\(REQUEST_FILE\)\n$/),
      });
    }
    expect(readdirSync(directory)).toEqual(['in']);
    expect(everything('in')).toEqual(before);
    expect(run(sealing('artifact', 'a', 'out')).status).toBe(0);
  });
});

/** A script that runs the program in its arguments, which cannot write files of more than `kilobytes`. */
function limitedTo(kilobytes: number): string {
  const bash = `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$@"`;
  return `const { spawnSync } = require('node:child_process');
    const args = ['-c', ${JSON.stringify(bash)}, 'bash', process.execPath, ...process.argv.slice(1)];
    process.exit(spawnSync('bash', args, { stdio: 'inherit' }).status);`;
}

describe('a process that is ended', () => {
  /** Starts a copy that never ends, and returns when it has written something. */
  async function stuck(output: string) {
    const script = `
      import { sealTo } from ${JSON.stringify(pathToFileURL(join(built, 'seal/node/write-layout.js')).href)};
      import { sealInline } from ${JSON.stringify(pathToFileURL(join(built, 'seal/node/seal.js')).href)};
      setInterval(() => {}, 1000);
      const first = from => sealInline(from, { algorithm: '${algorithm}', reference: 'a' });
      await sealTo('in', ${JSON.stringify(output)}, [first, () => { console.log('copied'); return new Promise(() => {}); }]);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise(resolve => child.stdout.once('data', resolve));
    return child;
  }

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves nothing behind', async signal => {
    mkdirSync(path('empty'));
    for (const output of ['empty', 'new/out']) {
      const child = await stuck(output);
      const ended = new Promise(resolve => child.once('exit', (_, by) => resolve(by)));
      child.kill(signal);
      expect(await ended).toBe(signal);
    }
    expect(readdirSync(directory)).toEqual(['empty', 'in']);
    expect(readdirSync(path('empty'))).toEqual([]);
  });

  test('SIGKILL does not prevent the same command from succeeding', async () => {
    for (const output of ['out', 'new/out']) {
      const child = await stuck(output);
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      expect(existsSync(path(output))).toBe(false);
      expect(run(sealing('inline', 'a', output))).toEqual({ status: 0, stderr: '' });
    }
  });
});

describe('a layout that something else changes', () => {
  test.each(['artifact', 'inline'])('loses nothing to eight seals at once: %s', async mode => {
    const tags = Array.from({ length: 8 }, (_, i) => `tag${i}`);
    directory = layouts(...tags);
    const codes = await Promise.all(
      tags.map(
        reference =>
          new Promise(resolve => {
            const child = spawn(process.execPath, sealing(mode, reference, 'in'), { cwd: directory });
            child.once('exit', resolve);
          }),
      ),
    );
    expect(codes).toEqual(tags.map(() => 0));
    for (const reference of tags) await verifyImage(path('in'), { reference });
    checkBlobs('in');
    const { manifests } = JSON.parse(read(path('in'), 'index.json'));
    expect(new Set(manifests.map(({ digest }: { digest: string }) => digest)).size).toBe(
      mode === 'artifact' ? 16 : 8,
    );
    expect(readdirSync(path('in')).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test.each([artifactOf('a'), inlineOf('a')])('makes the change again on the new index', async step => {
    let times = 0;
    await sealTo<LayoutUpdate>(path('in'), path('in'), [
      async () => {
        const from = path('in');
        const sealed = await step(from);
        // Another tool adds a tag while this one reads the layers.
        if (times++ === 0) {
          const index = JSON.parse(read(from, 'index.json'));
          const added = {
            ...index.manifests[1],
            annotations: { 'org.opencontainers.image.ref.name': 'new' },
          };
          put(from, 'index.json', JSON.stringify({ ...index, manifests: [...index.manifests, added] }));
        }
        return sealed;
      },
    ]);
    expect(times).toBe(2);
    await verifyImage(path('in'), { reference: 'a' });
    const { images } = await sealInline(path('in'), { algorithm, reference: 'new' });
    expect(images).toHaveLength(1);
  });

  test('does not write an image that is sealed already', async () => {
    await sealTo(path('in'), path('in'), [inlineOf('a')]);
    const before = statSync(path('in/index.json'));
    await sealTo(path('in'), path('in'), [inlineOf('a')]);
    expect(statSync(path('in/index.json')).ino).toBe(before.ino);
  });
});
