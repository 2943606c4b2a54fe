/**
 * The policy of a tree (spec/selinux.md, "The policy").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { Aliases, type AliasLine, aliasLines } from './aliases.ts';
import { addContextLines, type ContextLine } from './contexts.ts';
import type { PolicyFileName, PolicyInode } from './find-policy.ts';

/** A policy file that was read. */
export interface PolicyFile extends Pick<PolicyInode, 'path'> {
  readonly text: ByteString;
}

/** A policy. */
export interface Policy {
  readonly type: ByteString;
  /** The lines with labels, in the order of `by the last line`. */
  readonly lines: readonly ContextLine[];
  readonly order: ExactOrder;
  readonly aliases: Aliases;
}

/**
 * The order of lines of `by the exact line` (SELINUX-018). The files are ranges of the other order: `file_contexts` up
 * to `main`, then `file_contexts.local` up to `local`, then `file_contexts.homedirs` up to `all`.
 */
export class ExactOrder {
  readonly #main: number;
  readonly #local: number;
  readonly #all: number;

  constructor(main: number, local: number, all: number) {
    this.#main = main;
    this.#local = local;
    this.#all = all;
  }

  /** The position in this order of the line that has position `index` in the other one. */
  position(index: number): number {
    if (index < this.#main) return index;
    return index < this.#local ? index + this.#all - this.#local : index - (this.#local - this.#main);
  }
}

/** Reads the policy in `files`. Rejects with TRANSFORM_SELINUX. */
export function readPolicy(type: ByteString, files: ReadonlyMap<PolicyFileName, PolicyFile>): Policy {
  const lines: ContextLine[] = [];
  const addLines = (name: PolicyFileName) => {
    const file = files.get(name);
    if (file !== undefined) addContextLines(file.text, file.path, lines);
    return lines.length;
  };
  const main = addLines('file_contexts');
  const local = addLines('file_contexts.local');
  const all = addLines('file_contexts.homedirs');
  const aliases = (name: PolicyFileName): AliasLine[] => {
    const file = files.get(name);
    return file === undefined ? [] : aliasLines(file.text, file.path);
  };
  return {
    type,
    lines,
    order: new ExactOrder(main, local, all),
    aliases: new Aliases(aliases('file_contexts.subs'), aliases('file_contexts.subs_dist')),
  };
}
