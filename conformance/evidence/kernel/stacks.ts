/**
 * Check of a stack: overlayfs stacks the images of the standalone trees of layers, and has to show the merged tree that
 * the case expects. The merge is that of Linux.
 * @module
 */

import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTree } from '../../../reference/build-tree.ts';
import { hex } from '../../../reference/bytes.ts';
import { printDumpfile } from '../../../reference/dumpfile/print.ts';
import { writeErofs } from '../../../reference/erofs/write.ts';
import { ComposefsError } from '../../../reference/errors.ts';
import { algorithm } from '../../../reference/fsverity/algorithm.ts';
import { fsverityDigest } from '../../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../../reference/hash/node/sha2.ts';
import { decompress } from '../../../reference/oci/compression.ts';
import { readTar } from '../../../reference/tar/read.ts';
import { type Case, expectedResult } from '../../suite/case.ts';
import { wholePath } from '../../suite/case-file.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type CheckResult, fail, pass, skip } from '../external-checks/check-results.ts';
import { type DumpfileInode, type DumpfileTree, readDumpfileTree } from '../external-checks/dumpfile-tree.ts';
import {
  isDirectory,
  type ListedEntry,
  parentOf,
  type UnreadableEntry,
} from '../external-checks/expected-listing.ts';
import { listingDifference } from '../external-checks/listing-difference.ts';
import { type KernelCheck, resultOf } from './check.ts';
import { expectedStack, type ShownStack, type StackLayer, stackedLayers } from './expected-stack.ts';
import { compressionOf, layerContents } from './image-inputs.ts';
import { storeFolder } from './images.ts';
import type { Job, StackResult } from './jobs.ts';
import { layerPaths } from './trees.ts';

const TYPE = 0o170000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;
const ALGORITHM = algorithm('fsverity-sha256-12');

/** A case of several layers, each of which has a standalone tree. */
export interface StackInput {
  readonly test: Case;
  readonly merged: DumpfileTree;
  /** Starting with the base layer. */
  readonly layers: readonly (StackLayer & { readonly image: Uint8Array })[];
  /** The contents of the regular files in the layers, by fs-verity digest. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** The cases that can be stacked, and the others by the error code of their first layer without a standalone tree. */
export interface StackInputs {
  readonly stacks: readonly StackInput[];
  readonly without: ReadonlyMap<string, string>;
}

/** The stacks of the cases that merge several layers. */
export async function stackInputs(suite: Suite): Promise<StackInputs> {
  const stacks: StackInput[] = [];
  const without = new Map<string, string>();
  for (const test of suite.cases) {
    const { op, params } = test;
    const path = wholePath(expectedResult(test)?.files?.['dumpfile']);
    if (op !== 'layers.tree' || path === undefined || params['role'] !== 'merged') continue;
    if (params['transform'] !== 'none' || params['algorithm'] !== ALGORITHM) continue;
    const paths = layerPaths(suite, test);
    if (paths.length < 2) continue;
    const merged = readDumpfileTree(readFileSync(join(caseFolder(suite, test), path)));
    try {
      const layers = [];
      for (const each of paths) layers.push(await standaloneLayer(each));
      const contents = await layerContents(paths);
      stacks.push({ test, merged, layers, contents: new Map(contents.map(each => [digestOf(each), each])) });
    } catch (error) {
      if (!(error instanceof ComposefsError)) throw error;
      without.set(test.id, error.code);
    }
  }
  return { stacks, without };
}

function digestOf(content: Uint8Array): string {
  return hex(fsverityDigest(content, ALGORITHM, nodeSha2));
}

async function standaloneLayer(path: string): Promise<StackInput['layers'][number]> {
  const archive = () => decompress(createReadStream(path), compressionOf(path), {});
  const root = await buildTree([archive()], {
    role: 'layer',
    transform: 'none',
    xattrs: 'keep-user-xattrs',
    algorithm: ALGORITHM,
  });
  const directories = new Set<string>();
  for await (const entry of readTar(archive())) {
    if (entry.kind === 'directory') directories.add(`/${entry.path.join('/')}`);
  }
  return {
    tree: readDumpfileTree(Buffer.concat([...printDumpfile(root)])),
    directories,
    image: Buffer.concat([...writeErofs(root, { format: 'v1', algorithm: ALGORITHM })]),
  };
}

/** The check of one stack; its files are written to `files`. The jobs of `storeChecks` come first. */
export function stackCheck(input: StackInput, number: number, files: string): KernelCheck {
  const folder = `stacks/${number}`;
  mkdirSync(join(files, folder), { recursive: true });
  const all = input.layers.map(({ image }, i) => {
    writeFileSync(join(files, folder, String(i)), image);
    return `${folder}/${i}`;
  });
  const layers = stackedLayers(input.layers);
  const job = (images: readonly string[]): Job => ({ kind: 'stack', images, store: storeFolder(ALGORITHM) });
  const about = { topic: 'stacks', name: input.test.id } as const;
  // What a stack shows that does not begin with the opaque root is only recorded.
  const whole = { topic: 'stacks', name: `${input.test.id}, with the layers below the opaque root` } as const;
  const isWhole = layers.length === all.length;
  return {
    jobs: [job(all.slice(-layers.length)), ...(isWhole ? [] : [job(all)])],
    unanswered: [about, ...(isWhole ? [] : [whole])],
    judge([own, ofAll]) {
      const result = judgeStack(input, layers, resultOf('stack', own));
      const finding = {
        ...about,
        result,
        observed: layers.length === 1 ? '1 layer' : `${layers.length} layers`,
      };
      if (isWhole) return [finding];
      const seen = judgeStack(input, layers, resultOf('stack', ofAll));
      const observed =
        seen.status === 'fail' ? 'shows them' : seen.status === 'pass' ? 'hides them' : seen.why;
      return [finding, { ...whole, result: undefined, observed }];
    },
  };
}

function judgeStack(
  { merged, contents }: StackInput,
  layers: readonly StackLayer[],
  result: StackResult,
): CheckResult {
  if ('unavailable' in result) return skip(result.unavailable);
  if ('errno' in result) return fail(`not listed: ${result.errno}`);
  const expected = stackListing(expectedStack(merged, layers), contents);
  const seen = [...result.ok].sort(byPath).map(entry => ('errno' in entry ? entry : comparedPart(entry)));
  const problem = listingDifference(expected, seen, 'overlay', () => {});
  return problem === undefined ? pass : fail(problem);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

/** Link counts, inode numbers and sizes of directories of a stack are not those of the merged tree. */
function comparedPart<T extends Omit<ListedEntry, 'xattrs' | 'content'>>(entry: T): T {
  const { path, names, size } = entry;
  const same = { ...entry, nlink: 1, links: path, size: names === undefined ? size : '0' };
  return names === undefined ? same : { ...same, names: names.toSorted() };
}

function stackListing(
  { tree, listed }: ShownStack,
  contents: StackInput['contents'],
): (ListedEntry | UnreadableEntry)[] {
  const paths = [...tree.keys(), ...listed];
  const inodes = [...tree].map(([path, inode]): ListedEntry => {
    const names = paths.filter(each => each !== '/' && parentOf(each) === path);
    const content = contentDigest(inode, contents);
    const target = isSymlink(inode) ? inode.payload : undefined;
    return comparedPart({
      path,
      mode: inode.mode.toString(8),
      size: String(target?.length ?? inode.content?.length ?? inode.size),
      nlink: 1,
      uid: inode.uid,
      gid: inode.gid,
      rdev: inode.rdev,
      mtime: `${BigInt(inode.sec)}.${inode.nsec}`,
      links: path,
      xattrs: inode.xattrs,
      ...(target !== undefined && { target }),
      ...(content !== undefined && { content }),
      ...(isDirectory(inode) && { names: names.map(each => each.slice(each.lastIndexOf('/') + 1)) }),
    });
  });
  return [...inodes, ...[...listed].map(path => ({ path, errno: 'ENOENT' }))].sort(byPath);
}

function isSymlink({ mode }: DumpfileInode): boolean {
  return (mode & TYPE) === SYMLINK;
}

/** The SHA-256 of a regular file; undefined for an inode of another type. */
function contentDigest(inode: DumpfileInode, contents: StackInput['contents']): string | undefined {
  if ((inode.mode & TYPE) !== REGULAR) return undefined;
  const isExternal = inode.size > 0n && inode.content === undefined;
  const inline = Buffer.from(inode.content ?? '', 'latin1');
  const content = isExternal ? contents.get(inode.digest ?? '') : inline;
  if (content === undefined) throw new Error('a file of a layer is not among the contents of the layers');
  return createHash('sha256').update(content).digest('hex');
}
