/**
 * The syntax of one compiled module, as acorn parses it, in a form that is easy to walk.
 * @module
 */

import { type AnyNode, type Comment, parse, type Token } from 'acorn';

/** A module with its syntax tree. */
export interface ParsedModule {
  readonly source: string;
  readonly program: AnyNode;
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

/** Parses a module. */
export function parseModule(source: string): ParsedModule {
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  const options = { ecmaVersion: 2023, sourceType: 'module', onToken: tokens, onComment: comments } as const;
  return { source, program: parse(source, options) as AnyNode, tokens, comments };
}

/** The nodes directly below `node`, in the order of the source. */
export function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter(isNode)
    .sort((a, b) => a.start - b.start || a.end - b.end);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The first token from `start` on that `text` spells. */
export function tokenFrom({ source, tokens }: ParsedModule, start: number, text: string): Token {
  let low = 0;
  for (let high = tokens.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? start) < start) low = middle + 1;
    else high = middle;
  }
  const found = tokens.slice(low, low + 50).find(token => source.slice(token.start, token.end) === text);
  if (found === undefined) throw new Error(`bug: no token ${text} from offset ${start} on`);
  return found;
}

/** Whether `node` is a function or method. */
export function isFunction(node: AnyNode): boolean {
  return /Function/.test(node.type);
}

/** Whether only the truth of `node`, a child of `parent`, counts. */
export function isTest(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'UnaryExpression') return parent.operator === '!';
  return 'test' in parent && parent.test === node && parent.type !== 'SwitchCase';
}
