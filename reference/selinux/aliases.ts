/**
 * Aliases, and the lookup paths that they give to the paths of a tree (spec/selinux.md, "Aliases").
 * @module
 */

import { ascii, type ByteString, excerpt } from '../bytes.ts';
import { malformed, wordLinesOf } from './lines.ts';

/** A line with an alias. */
export interface AliasLine {
  readonly file: ByteString;
  /** Number of the line in its file, counted from 1. */
  readonly number: number;
  readonly alias: ByteString;
  readonly target: ByteString;
}

const ROOT_PATH = ascii('/');
/** The longest line in bytes (SELINUX-028). */
const LINE_MAX = 1022;

/** The lines of the file at `path`. Rejects with TRANSFORM_SELINUX (SELINUX-013, SELINUX-028). */
export function aliasLines(text: ByteString, path: ByteString): AliasLine[] {
  const lines: AliasLine[] = [];
  for (const { words, location } of wordLinesOf(text, path, LINE_MAX)) {
    const [alias, target] = words;
    if (target === undefined || words.length > 2) {
      throw malformed(`the number of words is ${words.length}, and must be 2`, location);
    }
    for (const [i, word] of words.entries()) {
      if (isNormal(word) || (i === 1 && word === ROOT_PATH)) continue;
      const name = excerpt(word);
      throw malformed(`"${name}" is not a path from / without empty parts, "." and ".."`, location);
    }
    lines.push({ file: path, number: location.line, alias, target });
  }
  return lines;
}

/** Whether a path begins with `/` and has only parts that are names. */
function isNormal(path: ByteString): boolean {
  return path.startsWith('/') && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path.slice(1));
}

/** A lookup path of a path of the tree. */
export interface LookupPath {
  readonly path: ByteString;
  /** Whether it is the lookup path of the directory, `/` and the name. */
  readonly isAppended: boolean;
}

/** The two lookup paths of a path of the tree: one object if they are equal. */
export interface Lookup {
  readonly walked: LookupPath;
  readonly replaced: LookupPath;
  readonly applied: Applied;
}

/** Where a path and its lookup paths are in the aliases. Paths far from any alias share one. */
export interface Applied {
  /** Node of the walked path. */
  readonly walked: number;
  /** Node of the path, and the alias of `.subs` that counts for it. */
  readonly first: number;
  readonly subs: AliasLine | undefined;
  /** Node of the path that `.subs` gives, and the alias of `.subs_dist` that counts for it. */
  readonly second: number;
  readonly dist: AliasLine | undefined;
  /** The last alias of the walked path. */
  readonly alias: AliasLine | undefined;
}

/** The lines whose aliases give a path its lookup paths. */
export function appliedAliases({ subs, dist, alias }: Applied): AliasLine[] {
  return [...new Set([subs, dist, alias])].filter(line => line !== undefined);
}

/** The node of paths that do not lead to an alias. */
const NOWHERE = -1;
const ROOT = 0;

/** The aliases of a policy, as a tree of the names in them. */
export class Aliases {
  /** Nodes by the number of the node above them, `/` and the name. */
  readonly #nodes = new Map<string, number>();
  /** The last line for the alias at each node. */
  readonly #subs = new Map<number, AliasLine>();
  readonly #dist = new Map<number, AliasLine>();
  /** Nodes of targets. */
  readonly #targets = new Map<AliasLine, number>();

  constructor(subs: readonly AliasLine[], dist: readonly AliasLine[]) {
    for (const line of subs) this.#subs.set(this.#add(line.alias), line);
    for (const line of dist) this.#dist.set(this.#add(line.alias), line);
  }

  #add(alias: ByteString): number {
    let node = ROOT;
    for (const name of namesOf(alias)) {
      const key = `${node}/${name}`;
      node = this.#nodes.get(key) ?? this.#nodes.size + 1;
      this.#nodes.set(key, node);
    }
    return node;
  }

  #child(node: number, name: string): number {
    return node === NOWHERE ? NOWHERE : (this.#nodes.get(`${node}/${name}`) ?? NOWHERE);
  }

  /** The node of the target of an alias. */
  #targetOf(line: AliasLine): number {
    let node = this.#targets.get(line);
    if (node === undefined) {
      node = ROOT;
      for (const name of namesOf(line.target)) node = this.#child(node, name);
      this.#targets.set(line, node);
    }
    return node;
  }

  /** The lookup paths of `/`. */
  root(): Lookup {
    const walked = { path: ROOT_PATH, isAppended: false };
    const applied = { walked: ROOT, first: ROOT, subs: undefined, second: ROOT, dist: undefined };
    return { walked, replaced: walked, applied: { ...applied, alias: undefined } };
  }

  /** The lookup paths of `name` in the directory with the lookup paths `parent`. */
  child(parent: Lookup, name: ByteString): Lookup {
    const before = parent.applied;
    if (before.walked === NOWHERE && before.first === NOWHERE && before.second === NOWHERE) {
      // Most paths are far from any alias.
      const walked = appended(parent.walked, name);
      const isOne = parent.replaced === parent.walked;
      return { walked, replaced: isOne ? walked : appended(parent.replaced, name), applied: before };
    }
    // SELINUX-016
    let walkedNode = this.#child(before.walked, name);
    const alias = this.#dist.get(walkedNode) ?? this.#subs.get(walkedNode);
    if (alias !== undefined) walkedNode = this.#targetOf(alias);
    const walked = alias === undefined ? appended(parent.walked, name) : starting(alias.target);

    // SELINUX-017
    const first = this.#child(before.first, name);
    const subs = later(before.subs, this.#subs.get(first));
    let second: Replacement;
    if (subs === before.subs) second = this.#advance(before, name);
    else second = this.#replace((subs as AliasLine).target);
    const { whole } = second;
    const follows = whole === undefined && alias === undefined && parent.replaced === parent.walked;
    let replaced = walked;
    if (!follows) {
      const other = whole === undefined ? appended(parent.replaced, name) : starting(whole);
      if (other.path !== walked.path) replaced = other;
    }

    const applied: Applied = {
      walked: walkedNode,
      first,
      subs,
      second: second.second,
      dist: second.dist,
      alias: alias ?? before.alias,
    };
    return { walked, replaced, applied: isSame(applied, before) ? before : applied };
  }

  /** Appends `name` to a path that `.subs_dist` replaces. */
  #advance({ second, dist }: Pick<Applied, 'second' | 'dist'>, name: string): Replacement {
    const node = this.#child(second, name);
    const line = later(dist, this.#dist.get(node));
    return { second: node, dist: line, whole: line === dist ? undefined : line?.target };
  }

  /** Replaces the beginning of `path` by `.subs_dist`. */
  #replace(path: ByteString): Replacement {
    const names = namesOf(path);
    let at: Replacement = { second: ROOT, dist: undefined, whole: undefined };
    let start = ROOT_PATH;
    let kept = 0;
    for (const [i, name] of names.entries()) {
      at = this.#advance(at, name);
      if (at.whole === undefined) continue;
      start = at.whole;
      kept = i + 1;
    }
    const rest = names.slice(kept).join('/');
    const slash = rest === '' || start === ROOT_PATH ? '' : '/';
    return { ...at, whole: `${start}${slash}${rest}` as ByteString };
  }
}

/** A path that was replaced by `.subs_dist`. */
interface Replacement {
  readonly second: number;
  readonly dist: AliasLine | undefined;
  /** The path, unless it is the one of the directory, `/` and the name. */
  readonly whole: ByteString | undefined;
}

/** The one of two lines of a file that is later in it. */
function later(a: AliasLine | undefined, b: AliasLine | undefined): AliasLine | undefined {
  return a === undefined || (b !== undefined && b.number > a.number) ? b : a;
}

function namesOf(path: ByteString): string[] {
  return path === ROOT_PATH ? [] : path.slice(1).split('/');
}

/** What follows the lookup path of a directory in that of `name` in it. */
export function continuation({ path }: LookupPath, name: ByteString): ByteString {
  return (path === ROOT_PATH ? name : `/${name}`) as ByteString;
}

function appended(parent: LookupPath, name: ByteString): LookupPath {
  return { path: (parent.path + continuation(parent, name)) as ByteString, isAppended: true };
}

function starting(path: ByteString): LookupPath {
  return { path, isAppended: false };
}

function isSame(a: Applied, b: Applied): boolean {
  return (
    a.walked === b.walked &&
    a.first === b.first &&
    a.subs === b.subs &&
    a.second === b.second &&
    a.dist === b.dist &&
    a.alias === b.alias
  );
}
