/**
 * Parses a dumpfile into a tree (spec/dumpfile.md).
 *
 * Lines are read as they arrive: memory grows with the number of inodes and the longest line, not with the length of
 * the text.
 * @module
 */

import { type ByteString, bytesOf } from '../bytes.ts';
import { type Code, ComposefsError } from '../errors.ts';
import { findInode } from '../tree/directory.ts';
import { type Directory, type Inode, kindNames, type Leaf } from '../tree/inode.ts';
import { Fields, field, MAX_LINE } from './fields.ts';
import { checkPath, type HardLinkLine, parseLine, SharedValues } from './line.ts';

const NEWLINE = 0x0a;
const newline = Uint8Array.of(NEWLINE);

/** The tree of a dumpfile. Rejects with error codes of stage `dumpfile` and the number of the line. */
export function parseDumpfile(bytes: Uint8Array): Directory {
  const parser = new DumpfileParser();
  parser.push(bytes);
  return parser.finish();
}

/** Parses a dumpfile in chunks that can end anywhere. Cannot be used after a rejection. */
export class DumpfileParser {
  readonly #fields = new Fields();
  readonly #shared = new SharedValues();
  /** The start of a line whose end has not arrived yet. */
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #root: Directory | undefined;
  /** The parent directory of the previous line, which most lines share. */
  #parentPath: Uint8Array = new Uint8Array(0);
  #parent: Directory | undefined;

  /** Parses the next bytes. Does not keep a reference to `chunk`. Rejects with error codes of stage `dumpfile`. */
  push(chunk: Uint8Array): void {
    const first = chunk.indexOf(NEWLINE) + 1;
    const last = chunk.lastIndexOf(NEWLINE) + 1;
    if (first > 0) {
      const pending = this.#pendingLength > 0;
      if (pending) this.#parseLines(this.#withPending(chunk.subarray(0, first)));
      this.#parseLines(chunk.subarray(pending ? first : 0, last));
    }
    this.#keep(chunk.subarray(last));
  }

  /** The tree, after the last bytes. The newline of the last line can be missing (DUMP-017). */
  finish(): Directory {
    if (this.#pendingLength > 0) this.#parseLines(this.#withPending(newline));
    if (this.#root === undefined)
      throw new ComposefsError('DUMPFILE_ROOT', 'the dumpfile has no lines', { line: 1 });
    return this.#root;
  }

  /** Parses lines, each of which ends with a newline. */
  #parseLines(lines: Uint8Array): void {
    this.#fields.load(lines);
    while (this.#fields.next()) this.#addLine();
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // A copy: the slice of a Buffer would not be one.
    this.#pending.push(new Uint8Array(piece));
    this.#pendingLength += piece.length;
    if (this.#pendingLength <= MAX_LINE) return;
    this.#fields.line++;
    throw this.#fields.lineTooLong();
  }

  /** The pending line with its end. */
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

  /** Adds the inode or hard link of the current line to the tree. */
  #addLine(): void {
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
  #setRoot(path: ByteString, line: Inode | HardLinkLine): void {
    if (path !== '/') throw this.#rejection('DUMPFILE_ROOT', 'the first line is not for "/"', path);
    if (this.#root !== undefined) throw this.#rejection('DUMPFILE_ROOT', 'a second line is for "/"');
    if (line.kind !== 'directory') throw this.#rejection('DUMPFILE_ROOT', '"/" is not a directory');
    this.#root = line;
  }

  #attach({ children }: Directory, name: ByteString, line: Inode | HardLinkLine): void {
    const before = children.size;
    children.set(name, line.kind === 'hardlink' ? this.#target(line) : line);
    // DUMP-036
    if (children.size === before)
      throw this.#rejection('DUMPFILE_DUPLICATE', 'an earlier line has the same path', this.#path());
  }

  /** The directory at `parentPath` (DUMP-035). */
  #parentOf(path: ByteString, parentPath: ByteString): Directory {
    const parent = this.#find(parentPath);
    if (typeof parent === 'string' || parent.kind !== 'directory') {
      const problem =
        typeof parent === 'string'
          ? 'is not on an earlier line'
          : `is a ${kindNames[parent.kind]}, not a directory`;
      throw this.#rejection('DUMPFILE_PARENT', `the parent of the path ${problem}`, path);
    }
    this.#parentPath = bytesOf(parentPath);
    return parent;
  }

  // DUMP-037, DUMP-038
  #target({ target }: HardLinkLine): Leaf {
    const inode = this.#find(target);
    if (typeof inode === 'string')
      throw this.#rejection(
        'DUMPFILE_HARDLINK',
        'the target of the hard link is not on an earlier line',
        this.#path(),
      );
    if (inode.kind === 'directory')
      throw this.#rejection('DUMPFILE_HARDLINK', 'the target of the hard link is a directory', this.#path());
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

  #rejection(code: Code, detail: string, entry?: ByteString): ComposefsError {
    const { line } = this.#fields;
    return new ComposefsError(code, detail, entry === undefined ? { line } : { line, entry });
  }
}
