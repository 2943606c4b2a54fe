/**
 * Mutants: every small change of a module that the mutation operators permit, in a fixed order.
 * @module
 */

import type { AnyNode } from 'acorn';
import { type Edit, editsOf, isMessage } from './operators.ts';
import { childrenOf, type ParsedModule, parseModule } from './syntax.ts';

/** A change by its source text, which stays the same when other lines of the module change. */
export interface NamedChange {
  /** The compiled module, relative to `dist/reference`. */
  readonly module: string;
  /** The functions and classes around the statement, from the outside, with dots; empty at the top of the module. */
  readonly within: string;
  /** The statement before and after, in one line, without comments and inner blocks. */
  readonly before: string;
  readonly after: string;
  /** 1, or 2 for the second change of the module with the same texts. */
  readonly occurrence: number;
}

/** One change of one module. */
export interface Mutant extends NamedChange {
  /** The module and the number of the mutant in it, as in `tar/header.js#12`. */
  readonly id: string;
  readonly edit: Edit;
  readonly line: number;
}

/** The statement or member that is being walked. */
interface Surroundings {
  readonly statement: AnyNode;
  readonly within: string;
}

/** All mutants of `module` with the source text `source`, in the order of the source. */
export function mutantsOf(module: string, source: string): Mutant[] {
  const parsed = parseModule(source);
  const seen = new Set<string>();
  const changes = changesOf(parsed)
    .filter(({ edit: { start, end, replacement } }) => {
      const key = JSON.stringify([start, end, replacement]);
      return source.slice(start, end) !== replacement && !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.edit.start - b.edit.start || a.edit.end - b.edit.end);
  const occurrences = new Map<string, number>();
  return changes.map(({ edit, statement, within }, i) => {
    const texts = { module, within, ...statementTexts(parsed, statement, edit) };
    const key = JSON.stringify(texts);
    const occurrence = (occurrences.get(key) ?? 0) + 1;
    occurrences.set(key, occurrence);
    const line = source.slice(0, edit.start).split('\n').length;
    return { id: `${module}#${i + 1}`, ...texts, occurrence, edit, line };
  });
}

/** The text of a module with `edit` applied. */
export function applied(source: string, { start, end, replacement }: Edit): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** One line of text that names a change: a key for maps. */
export function nameOf({ module, within, before, after, occurrence }: NamedChange): string {
  return JSON.stringify([module, within, before, after, occurrence]);
}

function changesOf(parsed: ParsedModule): (Surroundings & { readonly edit: Edit })[] {
  const changes: (Surroundings & { readonly edit: Edit })[] = [];
  const visit = (node: AnyNode, parent: AnyNode, outer: Surroundings) => {
    if (isHelper(node)) return;
    const name = nameBelow(node);
    const around = {
      statement: isStatement(node) ? node : outer.statement,
      within: name === undefined ? outer.within : [outer.within, name].filter(text => text !== '').join('.'),
    };
    for (const edit of editsOf(parsed, node, parent)) changes.push({ ...around, edit });
    for (const child of isMessage(node) ? [] : childrenOf(node)) visit(child, node, around);
  };
  visit(parsed.program, parsed.program, { statement: parsed.program, within: '' });
  return changes;
}

/** Whether the compiler added this declaration of a function, such as `__rewriteRelativeImportExtension`. */
function isHelper(node: AnyNode): boolean {
  if (node.type !== 'VariableDeclaration') return false;
  return node.declarations.some(({ id }) => id.type === 'Identifier' && id.name.startsWith('__'));
}

/** Whether a node is shown whole, except for the blocks in it. */
function isStatement({ type }: AnyNode): boolean {
  return (
    (/Statement$|Declaration$/.test(type) && type !== 'BlockStatement') ||
    ['PropertyDefinition', 'MethodDefinition', 'SwitchCase'].includes(type)
  );
}

/** The name that a node gives to everything in it. */
function nameBelow(node: AnyNode): string | undefined {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return node.id?.name;
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return node.key.type === 'PrivateIdentifier'
        ? `#${node.key.name}`
        : 'name' in node.key
          ? node.key.name
          : undefined;
    case 'VariableDeclarator':
      return /Function/.test(node.init?.type ?? '') && node.id.type === 'Identifier'
        ? node.id.name
        : undefined;
    default:
      return undefined;
  }
}

/** The text of a statement before and after an edit in it. */
function statementTexts(
  { source, comments }: ParsedModule,
  statement: AnyNode,
  edit: Edit,
): { readonly before: string; readonly after: string } {
  const cuts = [
    ...comments.map(({ start, end }) => ({ start, end, shown: ' ' })),
    ...blocksIn(statement, edit).map(({ start, end }) => ({ start, end, shown: '{…}' })),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  const text = (start: number, end: number) => {
    let shown = '';
    let at = start;
    for (const cut of cuts) {
      if (cut.start < at || cut.end > end) continue;
      shown += source.slice(at, cut.start) + cut.shown;
      at = cut.end;
    }
    return shown + source.slice(at, end);
  };
  const head = text(statement.start, edit.start);
  const tail = text(edit.end, statement.end);
  return {
    before: oneLine(head + text(edit.start, edit.end) + tail),
    after: oneLine(head + edit.replacement + tail),
  };
}

/** The outermost blocks in a statement that `edit` is not in. */
function blocksIn(statement: AnyNode, edit: Edit): AnyNode[] {
  const blocks: AnyNode[] = [];
  const visit = (node: AnyNode) => {
    const isBlock = node.type === 'BlockStatement' || node.type === 'ClassBody';
    if (isBlock && !(node.start <= edit.start && edit.end <= node.end)) blocks.push(node);
    else for (const child of childrenOf(node)) visit(child);
  };
  visit(statement);
  return blocks;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
