/**
 * Markdown of the chapters as HTML: headings and requirements get anchors, links between chapters lead to pages, and
 * error codes to their uses.
 * @module
 */

import MarkdownIt, { type Token } from 'markdown-it';
import { Html } from './html.ts';

/** Where links of a page lead. */
export interface Links {
  /** The address of a chapter: `erofs.html`. */
  readonly chapter: (slug: string) => string;
  /** The address of the uses of an error code. */
  readonly code: (code: string) => string;
  /** Known error codes. */
  readonly codes: ReadonlySet<string>;
}

/** What the page adds below a requirement. */
export type Panel = (id: string) => Html;

/** A part of a chapter, from a heading to the next one, for the search. */
export interface Section {
  readonly title: string;
  readonly anchor: string;
  readonly level: number;
  /** Its text without markup. */
  readonly text: string;
  /** The ids of its requirements. */
  readonly requirements: readonly string[];
  /** The same text in parts, without the requirements. */
  readonly paragraphs: readonly Paragraph[];
}

/** A paragraph, an item of a list, or a row of a table. */
export interface Paragraph {
  /** Where it is: the requirement that it belongs to, or else the section. */
  readonly anchor: string;
  /** Its text without markup; the cells of a row are separated by tabs. */
  readonly text: string;
}

const markdown = new MarkdownIt({ html: true });
// What scrolls sideways has to be reachable with the keyboard.
for (const rule of ['fence', 'code_block'] as const) {
  const render = markdown.renderer.rules[rule];
  if (render === undefined) continue;
  markdown.renderer.rules[rule] = (...args) => render(...args).replace('<pre>', '<pre tabindex="0">');
}

/** The HTML of `source`. Requirements are followed by their panel. */
export function rendered(source: string, links: Links, panel?: Panel): Html {
  const tokens = markdown.parse(source, {});
  for (const [token, anchor] of anchorsOf(tokens)) token.attrSet('id', anchor);
  for (const { children } of tokens) for (const child of children ?? []) rewrite(child, links);
  markRequirements(tokens, panel);
  scrollTables(tokens);
  return new Html(markdown.renderer.render(linkedCodes(tokens, links), markdown.options, {}));
}

/** The HTML of one line or paragraph. */
export function renderedInline(source: string, links: Links): Html {
  const [token] = markdown.parseInline(source, {});
  if (token?.children) {
    for (const child of token.children) rewrite(child, links);
    token.children = token.children.flatMap(child => codeLink(child, links));
  }
  return new Html(token === undefined ? '' : markdown.renderer.render([token], markdown.options, {}));
}

/** The sections of `source`. */
export function sectionsOf(source: string): Section[] {
  const tokens = markdown.parse(source, {});
  const sections: (Section & { text: string; requirements: string[]; paragraphs: Paragraph[] })[] = [];
  const anchors = anchorsOf(tokens);
  let requirement: { readonly id: string; readonly level: number } | undefined;
  let row: string[] | undefined;
  for (const [i, token] of tokens.entries()) {
    const section = sections.at(-1);
    if (token.type === 'heading_open') {
      const [title, level] = [plainText(tokens[i + 1]), Number(token.tag.slice(1))];
      sections.push({
        title,
        anchor: anchors.get(token) ?? '',
        level,
        text: '',
        requirements: [],
        paragraphs: [],
      });
    } else if (token.type === 'list_item_open') {
      const id = requirementAt(tokens[i + 2]);
      if (id !== undefined) requirement = { id, level: token.level };
    } else if (token.type === 'list_item_close' && token.level === requirement?.level) {
      requirement = undefined;
    } else if (token.type === 'tr_open') {
      row = [];
    } else if (token.type === 'tr_close' && row !== undefined) {
      // The first row has only the names of the columns.
      if (tokens[i + 1]?.type !== 'thead_close')
        section?.paragraphs.push({ anchor: requirement?.id ?? section.anchor, text: row.join('\t') });
      row = undefined;
    } else if (token.type === 'inline' && tokens[i - 1]?.type !== 'heading_open' && section !== undefined) {
      const text = plainText(token);
      section.text += `${text} `;
      const id = requirementAt(token);
      if (row !== undefined) row.push(text);
      else if (id !== undefined) section.requirements.push(id);
      else section.paragraphs.push({ anchor: requirement?.id ?? section.anchor, text });
    }
  }
  return sections;
}

/** The id of the requirement that begins in a token. */
function requirementAt(token: Token | undefined): string | undefined {
  return /^<a id="([A-Z]+-[0-9]+)"><\/a>/.exec(token?.content ?? '')?.[1];
}

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(tokens: readonly Token[]): Map<Token, string> {
  const anchors = new Map<Token, string>();
  const counts = new Map<string, number>();
  for (const [i, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const slug = plainText(tokens[i + 1])
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.set(token, count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map(child => (child.type === 'softbreak' ? ' ' : child.type.startsWith('html') ? '' : child.content))
    .join('');
}

/** Leads the links of a token to pages. A file of the repository that has no page becomes text. */
function rewrite(token: Token, links: Links): void {
  if (token.type !== 'link_open') return;
  const target = String(token.attrGet('href') ?? '');
  const [, slug, fragment = ''] = /^(?:\.\/)?([a-z-]+)\.md(#.*)?$/.exec(target) ?? [];
  if (slug !== undefined) token.attrSet('href', `${links.chapter(slug)}${fragment}`);
  else if (!/^(?:https?:|#)/.test(target)) {
    token.attrSet('data-file', target.replace(/^(?:\.\.\/)+/, ''));
    token.attrs = (token.attrs ?? []).filter(([name]) => name !== 'href');
  }
}

/** Gives list items that are requirements a class, and puts their panels at their ends. */
function markRequirements(tokens: Token[], panel: Panel | undefined): void {
  const open: { token: Token; id: string | undefined }[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.type === 'list_item_open') {
      const id = requirementAt(tokens[i + 2]);
      if (id !== undefined) token.attrJoin('class', 'requirement');
      open.push({ token, id });
    } else if (token.type === 'list_item_close') {
      const id = open.pop()?.id;
      if (id === undefined || panel === undefined) continue;
      const block = new (token.constructor as typeof Token)('html_block', '', 0);
      block.content = panel(id).text;
      tokens.splice(i, 0, block);
      i++;
    }
  }
}

/** Puts each table into an element that scrolls sideways and can be reached with the keyboard. */
function scrollTables(tokens: Token[]): void {
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    if (token.type !== 'table_open' && token.type !== 'table_close') continue;
    const block = new (token.constructor as typeof Token)('html_block', '', 0);
    const opens = token.type === 'table_open';
    block.content = opens ? '<div class="scroll" tabindex="0" role="group" aria-label="table">' : '</div>';
    tokens.splice(opens ? i : i + 1, 0, block);
    i++;
  }
}

function linkedCodes(tokens: Token[], links: Links): Token[] {
  for (const token of tokens)
    if (token.children) token.children = withoutNesting(token.children, child => codeLink(child, links));
  return tokens;
}

/** Maps the tokens that are not inside a link. */
function withoutNesting(tokens: readonly Token[], map: (token: Token) => Token[]): Token[] {
  let depth = 0;
  return tokens.flatMap(token => {
    if (token.type === 'link_open') depth++;
    if (token.type === 'link_close') depth--;
    return depth > 0 ? [token] : map(token);
  });
}

function codeLink(token: Token, { code, codes }: Links): Token[] {
  if (token.type !== 'code_inline' || !codes.has(token.content)) return [token];
  const create = token.constructor as typeof Token;
  const open = new create('link_open', 'a', 1);
  open.attrSet('href', code(token.content));
  return [open, token, new create('link_close', 'a', -1)];
}
