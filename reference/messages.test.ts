/**
 * A message is one line of limited length, whatever the input is, and does not print a file that a link leads to.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { archive, file, pax, symlink } from '../conformance/generate/builder/tar.ts';
import { buildTree } from './build-tree.ts';
import { ascii, byteString, excerpt, shortened } from './bytes.ts';
import { DumpfileParser } from './dumpfile/parse.ts';
import { ComposefsError } from './errors.ts';
import { algorithm } from './fsverity/algorithm.ts';
import { parseSalt } from './fsverity/salt.ts';
import { nodeSha2 } from './hash/node/sha2.ts';
import { parseJson } from './oci/json.ts';
import { openLayout } from './oci/layout.ts';
import { platformText } from './oci/platform.ts';
import { index, validated } from './oci/schemas.ts';
import { parseCommandLine } from './seal/cmdline.ts';

const long = 'x'.repeat(1_000_000);

async function rejection(run: () => unknown): Promise<ComposefsError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ComposefsError) return error;
    throw error;
  }
  throw new Error('accepted');
}

async function* layers(tar: Uint8Array): AsyncGenerator<AsyncIterable<Uint8Array>> {
  yield (async function* () {
    yield tar;
  })();
}

const tree = (tar: Uint8Array) =>
  buildTree(layers(tar), {
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    sha2: nodeSha2,
  });

const dumpfile = (text: string) => {
  const parser = new DumpfileParser();
  parser.push(Buffer.from(text, 'latin1'));
  parser.finish();
};

const root = '/ 0 40755 2 0 0 0 0.0 - - -\n';

test.each<[string, () => unknown]>([
  ['the path of an entry', () => tree(archive(pax({ path: `${'\x1b\n'.repeat(2000)}/../a` }), file('f')))],
  ['a path of 1 MB', () => tree(archive(pax({ path: `${'d/'.repeat(500_000)}f` }), file('f')))],
  ['a target of 1 MB', () => tree(archive(pax({ linkpath: long }), symlink('s', 't')))],
  ['the name of an attribute', () => tree(archive(pax({ [`SCHILY.xattr.${long}`]: '' }), file('f')))],
  ['the path of a dumpfile', () => dumpfile(`${root}${long} 0 100644 1 0 0 0 0.0 - - -\n`)],
  ['a field of a dumpfile', () => dumpfile(`${root}/a 0 100644 1 0 0 0 ${long} - - -\n`)],
  ['an escape of a dumpfile', () => dumpfile(`${root}/a 0 100644 1 0 0 0 0.0 - \\q${long} -\n`)],
  ['a member of a document', () => schema(`{"manifests":[{"annotations":{"${long}":1}}],"schemaVersion":2}`)],
  ['a repeated member', () => parseJson(Buffer.from(`{"${long}":1,"${long}":2}`), {})],
  ['a salt', () => parseSalt(long)],
  ['an algorithm', () => algorithm(long)],
  ['an argument of the kernel', () => parseCommandLine(Buffer.from(`composefs=${'\x7f'.repeat(4000)}`))],
  ['a file', () => Promise.reject(new ComposefsError('IMAGE_BLOB', 'detail', { file: `a\nb${long}` }))],
])('%s is shortened', async (_, run) => {
  const { message } = await rejection(run);
  expect(message.length).toBeLessThan(4000);
  expect(message).not.toMatch(/\p{Cc}/u);
});

function schema(text: string): unknown {
  return validated(index, parseJson(Buffer.from(text), {}), {});
}

test('a name of a file is never shortened, and of a longer text both ends remain', () => {
  const name = 'n'.repeat(255);
  expect(shortened(name)).toBe(name);
  expect(excerpt(byteString(new Uint8Array([0x61, 0, 0xff, 0x5c])))).toBe('a\\x00\\xff\\x5c');
  expect(excerpt(ascii(`start${long}end`))).toMatch(/^startx+\.\.\.x+end$/);
});

test('the platform of an image cannot add lines to a result', () => {
  expect(platformText({ os: 'linux\ncomposefs.merged signed', architecture: long })).toMatch(
    /^[\x20-\x7e]{1,300}$/,
  );
});

test('a file that a link of a layout leads to is not printed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'messages-'));
  try {
    writeFileSync(join(directory, 'secret'), 'root:*:202:0:99999');
    writeFileSync(join(directory, 'members'), '{"password":"hunter2","password":"hunter3"}');
    for (const secret of ['secret', 'members']) {
      const layout = join(directory, `layout-${secret}`);
      mkdirSync(layout);
      writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
      symlinkSync(`../${secret}`, join(layout, 'index.json'));
      const { code, message } = await rejection(() => openLayout(layout, nodeSha2));
      expect(code).toBe('IMAGE_JSON');
      expect(message).not.toMatch(/root|202|password|hunter/);
      symlinkSync(`../${secret}`, join(directory, 'oci-layout'));
      expect((await rejection(() => openLayout(directory, nodeSha2))).message).not.toMatch(/root|password/);
      rmSync(join(directory, 'oci-layout'));
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('where text stops to be JSON is an offset in bytes', async () => {
  expect((await rejection(() => parseJson(Buffer.from('{"ä":1,"ä":2}'), {}))).location.offset).toBe(8);
});
