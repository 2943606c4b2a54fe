/**
 * Matches the patterns of many lines at once, byte by byte (spec/selinux.md, "Limits on work").
 *
 * A state is the set of places in the patterns that the bytes so far lead to. States and the steps between them are
 * computed when they are needed, and kept until they take too much memory; then all are dropped, and computed again
 * where needed. No limit on memory changes a result.
 * @module
 */

import { type ByteSet, hasByte, type Part, type Parts } from './pattern.ts';

/** How many numbers the states that are kept can take. */
const CACHE_MAX = 2 ** 24;
/** How many of them a state and a step between two take, besides those of its set. */
const STATE_COST = 32;
const STEP_COST = 8;

/** The number of values that become arguments of one call. Engines limit the number of arguments. */
const SLICE = 8192;
/** The largest number of an `Int32Array`. */
const VISIT_MAX = 2 ** 31 - 1;

/** A set of places in the patterns. */
export interface State {
  readonly id: number;
  /** Nodes that come next: as many steps as the next byte takes (SELINUX-026). */
  readonly next: Int32Array;
  /** Numbers of the patterns that match. */
  readonly matched: Int32Array;
}

/** Symbols of nodes: a byte, one of these, or the number of a class behind them. */
const ANY = 256;
const FORK = 257;
const MATCH = 258;
const FIRST_CLASS = 259;

/** Patterns, as nodes that lead to one another. */
export class Automaton {
  readonly #symbols: Int32Array;
  /** The node behind each node; of a `MATCH` the number of the pattern; of a `FORK` one of two. */
  readonly #next: Int32Array;
  /** The other node behind a `FORK`. */
  readonly #other: Int32Array;
  #size = 0;
  readonly #classes: ByteSet[] = [];
  readonly #classNumbers = new Map<string, number>();

  #states = new Map<string, State>();
  /** States by the number of the state before, times 256, and the byte. */
  #transitions = new Map<number, State>();
  #cached = 0;
  #ids = 0;
  /** The last visit of each node. */
  readonly #visits: Int32Array;
  #visit = 0;
  /** Numbers that are used during one call: arrays of this size would otherwise be created for each state. */
  readonly #matching: Int32Array;
  readonly #pending: Int32Array;
  readonly #found: Int32Array;

  /** No byte was read. */
  readonly initial: State;
  readonly #cacheMax: number;

  /** `patterns` have `length` bytes. */
  constructor(patterns: Iterable<Parts>, length: number, count: number, cacheMax = CACHE_MAX) {
    // Each byte of a pattern becomes at most one node, and each pattern has one that says that it matches.
    const nodes = length + count;
    this.#symbols = new Int32Array(nodes);
    this.#next = new Int32Array(nodes);
    this.#other = new Int32Array(nodes);
    const starts: number[] = [];
    let number = 0;
    for (const parts of patterns) starts.push(this.#compile(parts, this.#node(MATCH, number++)));
    this.#visits = new Int32Array(this.#size);
    this.#matching = new Int32Array(this.#size);
    // Each fork is visited once, and replaced by two nodes.
    this.#pending = new Int32Array(this.#size);
    this.#found = new Int32Array(this.#size);
    this.#cacheMax = cacheMax;
    this.initial = this.#state(Int32Array.from(starts));
  }

  #node(symbol: number, next: number): number {
    this.#symbols[this.#size] = symbol;
    this.#next[this.#size] = next;
    return this.#size++;
  }

  #fork(next: number, other: number): number {
    const node = this.#node(FORK, next);
    this.#other[node] = other;
    return node;
  }

  /** The first node of `parts`, which lead to `next`. */
  #compile(parts: Parts, next: number): number {
    return parts.reduceRight((after, part) => this.#compilePart(part, after), next);
  }

  #compilePart(part: Part, next: number): number {
    switch (part.kind) {
      case 'byte':
        return this.#node(part.byte, next);
      case 'any':
        return this.#node(ANY, next);
      case 'class':
        return this.#node(FIRST_CLASS + this.#classNumber(part.members), next);
      case 'group':
        return part.branches
          .map(branch => this.#compile(branch, next))
          .reduce((first, second) => this.#fork(first, second));
      case 'repeat': {
        if (part.by === '?') return this.#fork(this.#compilePart(part.repeated, next), next);
        const again = this.#fork(next, next);
        const first = this.#compilePart(part.repeated, again);
        this.#other[again] = first;
        return part.by === '*' ? again : first;
      }
    }
  }

  #classNumber(members: ByteSet): number {
    const key = members.join();
    const number = this.#classNumbers.get(key) ?? this.#classes.push(members) - 1;
    this.#classNumbers.set(key, number);
    return number;
  }

  /** The state behind `state` and `byte`. */
  step(state: State, byte: number): State {
    const key = state.id * 256 + byte;
    const known = this.#transitions.get(key);
    if (known !== undefined) return known;
    const next = this.#behind(state, byte);
    this.#transitions.set(key, next);
    this.#cached += STEP_COST;
    return next;
  }

  #behind({ next }: State, byte: number): State {
    const matching = this.#matching;
    let count = 0;
    let sorted = true;
    for (const node of next) {
      if (!this.#matches(node, byte)) continue;
      if (count > 0 && node < (matching[count - 1] as number)) sorted = false;
      matching[count++] = node;
    }
    const nodes = matching.subarray(0, count);
    if (!sorted) nodes.sort();
    const key = keyOf(nodes);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#cached > this.#cacheMax) {
      this.#states = new Map();
      this.#transitions = new Map();
      this.#cached = 0;
    }
    for (let i = 0; i < count; i++) matching[i] = this.#next[nodes[i] as number] as number;
    const state = this.#state(nodes);
    this.#states.set(key, state);
    this.#cached += STATE_COST + count + state.next.length + state.matched.length;
    return state;
  }

  #matches(node: number, byte: number): boolean {
    const symbol = this.#symbols[node] as number;
    if (symbol <= ANY) return symbol === byte || symbol === ANY;
    return hasByte(this.#classes[symbol - FIRST_CLASS] as ByteSet, byte);
  }

  /** The state of everything that `nodes` lead to without a byte. */
  #state(nodes: Int32Array): State {
    const visits = this.#visits;
    if (this.#visit === VISIT_MAX) {
      visits.fill(0);
      this.#visit = 0;
    }
    const visit = ++this.#visit;
    const pending = this.#pending;
    const found = this.#found;
    // Nodes are collected from the start, numbers of patterns from the end.
    let nextEnd = 0;
    let matchedStart = found.length;
    for (const first of nodes) {
      let count = 0;
      pending[count++] = first;
      while (count > 0) {
        const node = pending[--count] as number;
        if (visits[node] === visit) continue;
        visits[node] = visit;
        const symbol = this.#symbols[node];
        if (symbol === MATCH) found[--matchedStart] = this.#next[node] as number;
        else if (symbol !== FORK) found[nextEnd++] = node;
        else {
          pending[count++] = this.#other[node] as number;
          pending[count++] = this.#next[node] as number;
        }
      }
    }
    return { id: this.#ids++, next: found.slice(0, nextEnd), matched: found.slice(matchedStart) };
  }
}

/** A string for a set of nodes, as a key. */
function keyOf(nodes: Int32Array): string {
  const units = new Uint16Array(nodes.buffer, nodes.byteOffset, 2 * nodes.length);
  const parts: string[] = [];
  for (let at = 0; at < units.length; at += SLICE) {
    parts.push(String.fromCharCode.apply(null, units.subarray(at, at + SLICE) as unknown as number[]));
  }
  return parts.join('');
}
