/**
 * The exact lines of a policy, by the path that they fit.
 * @module
 */

import type { ByteString } from '../bytes.ts';
import type { ContextLine, LineType } from './contexts.ts';
import type { Policy } from './policy.ts';

/** What the exact lines that fit a path, for one type of inode, decide. */
export interface FittingExactLines {
  /** The last one, in the order of `by the last line`. */
  readonly last: ContextLine | undefined;
  /** The last one in the order of `by the exact line`, in which all lines of the deciding file are the last ones. */
  readonly exact: ContextLine | undefined;
  /** A line of the same file with a different label. */
  readonly contradicting: ContextLine | undefined;
}

interface LinesOfPath {
  readonly lines: ContextLine[];
  readonly decided: Partial<Record<LineType, FittingExactLines>>;
}

const none: FittingExactLines = { last: undefined, exact: undefined, contradicting: undefined };

/** Finds exact lines. */
export class ExactLines {
  readonly #byPath = new Map<ByteString, LinesOfPath>();
  readonly #order: Policy['order'];

  constructor({ lines, order }: Policy) {
    this.#order = order;
    for (const line of lines) {
      if (line.exact === undefined) continue;
      const known = this.#byPath.get(line.exact);
      if (known === undefined) this.#byPath.set(line.exact, { lines: [line], decided: {} });
      else known.lines.push(line);
    }
  }

  /** The lines that fit an inode of `type` with the lookup path `path`. */
  fitting(path: ByteString, type: LineType): FittingExactLines {
    const known = this.#byPath.get(path);
    if (known === undefined) return none;
    known.decided[type] ??= this.#decide(
      known.lines.filter(line => line.type === undefined || line.type === type),
    );
    return known.decided[type];
  }

  #decide(lines: readonly ContextLine[]): FittingExactLines {
    const position = ({ index }: ContextLine) => this.#order.position(index);
    const [first, ...others] = lines;
    if (first === undefined) return none;
    // SELINUX-018
    const exact = others.reduce((a, b) => (position(b) > position(a) ? b : a), first);
    return {
      last: lines.at(-1),
      exact,
      // SELINUX-020
      contradicting: lines.find(({ file, label }) => file === exact.file && label !== exact.label),
    };
  }
}
