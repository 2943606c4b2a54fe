/**
 * A dumpfile as the tree that it describes (spec/dumpfile.md).
 *
 * Lines are read as they come; memory grows with the inodes and the longest line, not with the text.
 * @module
 */

import { type ByteString, bytesOf } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { findInode } from '../tree/directory.ts';
import type { Directory, Inode, Leaf } from '../tree/inode.ts';
import { Fields, field, MAX_LINE } from './fields.ts';
import { checkPath, type HardLink, parseLine, Shared } from './line.ts';

const NEWLINE = 0x0a;
const newline = Uint8Array.of(NEWLINE);

/** The tree of a whole dumpfile. Refused with the codes of the dumpfile stage; `location` has the line. */
export function parseDumpfile(bytes: Uint8Array): Directory {
  const parser = new DumpfileParser();
  parser.push(bytes);
  return parser.finish();
}

/** Reads a dumpfile in chunks that may end anywhere. After a refusal it is of no further use. */
export class DumpfileParser {
  readonly #fields = new Fields();
  readonly #shared = new Shared();
  /** The start of a line whose end has not come yet. */
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #root: Directory | undefined;
  /** The parent of the line before, which most lines share. */
  #parentPath: Uint8Array = new Uint8Array(0);
  #parent: Directory | undefined;

  /** The next bytes. They are not kept. Refused with the codes of the dumpfile stage. */
  push(chunk: Uint8Array): void {
    const first = chunk.indexOf(NEWLINE) + 1;
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (first > 0) {
      const pending = this.#pendingLength > 0;
      if (pending) this.#read(this.#withPending(chunk.subarray(0, first)));
      this.#read(chunk.subarray(pending ? first : 0, last));
    }
    this.#keep(chunk.subarray(last));
  }

  /** The tree, after the last bytes. The newline of the last line may be missing (DUMP-017). */
  finish(): Directory {
    if (this.#pendingLength > 0) this.#read(this.#withPending(newline));
    if (this.#root === undefined) throw new ComposefsError('DUMPFILE_ROOT', 'no lines', { line: 1 });
    return this.#root;
  }

  /** Reads lines, each with its newline. */
  #read(lines: Uint8Array): void {
    this.#fields.load(lines);
    while (this.#fields.next()) this.#add();
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // A copy, which the slice of a Buffer is not.
    this.#pending.push(new Uint8Array(piece));
    this.#pendingLength += piece.length;
    if (this.#pendingLength <= MAX_LINE) return;
    this.#fields.line++;
    throw this.#fields.tooLong();
  }

  #withPending(end: Uint8Array): Uint8Array {
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

  #add(): void {
    const fields = this.#fields;
    const name = this.#parent === undefined ? undefined : fields.nameBelow(this.#parentPath);
    if (name !== undefined && this.#parent !== undefined) {
      this.#attach(this.#parent, name, parseLine(fields, this.#shared));
      return;
    }
    const path = this.#path();
    checkPath(path, fields);
    const line = parseLine(fields, this.#shared);
    if (path === '/' || this.#root === undefined) {
      this.#setRoot(path, line);
      return;
    }
    const slash = path.lastIndexOf('/');
    this.#parent = this.#parentOf(path, path.slice(0, slash) as ByteString);
    this.#attach(this.#parent, path.slice(slash + 1) as ByteString, line);
  }

  // DUMP-034
  #setRoot(path: ByteString, line: Inode | HardLink): void {
    if (path !== '/') throw this.#refuse('DUMPFILE_ROOT', 'the first line is not "/"', path);
    if (this.#root !== undefined) throw this.#refuse('DUMPFILE_ROOT', '"/" is there twice');
    if (line.kind !== 'directory') throw this.#refuse('DUMPFILE_ROOT', '"/" is not a directory');
    this.#root = line;
  }

  #attach({ children }: Directory, name: ByteString, line: Inode | HardLink): void {
    const before = children.size;
    children.set(name, line.kind === 'hard link' ? this.#target(line) : line);
    // DUMP-036
    if (children.size === before) throw this.#refuse('DUMPFILE_DUPLICATE', 'there twice', this.#path());
  }

  /** The directory at `parentPath` (DUMP-035). */
  #parentOf(path: ByteString, parentPath: ByteString): Directory {
    const parent = this.#find(parentPath);
    if (typeof parent === 'string' || parent.kind !== 'directory') {
      const what = typeof parent === 'string' ? 'does not exist' : `is a ${parent.kind}`;
      throw this.#refuse('DUMPFILE_PARENT', `the parent ${what} at this line`, path);
    }
    this.#parentPath = bytesOf(parentPath);
    return parent;
  }

  // DUMP-037, DUMP-038
  #target({ target }: HardLink): Leaf {
    const inode = this.#find(target);
    if (typeof inode === 'string')
      throw this.#refuse('DUMPFILE_HARDLINK', 'the target does not exist at this line', this.#path());
    if (inode.kind === 'directory')
      throw this.#refuse('DUMPFILE_HARDLINK', 'the target is a directory', this.#path());
    return inode;
  }

  /** The inode at a path in normal form; `/` and the empty path are the root. */
  #find(path: ByteString): Inode | 'missing' | 'blocked' {
    if (this.#root === undefined) return 'missing';
    if (path.length <= 1) return this.#root;
    const names = path.split('/') as ByteString[];
    names.shift(); // What is before the first slash.
    return findInode(this.#root, names);
  }

  #path(): ByteString {
    return this.#fields.value(field.path);
  }

  #refuse(code: Code, detail: string, entry?: ByteString): ComposefsError {
    const { line } = this.#fields;
    return new ComposefsError(code, detail, entry === undefined ? { line } : { line, entry });
  }
}
