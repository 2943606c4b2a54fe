/**
 * The chapters as data: requirements, headings, links, examples and prose, out of their Markdown.
 *
 * A requirement is one list item (spec/introduction.md), except for its block quotes, which are notes.
 * @module
 */

import MarkdownIt, { type Token } from 'markdown-it';
import { actors, keywordPattern } from './vocabulary.ts';

/** How a requirement is decided. */
export type Verification =
  | { readonly by: 'vector' | 'runner' }
  | { readonly by: 'inspection'; readonly because: string }
  /** A `Verification:` line that says none of the three. */
  | { readonly by: 'unknown'; readonly line: string };

/** One requirement of the text. */
export interface Requirement {
  /** `AREA-NNN`. */
  readonly id: string;
  /** `id` of the anchor before it, if there is one. */
  readonly anchor: string | undefined;
  /** Capital keywords in it, in order. */
  readonly keywords: readonly string[];
  /** The noun right before the first keyword: "writer"; undefined if it is none of the known ones. */
  readonly actor: string | undefined;
  /** Its Markdown, without the id, notes and the verification, and with single spaces. */
  readonly text: string;
  /** The Markdown of its notes, paragraph by paragraph. */
  readonly notes: readonly string[];
  /** From the first line of the item, counted from 1. */
  readonly line: number;
  readonly withdrawn: boolean;
  /** Id of the requirement that replaces a withdrawn one. */
  readonly replacedBy: string | undefined;
  readonly verification: Verification;
}

/** Text of the chapter outside requirements, for the rules about keywords. */
export interface Prose {
  /** Without code. */
  readonly text: string;
  readonly line: number;
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** A fenced block. */
export interface Fence {
  /** What the comment `<!-- example: NAME -->` on the line above calls it. */
  readonly name: string | undefined;
  /** The info string. */
  readonly language: string;
  readonly content: string;
  readonly line: number;
}

/** One Markdown file of the spec. */
export interface Chapter {
  /** Name of the file in `spec/`. */
  readonly file: string;
  readonly requirements: readonly Requirement[];
  readonly prose: readonly Prose[];
  readonly links: readonly Link[];
  /** Everything that a `#fragment` can name. */
  readonly anchors: ReadonlySet<string>;
  readonly fences: readonly Fence[];
  /** Lines of paragraphs, list items included, without code spans and link targets. */
  readonly sentences: readonly Prose[];
}

const markdown = new MarkdownIt({ html: true });

/** Reads one chapter. */
export function parseChapter(file: string, source: string): Chapter {
  const lines = source.split('\n');
  const tokens = markdown.parse(source, {});
  const inline = tokens.filter(token => token.type === 'inline');
  const items = requirementItems(tokens);
  const normative = new Set(items.flatMap(item => item.parts));
  return {
    file,
    requirements: items.map(item => readRequirement(item, lines)),
    prose: inline.filter(token => !normative.has(token)).map(proseOf),
    links: inline.flatMap(linksIn),
    anchors: anchorsIn(tokens),
    fences: tokens.filter(({ type }) => type === 'fence' || type === 'code_block').map(fenceIn(lines)),
    sentences: tokens.filter((_, index) => tokens[index - 1]?.type === 'paragraph_open').flatMap(sentencesIn),
  };
}

/** A list item that is a requirement. */
interface RequirementItem {
  /** All tokens of the item. */
  readonly item: readonly Token[];
  /** The inline tokens that make up the requirement itself. */
  readonly parts: readonly Token[];
}

function requirementItems(tokens: readonly Token[]): RequirementItem[] {
  const items: RequirementItem[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index]?.type !== 'list_item_open') continue;
    const item = tokens.slice(index, closing(tokens, index) + 1);
    const parts = requirementParts(item);
    if (parts === undefined) continue;
    items.push({ item, parts });
    index += item.length - 1;
  }
  return items;
}

/** Index of the token that closes what `tokens[open]` opens. */
function closing(tokens: readonly Token[], open: number): number {
  const { level = 0 } = tokens[open] ?? {};
  return tokens.findIndex((token, index) => index > open && token.level === level && token.nesting === -1);
}

const ID = /^\*\*([A-Z]+-[0-9]+)\*\*/;

/**
 * The inline tokens that make up the requirement of a list item, or undefined if it is not one: everything but the
 * block quotes, which are notes.
 */
function requirementParts(item: readonly Token[]): Token[] | undefined {
  const [, , first] = item;
  if (first?.type !== 'inline' || !ID.test(withoutAnchor(first.content))) return undefined;
  let quotes = 0;
  return item.filter(({ type }) => {
    if (type === 'blockquote_open') quotes++;
    if (type === 'blockquote_close') quotes--;
    return type === 'inline' && quotes === 0;
  });
}

function readRequirement({ item, parts }: RequirementItem, lines: readonly string[]): Requirement {
  const notes = item.filter(token => token.type === 'inline' && !parts.includes(token));
  const start = parts[0]?.content ?? '';
  const id = ID.exec(withoutAnchor(start))?.[1] ?? '';
  const source = parts
    .map(part => part.content)
    .join('\n')
    .split('\n')
    .filter(text => !text.startsWith('Verification:'))
    .join('\n');
  const afterId = withoutAnchor(source).replace(ID, '').trim();
  const withdrawal = /^\*\((withdrawn[^)]*)\)\*/.exec(afterId)?.[1];
  const text = afterId.replace(/\s+/g, ' ');
  const plain = parts.map(plainText).join('\n').replace(/\s+/g, ' ');
  return {
    id,
    anchor: /^<a id="([^"]*)"><\/a>/.exec(start)?.[1],
    keywords: plain.match(keywordPattern) ?? [],
    actor: actorOf(plain),
    text,
    notes: notes.map(({ content }) => content),
    line: lineOf(item[0]),
    withdrawn: withdrawal !== undefined,
    replacedBy: /replaced by ([A-Z]+-[0-9]+)/.exec(withdrawal ?? '')?.[1],
    verification: readVerification(item, lines),
  };
}

function actorOf(plain: string): string | undefined {
  const before = plain.slice(0, Math.max(plain.search(keywordPattern), 0)).trimEnd();
  return Object.keys(actors).find(actor => new RegExp(`\\bthe ${actor}$`, 'i').test(before));
}

/** The `Verification:` line, which ends a paragraph of the item. */
function readVerification(item: readonly Token[], lines: readonly string[]): Verification {
  const [from, to] = item[0]?.map ?? [0, 0];
  const own = lines.slice(from, to).map(text => text.trim());
  const found = own.filter(text => text.startsWith('Verification:'));
  const [line] = found;
  if (line === undefined) return { by: 'vector' };
  const after = own[own.indexOf(line) + 1] ?? '';
  if (found.length > 1 || after !== '') return { by: 'unknown', line };
  if (line === 'Verification: vector.') return { by: 'vector' };
  if (line === 'Verification: runner.') return { by: 'runner' };
  const because = /^Verification: inspection, because (.+)\.$/.exec(line)?.[1];
  return because === undefined ? { by: 'unknown', line } : { by: 'inspection', because };
}

function withoutAnchor(content: string): string {
  return content.replace(/^<a id="[^"]*"><\/a>/, '');
}

function proseOf(token: Token): Prose {
  return { text: plainText(token), line: lineOf(token) };
}

function sentencesIn(token: Token): Prose[] {
  return plainText(token)
    .split('\n')
    .map((text, i) => ({ text, line: lineOf(token) + i }));
}

function linksIn(token: Token): Link[] {
  return (token.children ?? []).flatMap(child => {
    const target = child.type === 'link_open' ? child.attrGet('href') : undefined;
    return typeof target === 'string' ? [{ target, line: lineOf(token) }] : [];
  });
}

function fenceIn(lines: readonly string[]): (token: Token) => Fence {
  return token => ({
    name: /^\s*<!-- example: (\S+) -->\s*$/.exec(lines[lineOf(token) - 2] ?? '')?.[1],
    language: token.type === 'fence' ? token.info.trim() : 'indented',
    content: token.content,
    line: lineOf(token),
  });
}

/** The anchors that GitHub gives headings, and those of `<a id>`. */
function anchorsIn(tokens: readonly Token[]): Set<string> {
  const anchors = new Set<string>();
  const headings = tokens.filter((_, index) => tokens[index - 1]?.type === 'heading_open');
  for (const heading of headings) {
    const slug = slugOf((heading.children ?? []).map(child => child.content).join(''));
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  const html = tokens.flatMap(token => [token, ...(token.children ?? [])]).filter(isHtml);
  for (const { content } of html) {
    for (const [, id = ''] of content.matchAll(/<a id="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}

function isHtml({ type }: Token): boolean {
  return type === 'html_inline' || type === 'html_block';
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Line of a token, counted from 1. */
function lineOf(token: Token | undefined): number {
  return (token?.map?.[0] ?? 0) + 1;
}

/** What a reader sees of an inline token, each code span as one backtick, lines kept. */
function plainText(token: Token): string {
  return (token.children ?? [])
    .map(child => {
      if (child.type === 'text') return child.content;
      if (child.type === 'softbreak' || child.type === 'hardbreak') return '\n';
      return child.type === 'code_inline' ? '`' : '';
    })
    .join('');
}
