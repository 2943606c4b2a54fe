/**
 * Mutation operators: the small changes that a node of the syntax tree permits.
 * @module
 */

import type { AnyNode, AssignmentExpression, BinaryExpression, Literal, LogicalExpression } from 'acorn';
import { regexMutations } from './regex-mutations.ts';
import { type ParsedModule, tokenFrom } from './syntax.ts';

/** A change of a source text: `replacement` instead of the characters from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const comparisons: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '==': ['!='],
  '!=': ['=='],
};

const calculations: Readonly<Record<string, readonly string[]>> = {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
};

/** Methods that are easily mistaken for each other. */
const methods: Readonly<Record<string, string>> = {
  startsWith: 'includes',
  endsWith: 'includes',
  includes: 'startsWith',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
  some: 'every',
  every: 'some',
  find: 'findLast',
  findIndex: 'findLastIndex',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
};

/** Methods whose string arguments are compared with something. */
export const comparing: ReadonlySet<string> = new Set([
  'startsWith',
  'endsWith',
  'includes',
  'indexOf',
  'lastIndexOf',
  'has',
]);

/** Nodes around which an operator keeps its operands without parentheses. */
const separating = new Set([
  ...['IfStatement', 'ReturnStatement', 'ExpressionStatement', 'VariableDeclarator', 'ForStatement'],
  ...['WhileStatement', 'DoWhileStatement', 'AssignmentExpression', 'Property', 'CallExpression'],
]);

/** All changes of `node` itself, which is a child of `parent`. */
export function editsOf(module: ParsedModule, node: AnyNode, parent: AnyNode): Edit[] {
  switch (node.type) {
    case 'BinaryExpression':
      return otherOperators(module, node, parent);
    case 'LogicalExpression':
      return [...otherOperators(module, node, parent), ...operandsAlone(module, node)];
    case 'AssignmentExpression':
      return otherAssignments(module, node);
    case 'UpdateExpression': {
      const operator = node.operator === '++' ? '--' : '++';
      const start = node.prefix ? node.start : node.end - 2;
      return [{ start, end: start + 2, replacement: operator }];
    }
    case 'UnaryExpression':
      if (node.operator !== '!' && node.operator !== '-') return [];
      return [replaced(node, ` ${parenthesized(textOf(module, node.argument))}`)];
    case 'IfStatement':
    case 'ConditionalExpression':
      return [replaced(node.test, 'true'), replaced(node.test, 'false'), ...negated(module, node.test)];
    case 'WhileStatement':
    case 'DoWhileStatement':
      return [replaced(node.test, 'false'), ...negated(module, node.test)];
    case 'ForStatement':
      return node.test ? negated(module, node.test) : [];
    case 'ExpressionStatement':
      return isRemovable(node.expression) ? [replaced(node, ';')] : [];
    case 'ThrowStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return [replaced(node, ';')];
    case 'MemberExpression': {
      const { property, computed } = node;
      if (computed || property.type !== 'Identifier' || !Object.hasOwn(methods, property.name)) return [];
      return [replaced(property, methods[property.name] ?? '')];
    }
    case 'Literal':
      return literalEdits(node, parent);
    default:
      return [];
  }
}

/** Whether everything in `node` only affects a message: the arguments of an error. */
export function isMessage(node: AnyNode): boolean {
  return (
    node.type === 'NewExpression' && node.callee.type === 'Identifier' && /Error$/.test(node.callee.name)
  );
}

function otherOperators(
  module: ParsedModule,
  node: BinaryExpression | LogicalExpression,
  parent: AnyNode,
): Edit[] {
  const { operator, left, right } = node;
  const token = tokenFrom(module, left.end, operator);
  const head = module.source.slice(node.start, token.start);
  const tail = module.source.slice(token.end, node.end);
  const isText = operator === '+' && [left, right].some(isString);
  return othersFor(operator, isText).map(other => {
    const text = `${head}${other}${tail}`;
    return replaced(node, separating.has(parent.type) ? text : parenthesized(text));
  });
}

function othersFor(operator: string, isText: boolean): readonly string[] {
  if (operator === '&&') return ['||'];
  if (operator === '||') return ['&&'];
  return isText ? [] : (comparisons[operator] ?? calculations[operator] ?? []);
}

function isString(node: AnyNode): boolean {
  if (node.type === 'BinaryExpression') return isString(node.left) || isString(node.right);
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

/** One operand without the other. A default that only satisfies the types, such as `?? 0`, is left alone. */
function operandsAlone(module: ParsedModule, node: LogicalExpression): Edit[] {
  const { operator, left, right } = node;
  const isFiller =
    right.type === 'Literal' ||
    (right.type === 'Identifier' && right.name === 'undefined') ||
    (right.type === 'ArrayExpression' && right.elements.length === 0);
  if (operator === '??' && isFiller) return [];
  return [left, right].map(operand => replaced(node, parenthesized(textOf(module, operand))));
}

function otherAssignments(module: ParsedModule, node: AssignmentExpression): Edit[] {
  const operator = node.operator.slice(0, -1);
  const { start, end } = tokenFrom(module, node.left.end, node.operator);
  return (calculations[operator] ?? []).map(other => ({ start, end, replacement: `${other}=` }));
}

/** The opposite of a condition, unless another operator already replaces it by its opposite. */
function negated(module: ParsedModule, test: AnyNode): Edit[] {
  const hasOpposite =
    (test.type === 'BinaryExpression' && Object.hasOwn(comparisons, test.operator)) ||
    (test.type === 'UnaryExpression' && test.operator === '!');
  return hasOpposite ? [] : [replaced(test, `!${parenthesized(textOf(module, test))}`)];
}

/** Whether a module still loads without the statement `expression`: a constructor needs `super()`. */
function isRemovable(expression: AnyNode): boolean {
  switch (expression.type) {
    case 'CallExpression':
      return expression.callee.type !== 'Super';
    case 'AwaitExpression':
    case 'AssignmentExpression':
    case 'UpdateExpression':
    case 'YieldExpression':
      return true;
    default:
      return false;
  }
}

function literalEdits(node: Literal, parent: AnyNode): Edit[] {
  if (isFillerOfElement(node, parent)) return [];
  const { value, regex, bigint } = node;
  if (regex) {
    return regexMutations(regex.pattern).map(pattern => replaced(node, `/${pattern}/${regex.flags}`));
  }
  if (bigint) return neighbours(BigInt(bigint)).map(other => replaced(node, `${other}n`));
  switch (typeof value) {
    case 'boolean':
      return [replaced(node, String(!value))];
    case 'number':
      return neighbours(value).map(other => replaced(node, String(other)));
    case 'string':
      return isCompared(node, parent) ? [replaced(node, JSON.stringify(`${value}~`))] : [];
    default:
      return [];
  }
}

/**
 * Whether `node` is the default of an element of an array, as in `bytes[i] ?? 0`. It only satisfies the types, because
 * the element exists; where it may not, the source says so in another way.
 */
function isFillerOfElement(node: Literal, parent: AnyNode): boolean {
  return (
    parent.type === 'LogicalExpression' &&
    parent.operator === '??' &&
    parent.right === node &&
    parent.left.type === 'MemberExpression' &&
    parent.left.computed
  );
}

/** The numbers next to `value`; 0 has only one, because a negative one is hardly ever a mistake. */
function neighbours(value: number | bigint): readonly (number | bigint)[] {
  if (typeof value === 'bigint') return value === 0n ? [1n] : [value - 1n, value + 1n];
  return value === 0 ? [1] : [value - 1, value + 1];
}

/** Whether a string is compared with something, or is one of a list of strings. */
function isCompared(node: AnyNode, parent: AnyNode): boolean {
  switch (parent.type) {
    case 'BinaryExpression':
      return Object.hasOwn(comparisons, parent.operator) || parent.operator === 'in';
    case 'SwitchCase':
      return parent.test === node;
    case 'ArrayExpression':
      return true;
    case 'CallExpression':
      return (
        parent.callee.type === 'MemberExpression' &&
        parent.callee.property.type === 'Identifier' &&
        comparing.has(parent.callee.property.name)
      );
    default:
      return false;
  }
}

function replaced({ start, end }: AnyNode, replacement: string): Edit {
  return { start, end, replacement };
}

function textOf({ source }: ParsedModule, { start, end }: AnyNode): string {
  return source.slice(start, end);
}

function parenthesized(text: string): string {
  return /^[\w$.]+$/.test(text) ? text : `(${text})`;
}
