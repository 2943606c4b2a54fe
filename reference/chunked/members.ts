/**
 * The objects in a table of contents and in tar-split data: JSON that every reader reads alike (TOC-020, TOC-021).
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { type Code, ComposefsError, type Location } from '../errors.ts';
import { parseJson, quoted } from '../oci/json.ts';

/** Rejects input with the code of the document that is read. */
export type Reject = (detail: string) => ComposefsError;

/** Rejections with `code`. */
export function rejectWith(code: Code, location: Location): Reject {
  return detail => new ComposefsError(code, detail, location);
}

/** The value of a JSON text that all parsers read alike (TOC-020). */
export function strictJson(text: Uint8Array, reject: Reject): unknown {
  try {
    return parseJson(text, {});
  } catch (error) {
    if (error instanceof ComposefsError) throw reject(error.detail);
    throw error;
  }
}

/** Reads the members of one object by their exact names. */
export class Members {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #reject: Reject;

  /** Rejects an object with a member that some reader takes for one of `names` (TOC-021). */
  constructor(value: unknown, names: ReadonlySet<string>, reject: Reject) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw reject('a value that has to be an object is not one');
    }
    this.#object = value as Readonly<Record<string, unknown>>;
    this.#reject = reject;
    const folded = foldedNames(names);
    for (const name of Object.keys(this.#object)) {
      if (names.has(name)) continue;
      // Go's jsoniter ends an object at a member without a name.
      if (name === '') throw reject('a member has an empty name');
      if (folded.has(fold(name)))
        throw reject(`the member ${quoted(name)} resembles another one in its case`);
    }
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  value(name: string): unknown {
    return this.has(name) ? this.#object[name] : undefined;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#reject(`the member ${name} is not a string`);
  }

  /** The UTF-8 bytes of a string; none if there is no such member. */
  bytes(name: string): ByteString {
    return utf8Bytes(this.string(name) ?? '');
  }

  /** A number from 0 to 2^53-1; 0 if there is no such member. */
  number(name: string): number {
    const value = this.has(name) ? this.#object[name] : 0;
    // What is not written in digits only is -0.5 after `parseJson`, and so is a negative number.
    if (Number.isSafeInteger(value)) return value as number;
    throw this.#reject(`the member ${name} is not a whole number from 0 to 2^53-1`);
  }
}

/** The UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): ByteString {
  return /^[\0-\x7f]*$/.test(text) ? (text as ByteString) : byteString(new TextEncoder().encode(text));
}

/** The bytes of base64 with padding; undefined if `text` is not that. */
export function fromBase64(text: string): Uint8Array | undefined {
  // A group that repeats would exhaust the stack of the regular expression on a long text.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  // Superfluous padding, and bits after the last byte, would let two texts mean the same.
  return btoa(byteString(bytes)) === text ? bytes : undefined;
}

/** `name` as readers compare it that ignore case; U+0130, U+017F and U+212A fold to ASCII letters (TOC-021). */
function fold(name: string): string {
  return name.replaceAll('\u0130', 'i').replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}

const foldedByNames = new Map<ReadonlySet<string>, ReadonlySet<string>>();

function foldedNames(names: ReadonlySet<string>): ReadonlySet<string> {
  const known = foldedByNames.get(names) ?? new Set([...names].map(fold));
  foldedByNames.set(names, known);
  return known;
}
