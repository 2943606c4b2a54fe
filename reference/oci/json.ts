/**
 * JSON text that all parsers read alike: in UTF-8, without two members of the same name in an object.
 * @module
 */

import { shortened } from '../bytes.ts';
import { ComposefsError, type Location } from '../errors.ts';

/**
 * The value of a JSON text, or a rejection with IMAGE_JSON (LAYER-003). The value is meant to be checked against a
 * schema, not to be written again: a number that is not written in digits only becomes -0.5, which no schema accepts.
 */
export function parseJson(bytes: Uint8Array, location: Location): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ComposefsError('IMAGE_JSON', 'the document is not UTF-8', location);
  }
  try {
    value = JSON.parse(text);
    const plain = withoutFractions(text);
    if (plain !== text) value = JSON.parse(plain);
  } catch (error) {
    // The rest of the message quotes the document, which may be any file: a layout may have links (LAYER-010).
    const [, position] = (error instanceof SyntaxError && /at position ([0-9]+)/.exec(error.message)) || [];
    const offset = position === undefined ? {} : { offset: byteOffset(text, Number(position)) };
    throw new ComposefsError('IMAGE_JSON', 'the document is not JSON', { ...location, ...offset });
  }
  if (hasLoneSurrogate(text)) {
    throw new ComposefsError('IMAGE_JSON', 'a string has half of a surrogate pair', location);
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) {
    throw new ComposefsError('IMAGE_JSON', 'an object has two members of the same name', {
      ...location,
      offset: byteOffset(text, repeated),
    });
  }
  return value;
}

function byteOffset(text: string, position: number): number {
  return Buffer.byteLength(text.slice(0, position));
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;
const STRING_OR_NUMBER = new RegExp(`${STRING.source}|-?[0-9][0-9.eE+-]*`, 'g');

/** Replaces every number that is not written in digits only by -0.5, which no member can be (LAYER-004). */
function withoutFractions(text: string): string {
  return text.replace(STRING_OR_NUMBER, token => (/^(?:"|[0-9]+$)/.test(token) ? token : '-0.5'));
}

/** Whether a string of the well-formed `text` has an escape of a surrogate that is not half of a pair (LAYER-003). */
function hasLoneSurrogate(text: string): boolean {
  // Bytes that are UTF-8 hold no surrogates, so only escapes can be halves of pairs.
  if (!/\\u[dD][89a-fA-F]/.test(text)) return false;
  return (text.match(STRING) ?? []).some(literal => /\p{Surrogate}/u.test(JSON.parse(literal)));
}

/** `text` in quotes, for a message: in printable ASCII, and shortened if it is long. */
export function quoted(text: string): string {
  return visible(JSON.stringify(shortened(text)));
}

/** `text` for a message, like {@link quoted} without quotes. */
export function shown(text: string): string {
  return visible(shortened(text));
}

function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Where a member name of the well-formed `text` occurs for the second time in one object. */
function repeatedName(text: string): number | undefined {
  const objects: Set<string>[] = [];
  let start = 0;
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        objects.push(new Set());
        break;
      case '}':
        objects.pop();
        break;
      case '"':
        start = at++;
        while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
        end = at + 1;
        break;
      case ':': {
        // The last string was a name. Escapes can spell one name in several ways, so names are compared parsed.
        const literal = text.slice(start, end);
        const name: string = JSON.parse(literal);
        const names = objects.at(-1);
        if (names?.has(name)) return start;
        names?.add(name);
        break;
      }
    }
  }
  return undefined;
}
