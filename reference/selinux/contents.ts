/**
 * The content of policy files, which the tree does not have if they are longer than an inline file.
 *
 * While layers are read, the content of every entry at the path of a policy file is kept. A policy file can also be a
 * hard link to a file at another path; then the layers are read again, and the files with the right content are kept.
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { fsverityDigest } from '../fsverity/digest.ts';
import type { FileEntry } from '../tar/entry.ts';
import { readTar } from '../tar/read.ts';
import type { ExternalFile } from '../tree/inode.ts';
import type { TreeOptions } from '../tree/options.ts';
import { INLINE_LIMIT } from '../tree/regular-file.ts';
import { type PolicyInode, policySizeAt } from './find-policy.ts';

/** How many bytes are kept. What is not kept and turns out to be needed is read again. */
const KEPT_MAX = 2 ** 25;

/** Reads every layer with `read`. */
export type ReadAgain = (read: (archive: AsyncIterable<Uint8Array>) => Promise<void>) => Promise<void>;

/** The content of policy files. */
export class PolicyContents {
  readonly #options: Pick<TreeOptions, 'algorithm' | 'sha2'>;
  readonly #readAgain: ReadAgain;
  readonly #keptMax: number;
  /** By the fs-verity digest. */
  readonly #contents = new Map<ByteString, Uint8Array>();
  #kept = 0;

  constructor(options: Pick<TreeOptions, 'algorithm' | 'sha2'>, readAgain: ReadAgain, keptMax = KEPT_MAX) {
    this.#options = options;
    this.#readAgain = readAgain;
    this.#keptMax = keptMax;
  }

  /** The content of an entry; if it can be that of a policy file, it is kept when it is read. */
  keeping({ path, size, content }: FileEntry): AsyncIterable<Uint8Array> {
    const canBePolicy = size > INLINE_LIMIT && size <= policySizeAt(path);
    if (!canBePolicy || this.#kept + size > this.#keptMax) return content;
    this.#kept += size;
    return this.#passedOn(size, content);
  }

  async *#passedOn(size: number, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const copy = new Uint8Array(size);
    let at = 0;
    for await (const chunk of content) {
      copy.set(chunk, at);
      at += chunk.length;
      yield chunk;
    }
    this.#contents.set(this.#digestOf(copy), copy);
  }

  #digestOf(content: Uint8Array): ByteString {
    return byteString(fsverityDigest(content, this.#options.algorithm, this.#options.sha2));
  }

  /**
   * Makes sure that the content of `files` is kept. Layers are read again only if that of one of them is missing; then
   * the content of what `others` returns is kept, too, as far as there is room.
   */
  async load(files: readonly PolicyInode[], others: () => readonly ExternalFile[] = () => []): Promise<void> {
    const missing = files.flatMap(({ inode }) => (this.#isMissing(inode) ? [inode] : []));
    if (missing.length > 0) await this.#find([...missing, ...this.#fitting(others())]);
  }

  /** The content of a file that was loaded. */
  textOf({ inode }: PolicyInode): ByteString {
    if (inode.kind === 'inline') return byteString(inode.content);
    const content = this.#contents.get(inode.digest as ByteString);
    if (content === undefined) {
      throw new TypeError(
        'the layers must be iterable a second time: the SELinux policy was not found in them',
      );
    }
    return byteString(content);
  }

  #isMissing(inode: PolicyInode['inode']): inode is ExternalFile {
    return inode.kind === 'external' && !this.#contents.has(inode.digest as ByteString);
  }

  /** The missing ones of `files`, as long as there is room for them. */
  #fitting(files: readonly ExternalFile[]): ExternalFile[] {
    return files.filter(file => {
      const size = Number(file.size);
      if (!this.#isMissing(file) || this.#kept + size > this.#keptMax) return false;
      this.#kept += size;
      return true;
    });
  }

  /** Reads all layers again, and keeps the content of `files`. */
  async #find(files: readonly ExternalFile[]): Promise<void> {
    const sizes = new Set(files.map(({ size }) => Number(size)));
    const digests = new Set(files.map(({ digest }) => digest));
    await this.#readAgain(async archive => {
      for await (const entry of readTar(archive, () => false)) {
        if (entry.kind !== 'file' || !sizes.has(entry.size)) continue;
        const content = new Uint8Array(entry.size);
        let at = 0;
        for await (const chunk of entry.content) {
          content.set(chunk, at);
          at += chunk.length;
        }
        const digest = this.#digestOf(content);
        if (digests.has(digest)) this.#contents.set(digest, content);
      }
    });
  }
}
