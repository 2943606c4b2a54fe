/**
 * The first difference between two stores. The result of removing what is not needed is compared byte for byte. The
 * result of an import is compared by what it says, because the bytes of a stream depend on the zstd encoder.
 * @module
 */

import { createHash } from 'node:crypto';
import type { Case } from '../../suite/case.ts';
import { DamagedStore, printable, readStoreArchive, type StoreEntry } from '../../suite/store-archive.ts';
import { verityDigest } from '../../suite/verity.ts';
import { bytesDifference, type ComparedFiles, type Difference } from './difference.ts';
import { listDifference } from './list-difference.ts';
import { type DescribedStream, describeStream, isStream, MalformedStream } from './store-stream.ts';

/** The first difference between two files of an operation on stores; undefined if it is another operation. */
export async function storeAnswerDifference(
  op: Case['op'],
  compared: ComparedFiles,
): Promise<Difference | 'none' | undefined> {
  const { expected, got } = compared;
  switch (op) {
    case 'store.import':
      return (await storeDifference(expected, got, 'content')) ?? 'none';
    case 'store.gc':
      return (await storeDifference(expected, got, 'bytes')) ?? 'none';
    case 'store.export':
      return bytesDifference(compared);
    case 'store.fsck':
    case 'store.find':
      return listDifference(compared);
    default:
      return undefined;
  }
}

/** By path: lines of text. */
type Description = Map<string, readonly string[]>;

/** The first difference of the store in `got` from that in `expected`, both archives; undefined if there is none. */
async function storeDifference(
  expected: Uint8Array,
  got: Uint8Array,
  by: 'bytes' | 'content',
): Promise<Difference | undefined> {
  const describe = by === 'bytes' ? describeBytes : describeContent;
  const want = await describe(readStoreArchive(expected));
  let have: Description;
  try {
    have = await describe(readStoreArchive(got));
  } catch (error) {
    if (!(error instanceof DamagedStore)) throw error;
    return { name: 'store', field: '', expected: 'the archive of a store', got: error.message };
  }
  for (const path of [...new Set([...want.keys(), ...have.keys()])].sort()) {
    const [wanted = ['nothing'], found = ['nothing']] = [want.get(path), have.get(path)];
    const at = wanted.findIndex((line, i) => line !== found[i]);
    const where = printable(path);
    if (at >= 0)
      return { name: 'store', where, field: '', expected: wanted[at] ?? '', got: found[at] ?? 'no more' };
    if (found.length > wanted.length)
      return { name: 'store', where, field: '', expected: 'no more', got: found[wanted.length] ?? '' };
  }
  return undefined;
}

/** Every file and link. Directories say nothing. */
function describeBytes(entries: ReadonlyMap<string, StoreEntry>): Description {
  const described: Description = new Map();
  for (const [path, entry] of entries) {
    if (entry.kind === 'file') described.set(path, [fileText(entry.content)]);
    else if (entry.kind === 'link') described.set(path, [linkText(entry.target)]);
  }
  return described;
}

function fileText(content: Uint8Array): string {
  const sum = createHash('sha256').update(content).digest('hex');
  return `a file of ${content.length} bytes with SHA-256 ${sum}`;
}

function linkText(target: string): string {
  return `a link to ${printable(target)}`;
}

/** Every file and link, and instead of the objects of streams what the streams say. */
async function describeContent(entries: ReadonlyMap<string, StoreEntry>): Promise<Description> {
  const described: Description = new Map();
  const linked = linksOf(entries);
  for (const [path, entry] of entries) {
    if (entry.kind === 'link') {
      const stream = /^streams\/[^/]+$/.test(path) ? objectBehind(entries, entry.target) : undefined;
      const lines = stream === undefined ? [linkText(entry.target)] : await streamLines(stream, linked);
      described.set(path, lines);
    } else if (entry.kind === 'file') {
      const lines = path === 'meta.json' ? [metaText(entry.content)] : objectLines(path, entry.content);
      if (lines !== undefined) described.set(path, lines);
    }
  }
  return described;
}

/** The object that a link of a stream leads to. */
function objectBehind(
  entries: ReadonlyMap<string, StoreEntry>,
  target: string,
): { readonly digest: string; readonly content: Uint8Array } | undefined {
  const [, start = '', rest = ''] = /^\.\.\/objects\/([0-9a-f]{2})\/([0-9a-f]+)$/.exec(target) ?? [];
  const entry = entries.get(`objects/${start}/${rest}`);
  return entry?.kind === 'file' ? { digest: `${start}${rest}`, content: entry.content } : undefined;
}

/** For each object that links of streams and images lead to, the first of these links. */
function linksOf(entries: ReadonlyMap<string, StoreEntry>): Map<string, string> {
  const links = new Map<string, string>();
  for (const path of [...entries.keys()].sort()) {
    const entry = entries.get(path);
    if (entry?.kind !== 'link' || !/^(streams|images)\/[^/]+$/.test(path)) continue;
    const object = objectBehind(entries, entry.target);
    if (object !== undefined && !links.has(object.digest)) links.set(object.digest, path);
  }
  return links;
}

async function streamLines(
  { digest, content }: { readonly digest: string; readonly content: Uint8Array },
  linked: ReadonlyMap<string, string>,
): Promise<string[]> {
  if (verityOf(content, digest.length) !== digest) return [`a link to an object with a wrong digest`];
  let stream: DescribedStream;
  try {
    stream = await describeStream(content, digest.length / 2);
  } catch (error) {
    if (!(error instanceof MalformedStream)) throw error;
    return [`a malformed stream: ${error.message}`];
  }
  const names = stream.names.map(
    ([name, to]) => `${printable(name)} leads to ${linked.get(to) ?? `object ${to}`}`,
  );
  return [...stream.content, ...names, ...stream.form];
}

/** An object; undefined for a stream, which is described where a link leads to it, or is not needed any more. */
function objectLines(path: string, content: Uint8Array): string[] | undefined {
  const digest = /^objects\/([0-9a-f]{2})\/([0-9a-f]+)$/.exec(path)?.slice(1).join('');
  if (digest !== undefined && isStream(content) && verityOf(content, digest.length) === digest)
    return undefined;
  return [fileText(content)];
}

function verityOf(content: Uint8Array, digits: number): string {
  return verityDigest(content, digits === 128 ? 'sha512' : 'sha256');
}

/** The description of a store with its members in order. */
function metaText(content: Uint8Array): string {
  const text = Buffer.from(content).toString();
  try {
    return `the description ${JSON.stringify(sorted(JSON.parse(text)))}`;
  } catch {
    return 'a description that is not JSON';
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
