/**
 * JSON text as every reader understands it alike: UTF-8, no member named twice.
 * @module
 */

import { ComposefsError, type Location } from '../errors.ts';

/**
 * The value of a JSON text; refused with IMAGE_JSON (LAYER-003). It is there to be checked by a schema and not to be
 * written again: a number that is not digits alone comes as -0.5, which no schema takes.
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
    throw new ComposefsError('IMAGE_JSON', `an object names its member ${visible(repeated)} twice`, location);
  }
  return value;
}

/** `-0.5`, which no member can be, in the place of every number that is not digits alone (LAYER-004). */
function withoutFractions(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*/g, token =>
    /^(?:"|[0-9]+$)/.test(token) ? token : '-0.5',
  );
}

/** `text` from a document in quotes, for a message: printable ASCII, not too long. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}...` : text));
}

function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The first member name that stands twice in one object of `text`, which is well-formed, as it stands there. */
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
        // The string just passed was a name: escapes may spell one name in two ways.
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
