/**
 * A dumpfile as the tree that it describes (spec/dumpfile.md).
 *
 * Lines are read as they come; memory grows with the inodes and the longest line, not with the text.
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import type { Directory, Inode, Leaf } from '../tree/inode.ts';
import { type Line, parseLine, Shared } from './line.ts';

const NEWLINE = 0x0a;
const SLASH = 0x2f;

/** Bytes of the longest line, without its newline (DUMP-018). */
const MAX_LINE = 262144;

/** The tree of a whole dumpfile. Refused with the codes of the dumpfile stage; `place` has the line. */
export function parseDumpfile(bytes: Uint8Array): Directory {
  const parser = new DumpfileParser();
  parser.push(bytes);
  return parser.finish();
}

/** Reads a dumpfile in chunks that may end anywhere. After a refusal it is of no further use. */
export class DumpfileParser {
  readonly #shared = new Shared();
  #line = 0;
  /** The start of a line whose end has not come yet. */
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #root: Directory | undefined;
  /** The parent of the line before, which most lines share. */
  #parentPath: Uint8Array = new Uint8Array(0);
  #parent: Directory | undefined;

  /** The next bytes. They are not kept. Refused with the codes of the dumpfile stage. */
  push(chunk: Uint8Array): void {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      this.#add(this.#withPending(chunk.subarray(from, to)));
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(chunk.slice(from));
  }

  /** The tree, after the last bytes. The newline of the last line may be missing (DUMP-017). */
  finish(): Directory {
    if (this.#pendingLength > 0) this.#add(this.#withPending(new Uint8Array(0)));
    if (this.#root === undefined) throw new ComposefsError('DUMPFILE_ROOT', 'no lines', { line: 1 });
    return this.#root;
  }

  #keep(piece: Uint8Array): void {
    this.#pending.push(piece);
    this.#pendingLength += piece.length;
    if (this.#pendingLength > MAX_LINE) throw this.#tooLong(this.#line + 1);
  }

  #withPending(end: Uint8Array): Uint8Array {
    if (this.#pendingLength === 0) return end;
    const line = new Uint8Array(this.#pendingLength + end.length);
    let at = 0;
    for (const piece of [...this.#pending, end]) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#pending = [];
    this.#pendingLength = 0;
    return line;
  }

  #add(bytes: Uint8Array): void {
    this.#line++;
    // DUMP-018
    if (bytes.length === 0) throw this.#refuse('DUMPFILE_LINE', 'an empty line');
    if (bytes.length > MAX_LINE) throw this.#tooLong(this.#line);
    const line = parseLine(bytes, this.#line, this.#shared);
    if (line.path.length === 1 || this.#root === undefined) this.#setRoot(line);
    else this.#attach(line);
  }

  // DUMP-034
  #setRoot(line: Line): void {
    if (line.path.length !== 1) throw this.#refuse('DUMPFILE_ROOT', 'the first line is not "/"', line.path);
    if (this.#root !== undefined) throw this.#refuse('DUMPFILE_ROOT', '"/" is there twice');
    if (line.kind !== 'inode' || line.inode.kind !== 'directory') {
      throw this.#refuse('DUMPFILE_ROOT', '"/" is not a directory');
    }
    this.#root = line.inode;
  }

  #attach(line: Line): void {
    const slash = line.path.lastIndexOf(SLASH);
    const parent = this.#parentOf(line.path, slash);
    const name = byteString(line.path.subarray(slash + 1));
    // DUMP-036
    if (parent.children.has(name)) throw this.#refuse('DUMPFILE_DUPLICATE', 'there twice', line.path);
    parent.children.set(name, line.kind === 'inode' ? line.inode : this.#target(line));
  }

  /** The directory of the first `slash` bytes of `path` (DUMP-035). */
  #parentOf(path: Uint8Array, slash: number): Directory {
    const parentPath = path.subarray(0, slash);
    if (this.#parent !== undefined && equal(parentPath, this.#parentPath)) return this.#parent;
    const parent = this.#find(parentPath);
    if (parent?.kind !== 'directory') {
      const what = parent === undefined ? 'does not exist' : `is a ${parent.kind}`;
      throw this.#refuse('DUMPFILE_PARENT', `the parent ${what} at this line`, path);
    }
    this.#parentPath = parentPath.slice();
    this.#parent = parent;
    return parent;
  }

  // DUMP-037, DUMP-038
  #target({ path, target }: Line & { kind: 'hard link' }): Leaf {
    const inode = this.#find(target);
    if (inode === undefined)
      throw this.#refuse('DUMPFILE_HARDLINK', 'the target does not exist at this line', path);
    if (inode.kind === 'directory')
      throw this.#refuse('DUMPFILE_HARDLINK', 'the target is a directory', path);
    return inode;
  }

  /** What is at a normal path; `/` and the empty path are the root. */
  #find(path: Uint8Array): Inode | undefined {
    let inode: Inode | undefined = this.#root;
    for (let from = 1; from < path.length; ) {
      if (inode?.kind !== 'directory') return undefined;
      const slash = path.indexOf(SLASH, from);
      const to = slash < 0 ? path.length : slash;
      inode = inode.children.get(byteString(path.subarray(from, to)));
      from = to + 1;
    }
    return inode;
  }

  #tooLong(line: number): ComposefsError {
    return new ComposefsError('DUMPFILE_LINE', `longer than ${MAX_LINE} bytes`, { line });
  }

  #refuse(code: Code, detail: string, path?: Uint8Array): ComposefsError {
    const entry: ByteString | undefined = path === undefined ? undefined : byteString(path);
    return new ComposefsError(code, detail, { line: this.#line, ...(entry === undefined ? {} : { entry }) });
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = a.length - 1; at >= 0; at--) if (a[at] !== b[at]) return false;
  return true;
}
