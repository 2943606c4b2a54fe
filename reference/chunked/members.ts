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

/** Reads the member `name` of an object, which may have none. */
export type Reader<T> = (members: Members, name: string) => T;

/** How the members of an object are read, by their names. */
export type Readers = Readonly<Record<string, Reader<unknown>>>;

/** What the members of an object are, each read by its reader; all others are ignored (TOC-025). */
export function readMembers<R extends Readers>(
  value: unknown,
  readers: R,
  reject: Reject,
): { readonly [K in keyof R]: ReturnType<R[K]> } {
  const members = new Members(value, namesOf(readers), reject);
  const found: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(readers)) found[name] = read(members, name);
  return found as { readonly [K in keyof R]: ReturnType<R[K]> };
}

/** Readers of members. */
export const anyValue: Reader<unknown> = (members, name) => members.value(name);
export const text: Reader<string | undefined> = (members, name) => members.string(name);
export const number: Reader<number> = (members, name) => members.number(name);

/** Reads a string, if there is one, as what `convert` makes of it. */
export function textAs<T>(convert: (written: string, reject: Reject) => T): Reader<T | undefined> {
  return (members, name) => {
    const written = members.string(name);
    return written === undefined
      ? undefined
      : convert(written, detail => members.reject(`the member ${name} ${detail}`));
  };
}

/** Reads bytes in base64, if there are any. */
export const base64 = textAs(decodedBase64);

/** The bytes of `written`, or a rejection. */
export function decodedBase64(written: string, reject: Reject): Uint8Array {
  const bytes = fromBase64(written);
  if (bytes === undefined) throw reject('is not base64');
  return bytes;
}

/** The members of one object, by their exact names. */
export class Members {
  readonly reject: Reject;
  readonly #object: Readonly<Record<string, unknown>>;

  /** Rejects an object with a member that some reader takes for one of `names` (TOC-021). */
  constructor(value: unknown, names: ReadonlySet<string>, reject: Reject) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw reject('a value that has to be an object is not one');
    }
    this.#object = value as Readonly<Record<string, unknown>>;
    this.reject = reject;
    const folded = foldedNames(names);
    for (const name of Object.keys(this.#object)) {
      if (names.has(name)) continue;
      // Go's jsoniter ends an object at a member without a name.
      if (name === '') throw reject('a member has an empty name');
      if (folded.has(fold(name)))
        throw reject(`the member ${quoted(name)} resembles another one in its case`);
    }
  }

  value(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.reject(`the member ${name} is not a string`);
  }

  /** A number from 0 to 2^53-1; 0 if there is no such member. */
  number(name: string): number {
    const value = this.value(name);
    if (value === undefined) return 0;
    // What is not written in digits only is -0.5 after `parseJson`, and so is a negative number.
    if (Number.isSafeInteger(value)) return value as number;
    throw this.reject(`the member ${name} is not a whole number from 0 to 2^53-1`);
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

const namesByReaders = new Map<Readers, ReadonlySet<string>>();

function namesOf(readers: Readers): ReadonlySet<string> {
  const known = namesByReaders.get(readers) ?? new Set(Object.keys(readers));
  namesByReaders.set(readers, known);
  return known;
}

const foldedByNames = new Map<ReadonlySet<string>, ReadonlySet<string>>();

function foldedNames(names: ReadonlySet<string>): ReadonlySet<string> {
  const known = foldedByNames.get(names) ?? new Set([...names].map(fold));
  foldedByNames.set(names, known);
  return known;
}
