import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { buildTree } from '../build-tree.ts';
import { printDumpfile } from '../dumpfile/print.ts';

const ARCHIVE_SIZE = 3072;

/** The bytes of the example by their offsets, as its lines show them. */
const shown = example('tar-entry-annotated')
  .trimEnd()
  .split('\n')
  .map(line => {
    const [, at = '', bytes = ''] = /^([0-9a-f]{8}) {2}((?:(?:[0-9a-f]{2})+ )+) /.exec(line) ?? [];
    return { line, at: Number.parseInt(at, 16), bytes: Buffer.from(bytes.replaceAll(' ', ''), 'hex') };
  });

/** The archive: bytes that no line shows are zero. */
const archive = new Uint8Array(ARCHIVE_SIZE);
for (const { at, bytes } of shown) archive.set(bytes, at);

async function* whole(): AsyncGenerator<Uint8Array> {
  yield archive;
}

test('the lines of the worked example are in order, and none overlaps the next', () => {
  let end = 0;
  for (const { line, at, bytes } of shown) {
    expect(bytes.length, line).toBeGreaterThan(0);
    expect(at, line).toBeGreaterThanOrEqual(end);
    end = at + bytes.length;
  }
  expect(end).toBeLessThan(ARCHIVE_SIZE);
});

test('the worked example has the records that the chapter shows', () => {
  const records = example('pax-records');
  expect(Buffer.from(archive.subarray(512, 512 + records.length)).toString()).toBe(records);
});

test('the worked example is read as the line that the chapter shows', async () => {
  const tree = await buildTree([whole()], {
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
  });
  const implied = '/ 0 40755 3 0 0 0 0.0 - - -\n/etc 0 40755 2 0 0 0 0.0 - - -\n';
  const dumpfile = Buffer.concat([...printDumpfile(tree)]).toString();
  expect(dumpfile).toBe(implied + example('tar-entry-dumpfile'));
});
