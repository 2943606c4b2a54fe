/**
 * Patterns of paths (spec/selinux.md, "Patterns").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import type { Location } from '../errors.ts';
import { malformed } from './lines.ts';

/** The longest pattern in bytes (SELINUX-012). */
export const PATTERN_MAX = 4000;
/** How deep groups can be nested (SELINUX-014). */
const DEPTH_MAX = 50;

/** A set of bytes: one bit for each. */
export type ByteSet = Uint8Array;

/** An atom, or an atom with its repeat. */
export type Part =
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'class'; readonly members: ByteSet }
  | { readonly kind: 'group'; readonly branches: readonly Parts[] }
  | { readonly kind: 'repeat'; readonly repeated: Part; readonly by: '?' | '*' | '+' };

/** A pattern: parts that match one after the other. */
export type Parts = readonly Part[];

/** Whether `set` has `byte`. */
export function hasByte(set: ByteSet, byte: number): boolean {
  return (((set[byte >> 3] as number) >> (byte & 7)) & 1) === 1;
}

/** The parts of the pattern `text`. Rejects one that does not match the grammar with TRANSFORM_SELINUX. */
export function parsePattern(text: ByteString, location: Location): Parts {
  return new PatternParser(text, location).parse();
}

/** The path that an exact pattern matches, or undefined if the pattern is not exact. */
export function exactPath(parts: Parts): ByteString | undefined {
  const bytes = new Uint8Array(parts.length);
  for (const [i, part] of parts.entries()) {
    if (part.kind !== 'byte') return undefined;
    bytes[i] = part.byte;
  }
  return byteString(bytes);
}

/** The literal start of a pattern. */
export function literalStart(pattern: ByteString): ByteString {
  const start = beforeSpecial(pattern).replace(/\\(.)/g, '$1');
  return start.slice(0, start.lastIndexOf('/') + 1) as ByteString;
}

/**
 * Whether the pattern can match a path that does not begin with its literal start: the `/` at the end of that is
 * repeated, and can be absent.
 */
export function startIsOptional(pattern: ByteString): boolean {
  const before = beforeSpecial(pattern);
  return before.endsWith('/') && /[?*]/.test(pattern.charAt(before.length));
}

function beforeSpecial(pattern: ByteString): string {
  return /^(?:[^([.?*+\\]|\\.)*/.exec(pattern)?.[0] ?? '';
}

const LITERAL = /[!-#%-',\-/->@-Z_-z~]/;
const ESCAPED = /[$()*+\-.?[\\\]^_{|}]/;
/** `end` of the grammar. */
const END = /[!-,.-Z_-~]/;

class PatternParser {
  readonly #text: ByteString;
  readonly #location: Location;
  #at = 0;
  #depth = 0;

  constructor(text: ByteString, location: Location) {
    this.#text = text;
    this.#location = location;
  }

  parse(): Parts {
    const parts = this.#parts();
    if (this.#at < this.#text.length) {
      const what = this.#next === '|' ? 'alternatives are not in a group' : 'a ")" closes no group';
      throw this.#rejection(what);
    }
    return parts;
  }

  get #next(): string {
    return this.#text.charAt(this.#at);
  }

  #rejection(detail: string): Error {
    return malformed(`the pattern is not supported: ${detail} at byte ${this.#at + 1} of it`, this.#location);
  }

  /** Parts up to the end, or up to a `|` or `)`. */
  #parts(): Part[] {
    const parts: Part[] = [];
    while (this.#at < this.#text.length && this.#next !== '|' && this.#next !== ')') {
      parts.push(this.#repeated(this.#atom()));
    }
    return parts;
  }

  #repeated(repeated: Part): Part {
    const by = this.#next;
    if (by !== '?' && by !== '*' && by !== '+') return repeated;
    this.#at++;
    // SELINUX-015: the second one has no effect.
    if (this.#next === '?') this.#at++;
    return { kind: 'repeat', repeated, by };
  }

  #atom(): Part {
    const next = this.#next;
    switch (next) {
      case '\\':
        return { kind: 'byte', byte: this.#escape() };
      case '.':
        this.#at++;
        return { kind: 'any' };
      case '(':
        return this.#group();
      case '[':
        return { kind: 'class', members: this.#class() };
      case '?':
      case '*':
      case '+':
        throw this.#rejection(`a "${next}" follows nothing that it can repeat`);
      default:
        if (!LITERAL.test(next)) throw this.#rejection(`a "${next}" without a backslash`);
        this.#at++;
        return { kind: 'byte', byte: next.charCodeAt(0) };
    }
  }

  #escape(): number {
    const escaped = this.#text.charAt(this.#at + 1);
    if (!ESCAPED.test(escaped)) {
      throw this.#rejection(escaped === '' ? 'a backslash at its end' : `a backslash before "${escaped}"`);
    }
    this.#at += 2;
    return escaped.charCodeAt(0);
  }

  #group(): Part {
    if (++this.#depth > DEPTH_MAX) throw this.#rejection(`groups are nested more than ${DEPTH_MAX} deep`);
    this.#at++;
    const branches = [this.#parts()];
    while (this.#next === '|') {
      this.#at++;
      branches.push(this.#parts());
    }
    if (this.#next !== ')') throw this.#rejection('a group is not closed');
    this.#at++;
    this.#depth--;
    return { kind: 'group', branches };
  }

  #class(): ByteSet {
    const start = ++this.#at;
    const members = new Uint8Array(32);
    const add = (byte: number) => {
      members[byte >> 3] = (members[byte >> 3] as number) | (1 << (byte & 7));
    };
    const negated = this.#next === '^';
    if (negated) this.#at++;
    const first = this.#at;
    while (this.#at === first || this.#next !== ']') {
      const next = this.#next;
      const end = this.#text.charAt(this.#at + 2);
      if (next === '\\') {
        add(this.#escape());
      } else if (this.#at === first && (next === ']' || next === '-')) {
        add(next.charCodeAt(0));
        this.#at++;
      } else if (END.test(next) && this.#text.charAt(this.#at + 1) === '-' && end !== ']') {
        if (!END.test(end)) throw this.#rejection(`a range from "${next}" without a valid end`);
        if (end < next) throw this.#rejection(`the range "${next}-${end}" has its ends in the wrong order`);
        for (let byte = next.charCodeAt(0); byte <= end.charCodeAt(0); byte++) add(byte);
        this.#at += 3;
      } else if (END.test(next) || next === '^') {
        add(next.charCodeAt(0));
        this.#at++;
      } else if (next === '-' && this.#text.charAt(this.#at + 1) === ']') {
        add(next.charCodeAt(0));
        this.#at++;
      } else {
        throw this.#rejection(next === '' ? 'a class is not closed' : `a "${next}" in a class`);
      }
    }
    const content = this.#text.slice(start, this.#at);
    const doubled = /&&|~~|--/.exec(content);
    if (doubled !== null) throw this.#rejection(`"${doubled[0]}" in a class that ends`);
    if (/^([:.=]).*\1$/.test(content)) throw this.#rejection(`"${content}" alone in a class that ends`);
    this.#at++;
    return negated ? members.map(bits => ~bits) : members;
  }
}
