/**
 * Checks that the kernel does not read what was tampered with: objects, and the image itself.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hex } from '../../../reference/bytes.ts';
import { parseDumpfile } from '../../../reference/dumpfile/parse.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { fail, pass, skip } from '../external-checks/check-results.ts';
import { type Finding, type KernelCheck, resultOf } from './check.ts';
import { imageError, type Job, observedBlocks, type ReadJob, type ReadResult } from './jobs.ts';

const BLOCK = 4096;
const HASHES_PER_BLOCK = 128;
/** Three blocks of hashes, and a root above them. */
const OBJECT_BLOCKS = 300;
/** The hashes of ext4 begin at the next multiple of this after the content. */
const HASHES_ALIGNMENT = 65_536;
const SHA256 = 1;
const ALGORITHM = 'fsverity-sha256-12';
const PATH = '/object';

/** Blocks that all differ, so that no block can be taken for another one. */
function content(seed: number): Uint8Array {
  const bytes = new Uint8Array(OBJECT_BLOCKS * BLOCK);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 8)
    view.setBigUint64(at, (BigInt(at) * 0x9e3779b97f4a7c15n + BigInt(seed)) & 0xffff_ffff_ffff_ffffn);
  return bytes;
}

const original = content(1);
const other = content(2);
const digest = hex(fsverityDigest(original, ALGORITHM, nodeSha2));
const object = `${digest.slice(0, 2)}/${digest.slice(2)}`;

function imageWith(digestField: string): Uint8Array {
  const lines = [
    '/ 0 40755 2 0 0 0 0.0 - - -',
    `${PATH} ${original.length} 100644 1 0 0 0 0.0 ${object} - ${digestField}`,
    ...Array.from({ length: 20 }, (_, i) => `/t${i} 2000 100644 1 0 0 0 0.0 - ${'x'.repeat(2000)} -`),
  ];
  const tree = parseDumpfile(Buffer.from(`${lines.join('\n')}\n`));
  return Buffer.concat([...writeErofs(tree, { format: 'v1', algorithm: ALGORITHM })]);
}

/** A store with one object, and what reading it gives. */
interface Scenario {
  readonly name: string;
  readonly folder: string;
  readonly image: 'with-digest' | 'without-digest';
  /** Absent if the object is missing. */
  readonly content?: Uint8Array;
  readonly isProtected: boolean;
  readonly verity: ReadJob['verity'];
  /** Whether the kernel has to read it; otherwise it must not read a single block. */
  readonly isRead: boolean;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'nothing, this is the right object',
    folder: 'original',
    image: 'with-digest',
    content: original,
    isProtected: true,
    verity: 'require',
    isRead: true,
  },
  {
    name: 'the object is a different file with fs-verity',
    folder: 'exchanged',
    image: 'with-digest',
    content: other,
    isProtected: true,
    verity: 'require',
    isRead: false,
  },
  {
    name: 'the object has no fs-verity',
    folder: 'plain',
    image: 'with-digest',
    content: original,
    isProtected: false,
    verity: 'require',
    isRead: false,
  },
  {
    name: 'the object is missing',
    folder: 'missing',
    image: 'with-digest',
    isProtected: false,
    verity: 'require',
    isRead: false,
  },
  {
    name: 'the image has no digest of the object',
    folder: 'original',
    image: 'without-digest',
    content: original,
    isProtected: true,
    verity: 'require',
    isRead: false,
  },
  // Without the option nothing is compared: this shows that the comparison is what rejects.
  {
    name: 'the object is a different file with fs-verity; `verity=off`',
    folder: 'exchanged',
    image: 'with-digest',
    content: other,
    isProtected: true,
    verity: 'off',
    isRead: true,
  },
  {
    name: 'the object has no fs-verity; `verity=off`',
    folder: 'plain',
    image: 'with-digest',
    content: original,
    isProtected: false,
    verity: 'off',
    isRead: true,
  },
  {
    name: 'the image has no digest of the object; `verity=on`',
    folder: 'original',
    image: 'without-digest',
    content: original,
    isProtected: true,
    verity: 'on',
    isRead: true,
  },
];

const TOP = 'tampering';

function write(files: string, path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(files, path)), { recursive: true });
  writeFileSync(join(files, path), bytes);
}

function imagePath(name: Scenario['image']): string {
  return `${TOP}/images/${name}`;
}

function readJob(image: Scenario['image'], store: string, verity: ReadJob['verity'] = 'require'): ReadJob {
  return { kind: 'read', image: imagePath(image), store: `${TOP}/${store}`, path: PATH, verity };
}

/** All checks of tampering; their files are written to `files`. */
export function tamperingChecks(files: string): KernelCheck[] {
  write(files, imagePath('with-digest'), imageWith(digest));
  write(files, imagePath('without-digest'), imageWith('-'));
  const stores = new Map(scenarios.map(scenario => [scenario.folder, scenario]));
  for (const { folder, content: bytes } of stores.values()) {
    mkdirSync(join(files, TOP, folder), { recursive: true });
    if (bytes !== undefined) write(files, `${TOP}/${folder}/${object}`, bytes);
  }
  const protect: Job[] = [...stores.values()]
    .filter(({ isProtected }) => isProtected)
    .map(({ folder }) => ({ kind: 'protect', folder: `${TOP}/${folder}`, hash: SHA256 }));
  return [
    { jobs: protect, unanswered: [], judge: () => [] },
    ...scenarios.map(scenarioCheck),
    flippedObject(files),
    ...treeBlocks().map((place, i) => flippedHash(files, place, i)),
    flippedImage(files),
  ];
}

function scenarioCheck({ name, image, folder, verity, isRead }: Scenario): KernelCheck {
  const about = { topic: 'tampering', name } as const;
  return {
    jobs: [readJob(image, folder, verity)],
    unanswered: [about],
    judge([answer]) {
      const result = resultOf('read', answer);
      if ('unavailable' in result) return [{ ...about, result: skip(NO_VERITY), observed: NO_VERITY }];
      const isRight = isRead ? isWhole(result) : isUnread(result);
      return [finding(about, isRight, observedRead(result))];
    },
  };
}

const NO_VERITY = 'overlayfs does not compare digests';

function finding(about: Pick<Finding, 'topic' | 'name'>, isRight: boolean, observed: string): Finding {
  return { ...about, result: isRight ? pass : fail(`unexpected: ${observed}`), observed };
}

/** Whether all blocks were read. */
function isWhole(result: ReadResult): boolean {
  return 'blocks' in result && result.blocks.every(block => block === 'ok');
}

/** Whether no block was read. */
function isUnread(result: ReadResult): boolean {
  return !('blocks' in result) || result.blocks.every(block => block !== 'ok');
}

function observedRead(result: ReadResult): string {
  if ('unavailable' in result) return NO_VERITY;
  if ('lookup' in result) return `${result.lookup} on lookup`;
  if ('open' in result) return `${result.open} on open`;
  return observedBlocks(result.blocks);
}

/** A check that flips bits in a copy of the object, and reads it through overlayfs. */
function flipCheck(
  files: string,
  {
    name,
    folder,
    offsets,
    fails,
  }: { name: string; folder: string; offsets: readonly number[]; fails: (block: number) => boolean },
): KernelCheck {
  write(files, `${TOP}/${folder}/${object}`, original);
  const about = { topic: 'tampering', name } as const;
  const file = `${TOP}/${folder}/${object}`;
  return {
    jobs: [
      { kind: 'protect', folder: `${TOP}/${folder}`, hash: SHA256 },
      { kind: 'flip', file, offsets },
      readJob('with-digest', folder),
      // fs-verity alone, which older kernels have too.
      { kind: 'blocks', file },
    ],
    unanswered: [about],
    judge([, , overlay, alone]) {
      const throughOverlay = resultOf('read', overlay);
      const result = 'unavailable' in throughOverlay ? resultOf('blocks', alone) : throughOverlay;
      const isRight =
        'blocks' in result &&
        result.blocks.every((block, i) => (block === 'EIO') === fails(i) && (fails(i) || block === 'ok'));
      return [finding(about, isRight, observedRead(result))];
    },
  };
}

function flippedObject(files: string): KernelCheck {
  const offsets = Array.from({ length: OBJECT_BLOCKS }, (_, i) => i * BLOCK + ((i * 37) % BLOCK));
  return flipCheck(files, {
    name: 'a bit in each block of the object',
    folder: 'flipped',
    offsets,
    fails: () => true,
  });
}

/** The blocks with hashes, the root first, and the blocks of the object that each covers. */
function treeBlocks(): readonly { name: string; fails: (block: number) => boolean }[] {
  const leaves = Array.from({ length: Math.ceil(OBJECT_BLOCKS / HASHES_PER_BLOCK) }, (_, i) => ({
    name: `a bit in block ${i + 1} of the hashes of the object`,
    fails: (block: number) => Math.floor(block / HASHES_PER_BLOCK) === i,
  }));
  return [{ name: 'a bit in the root block of the hashes of the object', fails: () => true }, ...leaves];
}

function flippedHash(
  files: string,
  place: ReturnType<typeof treeBlocks>[number],
  number: number,
): KernelCheck {
  const start = Math.ceil(original.length / HASHES_ALIGNMENT) * HASHES_ALIGNMENT;
  return flipCheck(files, { ...place, folder: `hashes-${number}`, offsets: [start + number * BLOCK + 5] });
}

/** Flips a bit in each block of a protected image, one after the other, and mounts and lists it. */
function flippedImage(files: string): KernelCheck {
  const image = imageWith(digest);
  const file = `${TOP}/image/flipped`;
  write(files, file, image);
  const count = Math.ceil(image.length / BLOCK);
  const list: Job = { kind: 'image', image: file, overlay: false };
  const jobs = Array.from({ length: count }, (_, i): readonly Job[] => {
    const flip: Job = { kind: 'flip', file, offsets: [i * BLOCK + 100 + i] };
    return [flip, list, flip];
  });
  const about = { topic: 'tampering', name: 'a bit in each block of the image' } as const;
  return {
    jobs: [{ kind: 'protect', folder: `${TOP}/image`, hash: SHA256 }, list, ...jobs.flat()],
    unanswered: [about],
    judge([, control, ...answers]) {
      const results = jobs.map((_, i) => imageError(resultOf('image', answers[3 * i + 1])));
      const isListed = imageError(resultOf('image', control)) === undefined;
      const isRight = isListed && results.every(each => each !== undefined);
      const kinds = [...new Set(results.map(each => each ?? 'lists it'))];
      const counted = kinds.map(
        kind => `${kind}: ${results.filter(each => (each ?? 'lists it') === kind).length}`,
      );
      return [finding(about, isRight, `${counted.join(', ')} of ${count} blocks`)];
    },
  };
}
