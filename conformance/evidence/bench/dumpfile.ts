/**
 * Generates dumpfiles. The fields of a line depend only on its path, so a dumpfile can be generated again.
 * @module
 */

import { createHash } from 'node:crypto';

/** The earliest mtime, 2023-11-14, in seconds. */
const EPOCH = 1_700_000_000;
/** The number of contents that several files share. */
const CONTENTS = 50;

/** Numbers for a line, from the digest of its path. */
class PathHash {
  readonly #digest: Buffer;

  constructor(path: string) {
    this.#digest = createHash('sha256').update(path, 'latin1').digest();
  }

  /** An integer from 0 to `below` - 1; `at`, from 0 to 7, selects the part of the digest. */
  number(at: number, below: number): number {
    return this.#digest.readUInt32LE(4 * at) % below;
  }

  get digest(): string {
    return this.#digest.toString('hex');
  }
}

/** The line of a directory. `path` is escaped. */
function directoryLine(path: string): string {
  const hash = new PathHash(path);
  return `${path} 0 40755 2 0 0 0 ${EPOCH + hash.number(0, 1000)}.0 - - -\n`;
}

/**
 * The line of a leaf. Of 20 leaves, one is a symlink, one is an inline file of up to 64 bytes, one is empty, and the
 * others are external files, some of which share their content. `path` is escaped.
 */
function leafLine(path: string): string {
  const hash = new PathHash(path);
  const time = `${EPOCH + hash.number(0, 1000)}.${hash.number(1, 10) === 0 ? hash.number(2, 1e9) : 0}`;
  const owner = hash.number(3, 100) === 0 ? '1000 1000' : '0 0';
  switch (hash.number(4, 20)) {
    case 0: {
      const target = `../${path.slice(path.lastIndexOf('/') + 1)}`;
      return `${path} ${unescapedLength(target)} 120777 1 ${owner} 0 ${time} ${target} - -\n`;
    }
    case 1: {
      const content = hash.digest.slice(0, 1 + hash.number(5, 64));
      return `${path} ${content.length} 100644 1 ${owner} 0 ${time} - ${content} -\n`;
    }
    case 2:
      return `${path} 0 100644 1 ${owner} 0 ${time} - - -\n`;
    default: {
      const repeated = hash.number(5, 20) === 0;
      const { digest } = repeated ? new PathHash(`content ${hash.number(6, CONTENTS)}`) : hash;
      const mode = hash.number(7, 8) === 0 ? '100755' : '100644';
      const payload = `${digest.slice(0, 2)}/${digest.slice(2)}`;
      return `${path} ${100 + hash.number(6, 1e6)} ${mode} 1 ${owner} 0 ${time} ${payload} - ${digest}\n`;
    }
  }
}

function unescapedLength(text: string): number {
  return text.replace(/\\(?:x..|.)/g, '.').length;
}

/** The lines of a tree with `inodes` inodes: directories with 4 to 35 files, up to 7 levels deep. */
export function* syntheticLines(inodes: number): Generator<string> {
  yield directoryLine('/');
  const directories = [''];
  let made = 1;
  for (let number = 0; made < inodes; number++) {
    const hash = new PathHash(`directory ${number}`);
    const parent = directories[hash.number(0, directories.length)] ?? '';
    const path = `${parent}/directory-${number}`;
    yield directoryLine(path);
    made++;
    if (path.split('/').length < 8) directories.push(path);
    const files = Math.min(4 + hash.number(1, 32), inodes - made);
    for (let i = 0; i < files; i++) yield leafLine(`${path}/${fileName(i)}`);
    made += files;
  }
}

const words = ['a', 'copy', 'lib-plus', 'some-longer-word'];

function fileName(number: number): string {
  return `${words[number % words.length]}${String(number).padStart(3, '0')}`;
}

/**
 * The lines of a tree with leaves at these paths. The paths are relative, not escaped, and have one character per byte;
 * a path that is the parent of another one is not a leaf.
 */
export function* linesOf(paths: Iterable<string>): Generator<string> {
  const root: Folder = new Map();
  for (const path of paths) {
    let folder = root;
    const names = path.split('/');
    const last = names.pop() ?? '';
    for (const name of names) {
      let inner = folder.get(name);
      if (inner === undefined) {
        inner = new Map();
        folder.set(name, inner);
      }
      folder = inner;
    }
    if (!folder.has(last)) folder.set(last, undefined);
  }
  yield directoryLine('/');
  yield* folderLines('', root);
}

/** The names of a folder: a folder each, or undefined for a leaf. */
type Folder = Map<string, Folder | undefined>;

function* folderLines(path: string, folder: Folder): Generator<string> {
  for (const [name, inner] of [...folder].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const child = `${path}/${escaped(name)}`;
    if (inner === undefined) {
      yield leafLine(child);
    } else {
      yield directoryLine(child);
      yield* folderLines(child, inner);
    }
  }
}

function escaped(name: string): string {
  return name.replace(/[^!-[\]-~]/g, c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
