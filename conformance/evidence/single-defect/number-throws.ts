/**
 * Numbers the `throw` statements of a compiled module, and makes each of them one that can be switched off.
 * @module
 */

/** A module with numbered statements. */
export interface NumberedModule {
  readonly text: string;
  /** The text of each statement, in order of their numbers. */
  readonly statements: readonly string[];
}

/** A statement begins a line, or follows a brace, a parenthesis or a colon. */
const THROW = /(?<=^|[{}):]) *throw (?=\S)/dgm;

/**
 * Replaces each `throw E;` in `source` by a statement that first calls `singleDefect.thrown` with its number, counted
 * from `first`, and is skipped if that returns false.
 */
export function numberThrows(source: string, first: number): NumberedModule {
  const statements: string[] = [];
  let text = '';
  let end = 0;
  for (const match of source.matchAll(THROW)) {
    const begin = match.index + match[0].indexOf('throw');
    if (begin < end || isComment(source, begin)) continue;
    const from = match.index + match[0].length;
    const to = expressionEnd(source, from);
    const expression = source.slice(from, to);
    const number = first + statements.length;
    statements.push(`throw ${expression.replace(/\s+/g, ' ')}`);
    text += source.slice(end, begin);
    text += `{ const thrown$ = ${expression}; if (globalThis.singleDefect.thrown(${number}, thrown$)) throw thrown$; }`;
    end = to + 1;
  }
  return { text: text + source.slice(end), statements };
}

function isComment(source: string, at: number): boolean {
  return /^\s*(\*|\/)/.test(source.slice(source.lastIndexOf('\n', at) + 1, at));
}

/** The position of the semicolon after the expression at `from`. */
function expressionEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const c = source[at] ?? '';
    if (c === ';' && depth === 0) return at;
    if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (`'"\``.includes(c)) at = stringEnd(source, at);
  }
  throw new Error(`a throw statement has no end: ${source.slice(from, from + 80)}`);
}

/** The position of the quote that ends the string or template at `from`. */
function stringEnd(source: string, from: number): number {
  const quote = source[from];
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === quote) return at;
    else if (quote === '`' && source.startsWith('${', at)) at = substitutionEnd(source, at + 2);
  }
  throw new Error(`a string has no end: ${source.slice(from, from + 80)}`);
}

/** The position of the brace that ends the substitution of a template whose expression is at `from`. */
function substitutionEnd(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const c = source[at] ?? '';
    if (c === '}' && depth === 0) return at;
    if (c === '{') depth++;
    else if (c === '}') depth--;
    else if (`'"\``.includes(c)) at = stringEnd(source, at);
  }
  throw new Error(`a template has no end: ${source.slice(from, from + 80)}`);
}
