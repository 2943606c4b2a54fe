/**
 * Shrinks a policy and its tree: removes lines and paths, and makes patterns and names shorter, as long as the
 * difference still occurs.
 * @module
 */

import type { ByteString } from '../../../reference/bytes.ts';
import { Shrinking, type Test } from '../../runner/shrink/shrinking.ts';
import { copyPolicy, type PolicyCase, plainConfig, type TreeNode } from './policies/policy.ts';

/** Makes `policy`, which passes `test`, smaller, until no further change passes. */
export function shrinkPolicy(policy: PolicyCase, test: Test<PolicyCase>): Promise<PolicyCase> {
  const shrinker = new PolicyShrinker(policy, copyPolicy, test);
  return shrinker.exhaust([
    () => shrinker.fewerLines(),
    () => shrinker.fewerNodes(),
    () => shrinker.simplerConfig(),
    () => shrinker.simplerNodes(),
    () => shrinker.shorterLines(),
    () => shrinker.shorterPaths(),
  ]);
}

class PolicyShrinker extends Shrinking<PolicyCase> {
  fewerLines(): Promise<void> {
    return this.runs(
      () => this.subject.lines.length,
      ({ lines }, from, to) => lines.splice(from, to - from),
    );
  }

  fewerNodes(): Promise<void> {
    return this.runs(
      () => this.subject.nodes.length,
      ({ nodes }, from, to) => nodes.splice(from, to - from),
    );
  }

  async simplerConfig(): Promise<void> {
    await this.try(policy => {
      const before = policy.config;
      policy.config = plainConfig;
      return before !== plainConfig;
    });
  }

  async simplerNodes(): Promise<void> {
    for (let i = 0; i < this.subject.nodes.length; i++) {
      await this.try(({ nodes }) => {
        const node = nodes[i];
        if (node === undefined || node.type === '-') return false;
        node.type = '-';
        delete node.target;
        return true;
      });
    }
  }

  /** Removes ranges of bytes of each line, and moves lines into the main file. */
  async shorterLines(): Promise<void> {
    for (let i = 0; i < this.subject.lines.length; i++) {
      await this.try(({ lines }) => {
        const line = lines[i];
        if (line === undefined || line.file === 'file_contexts' || line.file.includes('.subs')) return false;
        line.file = 'file_contexts';
        return true;
      });
      await this.runs(
        () => this.subject.lines[i]?.text.length ?? 0,
        ({ lines }, from, to) => {
          const line = lines[i];
          if (line !== undefined) line.text = cut(line.text, from, to);
        },
      );
    }
  }

  /** Removes ranges of bytes of each path, as long as it remains one. */
  async shorterPaths(): Promise<void> {
    for (let i = 0; i < this.subject.nodes.length; i++) {
      const length = () => this.subject.nodes[i]?.path.length ?? 0;
      for (let size = length() - 1; size >= 1; size = Math.floor(size / 2)) {
        for (let from = 0; from < length(); ) {
          if (!(await this.try(({ nodes }) => shorten(nodes[i], from, from + size)))) from += size;
        }
      }
    }
  }
}

function shorten(node: TreeNode | undefined, from: number, to: number): boolean {
  if (node === undefined) return false;
  const path = cut(node.path, from, to);
  if (!/^(?:\/(?!\.{0,2}(?:\/|$)|\.wh\.)[^/]+)+$/s.test(path)) return false;
  node.path = path;
  return true;
}

function cut(text: ByteString, from: number, to: number): ByteString {
  return (text.slice(0, from) + text.slice(to)) as ByteString;
}
