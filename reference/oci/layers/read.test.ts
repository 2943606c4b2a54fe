import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedGzip, storedZstd } from '../../../conformance/generate/builder/compression.ts';
import { type ImageParts, LayoutBuilder } from '../../../conformance/generate/builder/layout.ts';
import { archive, concat, file, hardlink, header } from '../../../conformance/generate/builder/tar.ts';
import { printDumpfile } from '../../dumpfile/print.ts';
import { nodeSha2 } from '../../hash/node/sha2.ts';
import { type ImageOptions, imageTree } from '../image-tree.ts';

/** Worker threads need the compiled code: Node 20 cannot run TypeScript in them. */
const compiled = (await import(
  new URL('../../../dist/reference/oci/image-tree.js', import.meta.url).href
)) as typeof import('../image-tree.ts');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'layers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const options = {
  role: 'merged',
  transform: 'none',
  xattrs: 'allowlist-only',
  algorithm: 'fsverity-sha256-12',
} satisfies ImageOptions;

/** Pseudorandom bytes from `seed`, more than fit into the ring. */
function large(seed: string): Uint8Array {
  const bytes = Buffer.alloc(3 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 32) {
    bytes.set(createHash('sha256').update(`${seed} ${at}`).digest(), at);
  }
  return bytes;
}

const layerOf = (seed: string) => archive(file('same', large(seed)), file(seed, large(`its own ${seed}`)));
const broken = (seed: string) => archive(file(seed, large(seed)), header({ name: 'x', checksum: 1 }));

function put(layers: ImageParts['layers'], change: (bytes: Uint8Array) => void = () => {}): void {
  const builder = new LayoutBuilder();
  builder.index(builder.image({ layers }));
  for (const [path, content] of Object.entries(builder.files)) {
    if (content.length > 1024 * 1024) change(content);
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

async function outcome(read: typeof imageTree, more: Partial<ImageOptions> = {}): Promise<string> {
  try {
    const tree = await read(directory, { ...options, ...more });
    return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
  } catch (error) {
    return String(error);
  }
}

/** The result with worker threads, and without: a SHA-2 that is not that of the worker threads disables them. */
const both = async () => [
  await outcome(compiled.imageTree),
  await outcome(imageTree, { sha2: { ...nodeSha2 } }),
];

test.each(['none', 'gzip', 'zstd'] as const)('threads read the same, %s', async compression => {
  put(['a', 'b', 'c', 'd', 'e', 'f'].map(seed => ({ tar: layerOf(seed), compression })));
  const [there, here] = await both();
  expect(there).toBe(here);
  expect(there?.split('\n')).toHaveLength(1 + 7 + 1);
});

test('of several errors, the one in the lowest layer is thrown', async () => {
  put([
    { tar: layerOf('a') },
    { tar: broken('b') },
    { tar: concat(header({ name: 'y', checksum: 1 }), large('c')) },
  ]);
  const [withThreads, withoutThreads] = await both();
  expect(withThreads).toBe(withoutThreads);
  expect(withThreads).toMatch(
    /^ComposefsError: tar: blobs\/sha256\/[0-9a-f]{64}, layer 1, .*\(TAR_CHECKSUM\)$/,
  );
});

test('worker threads check digests of blobs and diff_ids', async () => {
  put([{ tar: layerOf('a') }, { tar: broken('b') }], content => {
    content[content.length - 2000] = (content[content.length - 2000] ?? 0) ^ 1;
  });
  const [there, here] = await both();
  expect(there).toBe(here);
  expect(there).toMatch(/layer 0: .*\(IMAGE_DIGEST\)$/);
  put([
    { tar: layerOf('a') },
    { tar: layerOf('b'), compression: 'gzip', diffId: `sha256:${'0'.repeat(64)}` },
  ]);
  const [left, right] = await both();
  expect(left).toBe(right);
  expect(left).toMatch(/layer 1: .*\(IMAGE_DIFF_ID\)$/);
});

test.each(['gzip', 'zstd'] as const)(
  'a blob that starts like %s, but has the media type of an archive, is named as such',
  async compression => {
    const compress = { gzip: storedGzip, zstd: storedZstd }[compression];
    for (const content of [compress(archive(file('f', 'hello'))), compress(new Uint8Array(0))]) {
      put([{ tar: content }]);
      expect(await outcome(imageTree)).toMatch(
        new RegExp(
          `^ComposefsError: tar: .*; the blob starts like ${compression}, but its media type says that it is not compressed \\(TAR_`,
        ),
      );
    }
  },
);

test('layers that are read again for the SELinux policy do not count again', async () => {
  const files = 'etc/selinux/t/contexts/files/file_contexts';
  const lower = archive(
    file('a', `#${'x'.repeat(100)}\nSELINUXTYPE=t\n`),
    file('b', `#${'x'.repeat(100)}\n/.* label\n`),
    file('c', large('c')),
  );
  const upper = archive(hardlink('etc/selinux/config', 'a'), hardlink(files, 'b'));
  put([{ tar: lower }, { tar: upper }]);
  const bootable = { role: 'merged.bootable', transform: 'oci' } as const;
  const limited = { ...bootable, maxSize: lower.length + upper.length };
  const results = [
    await outcome(compiled.imageTree, bootable),
    await outcome(compiled.imageTree, limited),
    await outcome(imageTree, { ...bootable, sha2: { ...nodeSha2 } }),
  ];
  expect(results[0]).toContain('security.selinux=label');
  expect(new Set(results).size).toBe(1);
  expect(await outcome(imageTree, { ...limited, maxSize: limited.maxSize - 1 })).toMatch(/COMPRESSION_LIMIT/);
});
