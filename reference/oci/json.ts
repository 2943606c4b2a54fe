/**
 * JSON text that all parsers read alike: in UTF-8, without two members of the same name in an object.
 * @module
 */

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
    const reason = error instanceof SyntaxError ? error.message : '';
    throw new ComposefsError('IMAGE_JSON', `the document is not JSON: ${visible(reason)}`, location);
  }
  const repeated = repeatedName(text);
  if (repeated !== undefined) {
    const detail = `an object has two members named ${visible(repeated)}`;
    throw new ComposefsError('IMAGE_JSON', detail, location);
  }
  return value;
}

/** Replaces every number that is not written in digits only by -0.5, which no member can be (LAYER-004). */
function withoutFractions(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*/g, token =>
    /^(?:"|[0-9]+$)/.test(token) ? token : '-0.5',
  );
}

/** `text` in quotes, for a message: in printable ASCII, and cut off if it is long. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}...` : text));
}

function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The first member name that occurs twice in one object of the well-formed `text`, as written there. */
function repeatedName(text: string): string | undefined {
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
        if (names?.has(name)) return literal;
        names?.add(name);
        break;
      }
    }
  }
  return undefined;
}
