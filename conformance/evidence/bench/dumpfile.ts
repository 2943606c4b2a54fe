/**
 * Dumpfiles to measure with. What a line says follows from its path alone, so that a dumpfile can be made again.
 * @module
 */

import { createHash } from 'node:crypto';

/** Seconds of 2023-11-14, from which on everything was last changed. */
const EPOCH = 1_700_000_000;
/** How many different contents files have: some files have the same. */
const CONTENTS = 50;

/** Where numbers of a line come from: the digest of its path. */
class Facts {
  readonly #digest: Buffer;

  constructor(path: string) {
    this.#digest = createHash('sha256').update(path, 'latin1').digest();
  }

  /** A whole number from 0 to `below` - 1; different ones for different `at`, from 0 to 7. */
  number(at: number, below: number): number {
    return this.#digest.readUInt32LE(4 * at) % below;
  }

  get digest(): string {
    return this.#digest.toString('hex');
  }
}

/** A directory. `path` is escaped. */
function directoryLine(path: string): string {
  const facts = new Facts(path);
  return `${path} 0 40755 2 0 0 0 ${EPOCH + facts.number(0, 1000)}.0 - - -\n`;
}

/**
 * What is no directory: of 20 of them one is a symlink, one holds up to 64 bytes, one is empty, and the others are
 * objects, some of which have the content of others. `path` is escaped.
 */
function leafLine(path: string): string {
  const facts = new Facts(path);
  const time = `${EPOCH + facts.number(0, 1000)}.${facts.number(1, 10) === 0 ? facts.number(2, 1e9) : 0}`;
  const owner = facts.number(3, 100) === 0 ? '1000 1000' : '0 0';
  switch (facts.number(4, 20)) {
    case 0: {
      const target = `../${path.slice(path.lastIndexOf('/') + 1)}`;
      return `${path} ${unescapedLength(target)} 120777 1 ${owner} 0 ${time} ${target} - -\n`;
    }
    case 1: {
      const content = facts.digest.slice(0, 1 + facts.number(5, 64));
      return `${path} ${content.length} 100644 1 ${owner} 0 ${time} - ${content} -\n`;
    }
    case 2:
      return `${path} 0 100644 1 ${owner} 0 ${time} - - -\n`;
    default: {
      const repeated = facts.number(5, 20) === 0;
      const { digest } = repeated ? new Facts(`content ${facts.number(6, CONTENTS)}`) : facts;
      const mode = facts.number(7, 8) === 0 ? '100755' : '100644';
      const payload = `${digest.slice(0, 2)}/${digest.slice(2)}`;
      return `${path} ${100 + facts.number(6, 1e6)} ${mode} 1 ${owner} 0 ${time} ${payload} - ${digest}\n`;
    }
  }
}

function unescapedLength(text: string): number {
  return text.replace(/\\(?:x..|.)/g, '.').length;
}

/** The lines of a tree with `inodes` inodes: directories of 4 to 35 files, nested up to 7 deep, and 5 to 19 letters a name. */
export function* syntheticLines(inodes: number): Generator<string> {
  yield directoryLine('/');
  const directories = [''];
  let made = 1;
  for (let number = 0; made < inodes; number++) {
    const facts = new Facts(`directory ${number}`);
    const parent = directories[facts.number(0, directories.length)] ?? '';
    const path = `${parent}/directory-${number}`;
    yield directoryLine(path);
    made++;
    if (path.split('/').length < 8) directories.push(path);
    const files = Math.min(4 + facts.number(1, 32), inodes - made);
    for (let i = 0; i < files; i++) yield leafLine(`${path}/${fileName(i)}`);
    made += files;
  }
}

const words = ['a', 'copy', 'lib-plus', 'some-longer-word'];

function fileName(number: number): string {
  return `${words[number % words.length]}${String(number).padStart(3, '0')}`;
}

/**
 * The lines of a tree with these paths, which are no directories. They are relative, unescaped and of one byte a
 * character; one that another one has as its directory is left out.
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

/** Names to folders; to undefined where something else is. */
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
