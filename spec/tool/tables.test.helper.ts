/**
 * The tables and passages of the chapters, and the requirements and error codes that they name, for the tests that
 * compare them with the requirements, the vectors and the reference.
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import MarkdownIt, { type Token } from 'markdown-it';
import { stages } from '../../reference/errors.ts';
import { parseChapter } from './parse.ts';
import type { Entry } from './requirements.ts';

const folder = join(import.meta.dirname, '..');

/** Every requirement by its id. `lint` checks that the file is the text of the chapters. */
export const requirements: ReadonlyMap<
  string,
  Pick<Entry, 'actor' | 'file' | 'level' | 'status' | 'text'>
> = new Map(
  JSON.parse(readFileSync(join(folder, 'requirements.json'), 'utf8')).map((entry: Entry) => [
    entry.id,
    entry,
  ]),
);
export type Requirements = typeof requirements;

/** Names of the chapters, and of the table of contents. */
export const chapterFiles = readdirSync(folder).filter(file => file.endsWith('.md'));

const sources = new Map(chapterFiles.map(file => [file, readFileSync(join(folder, file), 'utf8')]));
const parsed = new Map<string, Contents>();

/** The source of the chapter with this file name. */
export function sourceOf(file: string): string {
  const source = sources.get(file);
  if (source === undefined) throw new Error(`there is no chapter ${file}`);
  return source;
}

/** The passages and tables of the chapter with this file name. */
export function chapter(file: string): Contents {
  const contents = parsed.get(file) ?? contentsOf(sourceOf(file));
  parsed.set(file, contents);
  return contents;
}

/** Where something is in a chapter. */
export interface Place {
  /** Headings above it, the outermost first. */
  readonly sections: readonly string[];
  /** The requirement that it is a part of. Notes are not a part of their requirement. */
  readonly requirement: string | undefined;
  /** Counted from 1. */
  readonly line: number;
}

/** A paragraph or an item of a list, as Markdown. */
export interface Passage extends Place {
  readonly text: string;
}

export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** A table, its cells as Markdown. */
export interface Table extends Place {
  readonly header: readonly string[];
  readonly rows: readonly Row[];
}

export interface Contents {
  readonly passages: readonly Passage[];
  readonly tables: readonly Table[];
}

const markdown = new MarkdownIt({ html: true });

/** The passages and tables of a chapter. */
export function contentsOf(source: string): Contents {
  const normative = requirementsByLine(source);
  const passages: Passage[] = [];
  const tables: { -readonly [K in keyof Table]: Table[K] }[] = [];
  let headings: { tag: string; title: string }[] = [];
  let sections: readonly string[] = [];
  let quotes = 0;
  let rows: { cells: string[]; line: number }[] | undefined;
  const tokens = markdown.parse(source, {});
  for (const [index, token] of tokens.entries()) {
    const line = (token.map?.[0] ?? 0) + 1;
    const requirement = quotes > 0 ? undefined : normative.get(line);
    switch (token.type) {
      case 'blockquote_open':
      case 'blockquote_close':
        quotes += token.nesting;
        break;
      case 'table_open':
        rows = [];
        tables.push({ sections, requirement, line, header: [], rows });
        break;
      case 'table_close':
        rows = undefined;
        break;
      case 'tr_open':
        rows?.push({ cells: [], line });
        break;
      case 'thead_close': {
        const table = tables.at(-1);
        if (table !== undefined) table.header = rows?.shift()?.cells ?? [];
        break;
      }
      case 'inline': {
        const before = tokens[index - 1];
        if (before?.type === 'heading_open') {
          headings = [
            ...headings.filter(({ tag }) => tag < before.tag),
            { tag: before.tag, title: titleOf(token) },
          ];
          sections = headings.map(({ title }) => title);
          break;
        }
        if (rows !== undefined) rows.at(-1)?.cells.push(token.content);
        else passages.push({ sections, requirement, line, text: token.content });
      }
    }
  }
  return { passages, tables };
}

function titleOf(heading: Token): string {
  return (heading.children ?? []).map(child => child.content).join('');
}

/** The requirement to which each line belongs. */
function requirementsByLine(source: string): Map<number, string> {
  const lines = new Map<number, string>();
  const items = markdown.parse(source, {}).filter(({ type }) => type === 'list_item_open');
  for (const { id, line } of parseChapter('', source).requirements) {
    const [from, to] = items.find(({ map }) => map?.[0] === line - 1)?.map ?? [0, 0];
    for (let each = from; each < to; each++) lines.set(each + 1, id);
  }
  return lines;
}

/** The only table in the section whose header begins with these cells, written as `first | second`. */
export function tableOf({ tables }: Contents, section: string, first: string): Table {
  const found = tables.filter(({ sections, header }) => {
    return sections.includes(section) && `${header.join(' | ')} |`.startsWith(`${first} |`);
  });
  const [table] = found;
  if (table === undefined || found.length > 1) {
    throw new Error(`the section "${section}" has ${found.length} tables that begin with "${first}"`);
  }
  return table;
}

/** The cells of a row under a header; empty if there is no such column. */
export function cellOf(table: Table, row: Row, header: string): string {
  return row.cells[table.header.indexOf(header)] ?? '';
}

/** What is in the code spans of a passage. */
export function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Links as what the reader sees: `[ID]` for one to a requirement, the text of every other. */
function withoutTargets(text: string): string {
  return text
    .replace(/\[([A-Z]+-[0-9]{3})\]\([^)]*\)/g, '[$1]')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\s+/g, ' ');
}

/** Ids of the requirements to which a passage links, with those between two of them for "A to B". */
export function citedIn(text: string): string[] {
  return [...withoutTargets(text).matchAll(/\[([A-Z]+)-([0-9]{3})\](?: to \[\1-([0-9]{3})\])?/g)].flatMap(
    ([, area = '', first = '', last = first]) => {
      const from = Number(first);
      return Array.from(
        { length: Math.max(Number(last) - from + 1, 1) },
        (_, i) => `${area}-${String(from + i).padStart(3, '0')}`,
      );
    },
  );
}

const errorCode = new RegExp(`^(?:${stages.join('|').toUpperCase()})_[A-Z0-9_]+$`);

/** Error codes in a passage: code spans that begin with a stage. */
export function codesIn(text: string): string[] {
  return codeSpans(text).filter(span => errorCode.test(span));
}

/** Whether the text of a requirement names the error code. */
export function names(requirements: Requirements, id: string, code: string): boolean {
  return requirements.get(id)?.text.includes(`\`${code}\``) ?? false;
}

/** An error code outside a requirement, and the requirements of which the text says that they give it. */
export interface Claim {
  readonly code: string;
  readonly requirements: readonly string[];
  readonly line: number;
}

/** Every error code outside requirements. One for which the text names no requirement has an empty list. */
export function claimsOf({ passages, tables }: Contents): Claim[] {
  const inPassages = passages
    .filter(({ requirement }) => requirement === undefined)
    .flatMap(({ text, line }) => claimsIn(text).map(claim => ({ ...claim, line })));
  const inTables = tables
    .filter(({ requirement }) => requirement === undefined)
    .flatMap(table =>
      table.rows.flatMap(row => {
        const ofRow = citedIn(cellOf(table, row, 'requirements'));
        return row.cells
          .flatMap(cell => claimsIn(cell))
          .map(({ code, requirements }) => {
            return { code, requirements: requirements.length > 0 ? requirements : ofRow, line: row.line };
          });
      }),
    );
  return [...inPassages, ...inTables];
}

/**
 * The error codes of a passage, with the requirements that it names for them in one of the forms
 * "`CODE`, `CODE` ([ID], [ID])" and "([ID], [ID]: `CODE`; [ID]: `CODE`)".
 */
export function claimsIn(passage: string): Omit<Claim, 'line'>[] {
  const text = withoutTargets(passage);
  const claims: Omit<Claim, 'line'>[] = [];
  const claim = (codes: string, requirements: string) => {
    for (const code of codesIn(codes)) claims.push({ code, requirements: citedIn(requirements) });
  };
  let end = 0;
  for (const group of text.matchAll(/\(([^()]*\[[A-Z]+-[0-9]{3}\][^()]*)\)/g)) {
    const [whole, inside = ''] = group;
    const before = text.slice(end, group.index);
    if (codesIn(inside).length > 0) {
      claim(before, '');
      for (const part of inside.split('; ')) {
        const colon = part.indexOf(': ');
        if (colon > 0) claim(part.slice(colon), part.slice(0, colon));
        else claim(part, '');
      }
    } else {
      const clause = Math.max(before.lastIndexOf('; '), before.lastIndexOf('. '), 0);
      claim(before.slice(0, clause), '');
      claim(before.slice(clause), inside);
    }
    end = group.index + whole.length;
  }
  claim(text.slice(end), '');
  return claims;
}
