/**
 * Finds the lines that are not exact and fit the names of a tree (spec/selinux.md, "The label of a path").
 * @module
 */

import type { ByteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { continuation, type LookupPath } from './aliases.ts';
import { Automaton, type State } from './automaton.ts';
import { type ContextLine, type LineType, lineTypeOf } from './contexts.ts';
import type { TreeName } from './names.ts';
import { literalStart, type Parts, parsePattern, startIsOptional } from './pattern.ts';
import type { Policy } from './policy.ts';

/** SELINUX-026 */
const STEPS_MAX = 2 ** 32;
/** Bytes of patterns that are matched at a time: their states have as many places at the most. */
const GROUP_MAX = 2 ** 20;
/** The places that the states of all directories of a path can have together. */
const PATH_MAX = 2 ** 25;

/** Limits, which tests set. */
export interface MatchLimits {
  readonly steps?: number;
  readonly group?: number;
  readonly cache?: number;
}

/** No line. */
export const NONE = -1;

/** Of each name, in order, the indexes of lines that are not exact and fit it; {@link NONE} if there is no such line. */
export interface FittingLines {
  /** The last line that fits the walked path. */
  readonly walked: Int32Array;
  /** The last line that fits the replaced path, in the order of `by the exact line`. */
  readonly replaced: Int32Array;
  /** Of the lines with `<<none>>` that fit the replaced path, the one with the longest literal start. */
  readonly unlabelled: Int32Array;
  /** A line that fits a lookup path that does not begin with the literal start of the line. */
  readonly startless: Int32Array;
  /** The number of steps (SELINUX-026). */
  readonly steps: number;
}

/** The lines that fit `names`. Rejects with TRANSFORM_LIMIT (SELINUX-027). */
export function matchLines(
  names: readonly TreeName[],
  policy: Policy,
  limits: MatchLimits = {},
): FittingLines {
  const empty = () => new Int32Array(names.length).fill(NONE);
  const found = { walked: empty(), replaced: empty(), unlabelled: empty(), startless: empty() };
  let depth = 0;
  for (const name of names) depth = Math.max(depth, name.depth);
  const groupMax = limits.group ?? Math.min(GROUP_MAX, Math.ceil(PATH_MAX / (depth + 1)));
  let steps = 0;
  for (const group of groupsOf(policy.lines, groupMax)) {
    const matcher = new GroupMatcher(group, policy, limits.cache);
    steps = matcher.match(names, found, steps, limits.steps ?? STEPS_MAX);
  }
  return { ...found, steps };
}

/** The lines that are not exact, in groups whose patterns have up to `most` bytes, or of one line. */
function* groupsOf(lines: readonly ContextLine[], most: number): Generator<ContextLine[]> {
  let group: ContextLine[] = [];
  let length = 0;
  for (const line of lines) {
    if (line.exact !== undefined) continue;
    if (length + line.pattern.length > most && group.length > 0) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(line);
    length += line.pattern.length;
  }
  if (group.length > 0) yield group;
}

/** The patterns of `lines`, each parsed when it is used: all together take much memory. */
function* parsed(lines: readonly ContextLine[]): Generator<Parts> {
  for (const { pattern } of lines) yield parsePattern(pattern, {});
}

/** What the lines of a group that fit in one state, for one type of inode, decide. */
interface StateLines {
  readonly walked: number;
  readonly replaced: number;
  readonly unlabelled: number;
  /** Lines whose literal start can be missing. */
  readonly optional: readonly ContextLine[];
}

/** The state behind a lookup path, and how many steps led to it from the one of the directory. */
interface Reached {
  readonly state: State;
  readonly steps: number;
}

/** Matches one group of lines. */
class GroupMatcher {
  readonly #group: readonly ContextLine[];
  readonly #policy: Policy;
  readonly #automaton: Automaton;
  /** Of each line, whether its literal start can be missing. */
  readonly #startIsOptional: readonly boolean[];
  readonly #decided = new WeakMap<State, Partial<Record<LineType, StateLines>>>();

  constructor(group: readonly ContextLine[], policy: Policy, cacheMax: number | undefined) {
    this.#group = group;
    this.#policy = policy;
    const length = group.reduce((sum, { pattern }) => sum + pattern.length, 0);
    this.#automaton = new Automaton(parsed(group), length, group.length, cacheMax);
    this.#startIsOptional = group.map(({ pattern }) => startIsOptional(pattern));
  }

  /** Adds the lines that fit `names` to `found`. Returns `before` plus the number of steps, up to `most`. */
  match(
    names: readonly TreeName[],
    found: Omit<FittingLines, 'steps'>,
    before: number,
    most: number,
  ): number {
    let steps = before;
    /** What the lookup paths of the directories above the next name lead to, by depth. */
    const above: { walked: State; replaced: State }[] = [];
    for (const [i, name] of names.entries()) {
      const { parent } = name;
      const start = above[name.depth - 1];
      const walked = this.#reached(name.walked, parent?.walked, name, start?.walked);
      let replaced = walked;
      steps += walked.steps;
      if (name.replaced !== name.walked) {
        replaced = this.#reached(name.replaced, parent?.replaced, name, start?.replaced);
        steps += replaced.steps;
      }
      if (steps > most) throw tooManySteps(most);
      if (name.inode.kind === 'directory') {
        above[name.depth] = { walked: walked.state, replaced: replaced.state };
      }
      const type = lineTypeOf[name.inode.kind];
      this.#addWalked(found, i, name, this.#linesOf(walked.state, type));
      this.#addReplaced(found, i, name, this.#linesOf(replaced.state, type));
    }
    return steps;
  }

  #reached(
    { path, isAppended }: LookupPath,
    parent: LookupPath | undefined,
    { name }: TreeName,
    start: State | undefined,
  ): Reached {
    const fromParent = isAppended && parent !== undefined && start !== undefined;
    const bytes = fromParent ? continuation(parent, name) : path;
    let state = fromParent ? start : this.#automaton.initial;
    let steps = 0;
    // Without a place that comes next, no later byte can match.
    for (let i = 0; i < bytes.length && (state.next.length > 0 || state.matched.length > 0); i++) {
      steps += state.next.length;
      state = this.#automaton.step(state, bytes.charCodeAt(i));
    }
    return { state, steps: parent === undefined ? 0 : steps };
  }

  #addWalked(
    { walked, startless }: Omit<FittingLines, 'steps'>,
    i: number,
    { walked: { path } }: TreeName,
    lines: StateLines,
  ): void {
    walked[i] = Math.max(walked[i] as number, lines.walked);
    this.#addStartless(startless, i, path, lines);
  }

  #addReplaced(
    { replaced, unlabelled, startless }: Omit<FittingLines, 'steps'>,
    i: number,
    { replaced: { path } }: TreeName,
    lines: StateLines,
  ): void {
    replaced[i] = this.#lastExact(replaced[i] as number, lines.replaced);
    unlabelled[i] = this.#longerStart(unlabelled[i] as number, lines.unlabelled);
    this.#addStartless(startless, i, path, lines);
  }

  #addStartless(startless: Int32Array, i: number, path: ByteString, { optional }: StateLines): void {
    for (const { pattern, index } of optional) {
      if (!path.startsWith(literalStart(pattern))) startless[i] = Math.max(startless[i] as number, index);
    }
  }

  /** What the lines that match in `state` decide for an inode of `type`. */
  #linesOf(state: State, type: LineType): StateLines {
    let byType = this.#decided.get(state);
    if (byType === undefined) {
      byType = {};
      this.#decided.set(state, byType);
    }
    byType[type] ??= this.#decide(state, type);
    return byType[type];
  }

  #decide({ matched }: State, type: LineType): StateLines {
    let walked = NONE;
    let replaced = NONE;
    let unlabelled = NONE;
    const optional: ContextLine[] = [];
    for (const number of matched) {
      const line = this.#group[number] as ContextLine;
      if (line.type !== undefined && line.type !== type) continue;
      walked = Math.max(walked, line.index);
      replaced = this.#lastExact(replaced, line.index);
      if (line.label === undefined) unlabelled = this.#longerStart(unlabelled, line.index);
      if (this.#startIsOptional[number]) optional.push(line);
    }
    return { walked, replaced, unlabelled, optional };
  }

  /** The later of two lines in the order of `by the exact line`. */
  #lastExact(a: number, b: number): number {
    if (a === NONE || b === NONE) return Math.max(a, b);
    const { order } = this.#policy;
    return order.position(a) > order.position(b) ? a : b;
  }

  /** The one of two lines whose literal start is longer. */
  #longerStart(a: number, b: number): number {
    if (a === NONE || b === NONE) return Math.max(a, b);
    return startLength(this.#policy, b) > startLength(this.#policy, a) ? b : a;
  }
}

/** The length of the literal start of the line that has position `index`. */
export function startLength({ lines }: Policy, index: number): number {
  return literalStart((lines[index] as ContextLine).pattern).length;
}

function tooManySteps(most: number): ComposefsError {
  return new ComposefsError('TRANSFORM_LIMIT', `the labels need more than ${most} steps`);
}
