/**
 * Check of an image that a case accepts: the kernel measures the expected digest, mounts the image, and shows the tree,
 * also through overlayfs with `verity=require`.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hex } from '../../../reference/bytes.ts';
import { type Algorithm, algorithmParameters } from '../../../reference/fsverity/algorithm.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { type CheckResult, fail, pass, skip } from '../external-checks/check-results.ts';
import { readDumpfileTree } from '../external-checks/dumpfile-tree.ts';
import {
  isWhiteout,
  type ListedEntry,
  mountedListing,
  overlayListing,
  type UnreadableEntry,
} from '../external-checks/expected-listing.ts';
import { listingDifference, type SeenListing } from '../external-checks/listing-difference.ts';
import { lowerLayerFiles } from '../external-checks/overlay-hidden-files.ts';
import { type Finding, type KernelCheck, resultOf } from './check.ts';
import type { ImageInput } from './image-inputs.ts';
import type { HashNumber, ImageResult, Job, Listed, Outcome, OverlayListed } from './jobs.ts';

/** Blocks of 64 KiB are larger than a page, and ext4 does not support them. */
const BLOCK = 4096;
/** Messages about the image: the rest of the log is about the machine. */
const ABOUT_THE_IMAGE = /erofs|overlayfs|\bovl_|fs-verity/;
/** What the kernel says of a mount that works. */
const ORDINARY = /^erofs:? \(device [^)]*\): mounted with root inode|^fs-verity: sha\d+ using implementation/;
/** What overlayfs says of a file whose object is not in the store. */
const WITHOUT_OBJECT =
  /^overlayfs: (?:lazy lowerdata lookup failed|metacopy with no lower data found)|^ovl_\w+: \d+ callbacks suppressed/;
/** What fs-verity says of an algorithm with blocks that are larger than a page. */
const LARGE_BLOCKS = /^fs-verity \(.*\): Unsupported log_blocksize: 16|unsupported block size/i;
/** What overlayfs says before Linux 6.6. */
const WITHOUT_VERITY = /^overlayfs: unrecognized mount option "verity=require"/;

const hashNumbers: Readonly<Record<string, HashNumber>> = { sha256: 1, sha512: 2 };

/** The number of the hash algorithm of an fs-verity algorithm. */
export function hashNumber(name: string): HashNumber {
  const number = hashNumbers[name.split('-')[1] ?? ''];
  if (number === undefined) throw new Error(`unexpected algorithm ${name}`);
  return number;
}

/** Files of a lower layer, and whether they are visible through the image (spec/erofs.md, "Whiteouts"). */
function filesBelow({ format, dumpfile }: ImageInput): ReadonlyMap<string, boolean> {
  return format === 'v1' ? lowerLayerFiles(readDumpfileTree(dumpfile)) : new Map();
}

/** The objects that the store has. Those of an algorithm that ext4 does not support cannot be protected. */
function storedContents({ algorithm, contents = [] }: ImageInput): readonly Uint8Array[] {
  return blockSize(algorithm) > BLOCK ? [] : contents;
}

function blockSize(name: Algorithm): number {
  return 2 ** algorithmParameters[name].logBlockSize;
}

/**
 * The check of one image, which is written to `files` under `fileName`. The jobs of {@link storeChecks} come first.
 */
export function imageCheck(input: ImageInput, fileName: string, files: string): KernelCheck {
  const path = `images/${fileName}`;
  mkdirSync(join(files, 'images'), { recursive: true });
  writeFileSync(join(files, path), input.image);
  const { test, algorithm, contents } = input;
  const below = filesBelow(input);
  const job: Job = {
    kind: 'image',
    image: path,
    hash: hashNumber(algorithm),
    blockSize: blockSize(algorithm),
    overlay: true,
    ...(below.size > 0 && { below: [...below.keys()] }),
    ...(contents !== undefined && { store: storeFolder(algorithm) }),
  };
  const about = { topic: 'images', name: test.id } as const;
  return {
    jobs: [job],
    unanswered: [about],
    judge([answer]) {
      const result = resultOf('image', answer);
      const observed =
        result.digest !== undefined && 'ok' in result.digest ? result.digest.ok : 'not measured';
      return [{ ...about, result: judgeImage(input, result, answer?.log ?? []), observed }];
    },
  };
}

/** The folder of the store for an algorithm. */
export function storeFolder(algorithm: string): string {
  return `stores/${algorithm}`;
}

/** Writes the contents of all images into stores, and checks that the kernel measures the digests that name them. */
export function storeChecks(inputs: readonly ImageInput[], files: string): KernelCheck[] {
  const algorithms = new Set(
    inputs.filter(({ contents }) => contents !== undefined).map(each => each.algorithm),
  );
  return [...algorithms].map(algorithm => {
    const folder = storeFolder(algorithm);
    const expected = new Set<string>();
    mkdirSync(join(files, folder), { recursive: true });
    for (const content of inputs.filter(each => each.algorithm === algorithm).flatMap(storedContents)) {
      const name = objectName(hex(fsverityDigest(content, algorithm, nodeSha2)));
      expected.add(name);
      mkdirSync(dirname(join(files, folder, name)), { recursive: true });
      writeFileSync(join(files, folder, name), content);
    }
    const about = { topic: 'images', name: `objects, ${algorithm}` } as const;
    return {
      jobs: [{ kind: 'protect', folder, hash: hashNumber(algorithm) }],
      unanswered: [about],
      judge([answer]): Finding[] {
        const { measured } = resultOf('protect', answer);
        const wrong = Object.entries(measured).find(([name, digest]) => objectName(digest) !== name);
        const count = Object.keys(measured).length;
        const result =
          wrong !== undefined
            ? fail(`the kernel measures ${wrong[1]} for ${wrong[0]}`)
            : count !== expected.size
              ? fail(`the kernel measured ${count} of ${expected.size} objects`)
              : count === 0
                ? skip('ext4 does not support blocks of fs-verity that are larger than a page')
                : pass;
        return [{ ...about, result, observed: `${count} objects measured` }];
      },
    };
  });
}

function objectName(digest: string): string {
  return `${digest.slice(0, 2)}/${digest.slice(2)}`;
}

function judgeImage(input: ImageInput, result: ImageResult, log: readonly string[]): CheckResult {
  const expected = mountedListing(
    readDumpfileTree(input.dumpfile),
    input.format,
    input.test.op === 'erofs.read',
  );
  const problem =
    digestProblem(input, result) ??
    (result.error === undefined ? undefined : `not mounted: ${result.error}`) ??
    listingProblem(expected, withHoles(result.mounted, expected), 'erofs') ??
    overlayProblem(input, expected, result) ??
    log.filter(line => !isOrdinary(line, input, result)).map(line => `the kernel logged: ${line}`)[0];
  return problem === undefined ? pass : fail(problem);
}

function isOrdinary(line: string, input: ImageInput, { overlay }: ImageResult): boolean {
  if (!ABOUT_THE_IMAGE.test(line) || ORDINARY.test(line)) return true;
  if (blockSize(input.algorithm) > BLOCK && LARGE_BLOCKS.test(line)) return true;
  if (overlay !== undefined && 'unavailable' in overlay && WITHOUT_VERITY.test(line)) return true;
  return storedContents(input).length === 0 && WITHOUT_OBJECT.test(line);
}

/** Linux 6.12 and older do not tell a hole in a file of EROFS from zeros. */
function withHoles(seen: Outcome<Listed> | undefined, expected: readonly ListedEntry[]): typeof seen {
  if (seen === undefined || 'errno' in seen) return seen;
  const holes = new Set(
    expected
      .filter(({ content }) => typeof content === 'object' && 'hole' in content)
      .map(({ path }) => path),
  );
  const entries = seen.ok.entries.map(entry => {
    if ('errno' in entry || typeof entry.content !== 'string' || !holes.has(entry.path)) return entry;
    return /^\0+$/.test(entry.content) ? { ...entry, content: { hole: true } as const } : entry;
  });
  return { ok: { ...seen.ok, entries } };
}

function digestProblem({ algorithm, image, digest }: ImageInput, result: ImageResult): string | undefined {
  const measured = result.digest;
  if (measured === undefined) return 'not measured';
  const ours = digest ?? hex(fsverityDigest(image, algorithm, nodeSha2));
  if ('ok' in measured) return measured.ok === ours ? undefined : `measured ${measured.ok}, expected ${ours}`;
  return blockSize(algorithm) > BLOCK && measured.errno === 'EINVAL'
    ? undefined
    : `fs-verity: ${measured.errno}`;
}

function listingProblem(
  expected: readonly (ListedEntry | UnreadableEntry)[],
  seen: Outcome<Listed> | undefined,
  kind: 'erofs' | 'overlay',
): string | undefined {
  if (seen === undefined) return `${kind}: not listed`;
  if ('errno' in seen) return `${kind}: ${seen.errno}`;
  const [absent] = seen.ok.absent;
  if (absent !== undefined)
    return `${kind}: ${JSON.stringify(absent)} is not in the directory, but can be looked up`;
  const difference = listingDifference(expected, seen.ok.entries, kind, () => {});
  return difference === undefined ? undefined : `${kind}: ${difference}`;
}

function overlayProblem(
  input: ImageInput,
  image: readonly ListedEntry[],
  { overlay }: ImageResult,
): string | undefined {
  if (overlay === undefined) return 'overlayfs: not mounted';
  if ('unavailable' in overlay) return undefined;
  const seen =
    'ok' in overlay ? { ok: { ...overlay.ok, entries: withoutContents(overlay.ok.entries) } } : overlay;
  return (
    listingProblem(overlayListing(image), seen, 'overlay') ??
    ('ok' in overlay
      ? (contentProblem(input, image, overlay.ok.entries) ?? belowProblem(input, overlay.ok))
      : undefined)
  );
}

/** Compares which files of a lower layer are visible in another overlayfs over the image. */
function belowProblem(input: ImageInput, { below = [], belowUser = [] }: OverlayListed): string | undefined {
  const tree = readDumpfileTree(input.dumpfile);
  for (const [path, isVisible] of filesBelow(input)) {
    // With `userxattr`, a whiteout hides a file, but the attribute of an opaque directory has no effect (EROFS-009, EROFS-010).
    const inode = tree.get(path);
    const isVisibleToUser = inode === undefined || !isWhiteout(inode);
    const problem = (of: string) =>
      `${JSON.stringify(path)} of a lower layer is wrongly visible or hidden${of}`;
    if (below.includes(path) !== isVisible) return problem('');
    if (belowUser.includes(path) !== isVisibleToUser) return problem(' with userxattr');
  }
  return undefined;
}

function withoutContents(entries: SeenListing): SeenListing {
  return entries.map(entry => {
    if ('errno' in entry) return entry;
    const { content: _, ...rest } = entry;
    return rest;
  });
}

/** Compares the SHA-256 of each regular file that can be read through overlayfs. */
function contentProblem(
  input: ImageInput,
  image: readonly ListedEntry[],
  seen: SeenListing,
): string | undefined {
  const expected = new Map(image.map(entry => [entry.path, entry]));
  const objects = new Map(
    storedContents(input).map(content => [
      hex(fsverityDigest(content, input.algorithm, nodeSha2)),
      sha256(content),
    ]),
  );
  for (const entry of seen) {
    if ('errno' in entry || entry.content === undefined) continue;
    const { content, xattrs } = expected.get(entry.path) ?? {};
    const digest = Buffer.from(xattrs?.get('trusted.overlay.metacopy') ?? '', 'latin1')
      .subarray(4)
      .toString('hex');
    // An object that the case does not have is not in the store either, and cannot be read.
    const want = typeof content === 'string' ? sha256(Buffer.from(content, 'latin1')) : objects.get(digest);
    if (want === undefined ? typeof entry.content !== 'object' : entry.content !== want) {
      return `overlay: ${JSON.stringify(entry.path)}, content: expected ${want ?? 'an error'}, got ${JSON.stringify(entry.content)}`;
    }
  }
  return undefined;
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
