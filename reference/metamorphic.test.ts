/**
 * One tree, written in many ways that mean the same: made up inodes, written by our builder, by tar-stream and by GNU
 * tar, in any form, order and compression, and in any number of layers.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import * as tarStream from 'tar-stream';
import { expect, test } from 'vitest';
import { fixedGzip, skippable, storedGzip, storedZstd } from '../conformance/generate/builder/compression.ts';
import {
  type EntryForm,
  type EntrySpec,
  gnu,
  gnuBase256,
  paxOnly,
  paxReversed,
  paxWhereNeeded,
  spaced,
} from '../conformance/generate/builder/entry-forms.ts';
import { archive, concat, directory, file } from '../conformance/generate/builder/tar.ts';
import { buildTree } from './build-tree.ts';
import { printDumpfile } from './dumpfile/print.ts';
import { nodeSha2 } from './hash/node/sha2.ts';
import { decompress } from './oci/compression.ts';
import type { Compression } from './oci/media-types.ts';

interface Blob {
  readonly packed: Compression;
  readonly bytes: Uint8Array;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The dumpfile of the merged layers. */
async function dumpfile(blobs: readonly Blob[]): Promise<string> {
  const layers = blobs.map(({ packed, bytes }) => decompress(once(bytes), packed, {}));
  const tree = await buildTree(layers, {
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
    sha2: nodeSha2,
  });
  return Buffer.concat([...printDumpfile(tree)]).toString('latin1');
}

const number = fc.oneof(fc.constant(0), fc.nat(0o7777777), fc.constant(3000000000));
const mtime = fc.oneof(fc.constant(0), fc.nat(0o77777777));
const mode = fc.oneof(fc.constant(0o755), fc.nat(0o7777));
const content = fc.oneof(fc.constant(''), fc.string({ maxLength: 64 }), fc.constant('x'.repeat(1000)));
const component = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom(...'aZ09 -=\\') }),
);

const leaf = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), content }),
  fc.record({ kind: fc.constant('symlink' as const), link: fc.constantFrom('t', '../x', 't'.repeat(150)) }),
  fc.record({ kind: fc.constant('fifo' as const) }),
  fc.record({ kind: fc.constant('character' as const), device: fc.constant([1, 3] as const) }),
);

/** Inodes of one level: a directory has its children in it. */
const { entries } = fc.letrec<{ entries: EntrySpec[] }>(tie => ({
  entries: fc
    .uniqueArray(
      fc.record({
        name: component,
        attributes: fc.record({ mode, uid: number, gid: number, mtime }),
        what: fc.oneof({ depthSize: 'small' }, leaf, tie('entries')),
      }),
      { maxLength: 4, selector: ({ name }) => name },
    )
    .map(list =>
      list.flatMap(({ name, attributes, what }): EntrySpec[] => {
        if (!Array.isArray(what)) return [{ path: name, ...attributes, ...what }];
        const below = what.map((node: EntrySpec) => ({ ...node, path: `${name}/${node.path}` }));
        return [{ kind: 'directory', path: name, ...attributes }, ...below];
      }),
    ),
}));

/** With hard links to some of the files, behind them. */
const nodes = fc.tuple(entries, fc.array(fc.nat(), { maxLength: 3 })).map(([list, picks]) => {
  const files = list.filter(({ kind }) => kind !== 'directory');
  const links = picks.flatMap((pick, i): EntrySpec[] => {
    const target = files[pick % Math.max(files.length, 1)];
    return target === undefined ? [] : [{ kind: 'hardlink', path: `link-${i}`, mode: 0, link: target.path }];
  });
  return [...list, ...links];
});

const forms: readonly EntryForm[] = [
  gnu,
  gnuBase256WhereItFits,
  spacedWhereItFits,
  paxOnly,
  paxReversed,
  paxWhereNeeded,
];

/** Neither has a place for long names. */
function gnuBase256WhereItFits(node: EntrySpec): Uint8Array {
  return fits(node) ? gnuBase256(node) : gnu(node);
}

function spacedWhereItFits(node: EntrySpec): Uint8Array {
  const { uid = 0, gid = 0 } = node;
  return fits(node) && Math.max(uid, gid) <= 0o7777777 ? spaced(node) : paxOnly(node);
}

function fits({ path, link = '' }: EntrySpec): boolean {
  return path.length < 100 && link.length <= 100;
}

/** What a run of the property decides by itself: numbers for every choice. */
const choices = fc.infiniteStream(fc.nat(1000));

type Choose = (below: number) => number;

function shuffled<T>(list: readonly T[], choose: Choose): T[] {
  const rest = [...list];
  const result: T[] = [];
  while (rest.length > 0) result.push(...rest.splice(choose(rest.length), 1));
  return result;
}

/** Any order in which hard links come after their targets. */
function reordered(list: readonly EntrySpec[], choose: Choose): EntrySpec[] {
  const isLink = ({ kind }: EntrySpec) => kind === 'hardlink';
  return [
    ...shuffled(
      list.filter(node => !isLink(node)),
      choose,
    ),
    ...shuffled(list.filter(isLink), choose),
  ];
}

const isImplied = ({ kind, mode, uid, gid, mtime }: EntrySpec) =>
  kind === 'directory' && mode === 0o755 && uid === 0 && gid === 0 && mtime === 0;

/** Whether a directory is there by what is below it alone. */
const isDispensable = (node: EntrySpec, list: readonly EntrySpec[]) =>
  isImplied(node) && list.some(({ path }) => path.startsWith(`${node.path}/`));

function pieces(bytes: Uint8Array, choose: Choose): Uint8Array[] {
  const result: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; ) {
    const size = 1 + choose(1000) * (choose(3) + 1);
    result.push(bytes.subarray(at, at + size));
    at += size;
  }
  return result;
}

function packedBy(bytes: Uint8Array, choose: Choose): Blob {
  const member = (piece: Uint8Array) =>
    [storedGzip(piece), fixedGzip(piece), new Uint8Array(gzipSync(piece, { level: choose(10) }))][
      choose(3)
    ] ?? piece;
  switch (choose(3)) {
    case 0:
      return { packed: 'none', bytes };
    case 1:
      return { packed: 'gzip', bytes: concat(...pieces(bytes, choose).map(member)) };
    default:
      return {
        packed: 'zstd',
        bytes: concat(
          ...pieces(bytes, choose).flatMap((piece, i) => [
            skippable(piece.subarray(0, i)),
            storedZstd(piece),
          ]),
        ),
      };
  }
}

/** The same tree in another way. */
function rewritten(list: readonly EntrySpec[], choose: Choose): Blob[] {
  const needed = list.filter(node => choose(2) === 0 || !isDispensable(node, list));
  const parts = reordered(needed, choose).map(node => (forms[choose(forms.length)] ?? gnu)(node));
  const layers: Uint8Array[][] = [[]];
  for (const part of parts) {
    if (choose(4) === 0) layers.push([]);
    layers.at(-1)?.push(part);
  }
  const below = [directory('deleted/', { mode: 0o700 }), file('deleted/f', 'x')];
  const whiteout = file('.wh.deleted');
  if (choose(2) === 0 && !list.some(({ path }) => path === 'deleted')) {
    layers.unshift(below);
    const above = layers[1 + choose(layers.length - 1)];
    above?.splice(choose(above.length + 1), 0, whiteout);
  }
  return layers.map(layer => packedBy(choose(3) === 0 ? concat(...layer) : archive(...layer), choose));
}

test('any form, order, compression and division into layers', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(nodes, choices, async (list, stream) => {
      const choose: Choose = below => (stream.next().value ?? 0) % below;
      const plain = await dumpfile([{ packed: 'none', bytes: archive(...list.map(paxOnly)) }]);
      expect(plain.split('\n').length - 2).toBe(list.length);
      for (let i = 0; i < 4; i++) expect(await dumpfile(rewritten(list, choose))).toBe(plain);
    }),
    { numRuns: 150, seed: 4 },
  );
});

const streamTypes = {
  file: 'file',
  hardlink: 'link',
  symlink: 'symlink',
  character: 'character-device',
  directory: 'directory',
  fifo: 'fifo',
} as const;

/** The nodes as tar-stream writes them. */
async function byTarStream(list: readonly EntrySpec[]): Promise<Uint8Array> {
  const pack = tarStream.pack();
  for (const { kind, path, mode, uid = 0, gid = 0, mtime = 0, content = '', link, device } of list) {
    pack.entry(
      {
        type: streamTypes[kind],
        name: path,
        mode,
        uid,
        gid,
        mtime: new Date(mtime * 1000),
        ...(link === undefined ? {} : { linkname: link }),
        ...(device === undefined ? {} : { devmajor: device[0], devminor: device[1] }),
      },
      Buffer.from(content),
    );
  }
  pack.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of pack) parts.push(part as Uint8Array);
  return new Uint8Array(Buffer.concat(parts));
}

test('tar-stream writes the same tree', { timeout: 60_000 }, async () => {
  // What its headers hold: it writes larger numbers in base-256 for the size alone.
  const small = nodes.filter(list => list.every(({ uid = 0, gid = 0 }) => Math.max(uid, gid) <= 0o777777));
  await fc.assert(
    fc.asyncProperty(small, async list => {
      const ours = await dumpfile([{ packed: 'none', bytes: archive(...list.map(gnu)) }]);
      expect(await dumpfile([{ packed: 'none', bytes: await byTarStream(list) }])).toBe(ours);
    }),
    { numRuns: 200, seed: 5 },
  );
});

/** Makes the nodes below `root`, without owners and devices. */
function make(root: string, list: readonly EntrySpec[]): void {
  for (const { kind, path, mode, content = '', link = '' } of list) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    if (kind === 'directory') mkdirSync(at, { recursive: true });
    if (kind === 'file') writeFileSync(at, content);
    if (kind === 'symlink') symlinkSync(link, at);
    if (kind === 'hardlink') linkSync(join(root, link), at);
    if (kind === 'file') chmodSync(at, mode);
  }
  for (const { kind, path, mode, mtime = 0 } of list.toReversed()) {
    if (kind !== 'file' && kind !== 'directory') continue;
    chmodSync(join(root, path), mode);
    utimesSync(join(root, path), mtime, mtime);
  }
}

test('GNU tar writes the same tree in each of its formats', { timeout: 60_000 }, async () => {
  const onDisk = entries
    .map(list =>
      list
        .filter(({ kind }) => kind === 'file' || kind === 'directory')
        // Files that can be read and directories that can be entered, no matter which user runs this.
        .map(node => ({ ...node, uid: 0, gid: 0, mode: (node.mode & 0o777) | 0o700 })),
    )
    .filter(list => list.length > 0);
  await fc.assert(
    fc.asyncProperty(onDisk, async list => {
      const ours = await dumpfile([{ packed: 'none', bytes: archive(...list.map(paxOnly)) }]);
      const root = mkdtempSync(join(tmpdir(), 'metamorphic-'));
      try {
        make(root, list);
        for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'posix']) {
          const bytes = execFileSync(
            'tar',
            ['--format', format, '--owner=0', '--group=0', '--numeric-owner', '-C', root, '-c', '.'],
            { env: { PATH: process.env['PATH'], LC_ALL: 'C' } },
          );
          expect(await dumpfile([{ packed: 'none', bytes: new Uint8Array(bytes) }]), format).toBe(ours);
        }
      } finally {
        rmSync(root, { recursive: true });
      }
    }),
    { numRuns: 20, seed: 6 },
  );
});
