/**
 * The tables of the chapters as claims, for the tests that compare each cell with the reference.
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One cell of a table. */
export interface Cell {
  /** First cell of the row, without references to requirements. */
  readonly row: string;
  /** First cell of the column. */
  readonly column: string;
  /** Its Markdown; a cell that is only `as NAME` has the text of the column that it names. */
  readonly text: string;
  /**
   * What the cell says, sorted: each error code with each requirement after it (`TAR_NAME LAYER-079`), and the words
   * of a closed list, such as `ignored`. A part of the cell with neither claims `read`.
   */
  readonly claims: readonly string[];
}

const words = [
  ...['any', 'ignored', 'no effect', 'not read', 'number', 'octal', 'published', 'record', 'rejected'],
  'signature',
];
/** Cells that claim nothing. */
const idle = ['', 'none', 'nothing', 'not applicable'];

const REFERENCE = String.raw`\[[A-Z]+-[0-9]+\]\([^()]*\)`;
const REFERENCES = String.raw`\((${REFERENCE}(?:, ${REFERENCE})*)\)`;
const TOKEN = new RegExp(
  `\`([A-Z]+_[A-Z_]+)\`|${REFERENCES}|\\b(${words.join('|')})\\b(?! of a device)`,
  'g',
);

/** The cells, without the first column, of the table in `spec/FILE` whose first column is called `first`. */
export function cellsOf(file: string, first: string): Cell[] {
  const chapter = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
  const [, header = '', body = ''] =
    new RegExp(`^\\| ${first} (\\|.*)\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, 'm').exec(chapter) ?? [];
  if (body === '') throw new Error(`${file} has no table with a first column "${first}"`);
  const columns = split(header);
  return body
    .trimEnd()
    .split('\n')
    .flatMap(line => {
      const [name = '', ...texts] = split(line);
      const row = name.replace(new RegExp(` ${REFERENCES}`, 'g'), '');
      return columns.map((column, i) => {
        const other = /^as `?([^`]+)`?$/.exec(texts[i] ?? '')?.[1];
        const text = texts[other === undefined ? i : columns.findIndex(each => bare(each) === other)] ?? '';
        return { row, column, text, claims: claimsOf(text) };
      });
    });
}

function split(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim());
}

const bare = (text: string) => text.replaceAll('`', '');

/** The claims of the Markdown of a cell ({@link Cell.claims}). */
export function claimsOf(text: string): string[] {
  const claims = new Set<string>();
  /** Of the part up to the next references: where it begins, its codes, and whether it has a word or a code. */
  let from = 0;
  let codes: string[] = [];
  let isRead = true;
  for (const { index, 0: token, 1: code, 2: references, 3: word } of text.matchAll(TOKEN)) {
    if (code !== undefined) codes.push(code);
    if (word !== undefined) claims.add(word);
    if (references === undefined) {
      isRead = false;
      continue;
    }
    if (isRead && text.slice(from, index).trim() !== '') claims.add('read');
    for (const [id] of references.matchAll(/(?<=\[)[A-Z]+-[0-9]+/g)) {
      for (const each of codes) claims.add(`${each} ${id}`);
    }
    from = index + token.length;
    codes = [];
    isRead = true;
  }
  for (const each of codes) claims.add(each);
  if (claims.size === 0 && !idle.includes(text)) claims.add('read');
  return [...claims].sort();
}
