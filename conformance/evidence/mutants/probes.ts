/**
 * Probes in a module of the reference: they report which functions run, and for which mutants the changed expression
 * would have had another value. A case in which it never has one cannot kill the mutant (weak mutation testing).
 * @module
 */

import type { AnyNode } from 'acorn';
import { hasEffect } from './effects.ts';
import { applied } from './mutants.ts';
import { comparing, type Edit } from './operators.ts';
import { childrenOf, isFunction, isTest, parseModule } from './syntax.ts';

/** What observes a node. The function with its name is in `probe-runtime.ts`. */
type Observer =
  /** Reports that the node runs. */
  | 'ran'
  /** Compares the value of an expression with that of the changed one. */
  | 'value'
  /** Compares whether an expression is truthy. */
  | 'truth'
  /** Compares the matches of a regular expression. */
  | 'matches';

/** The probe of one change. */
interface Probe {
  readonly observer: Observer;
  readonly node: AnyNode;
  /** The changed source text of the node. */
  readonly changed: string;
}

/** A node with the nodes around it, from the inside. */
type Path = readonly AnyNode[];

/** A module with probes. */
interface ModuleWithProbes<Change> {
  readonly text: string;
  /** The changes that have a probe. */
  readonly observed: readonly Change[];
}

/**
 * A module with a probe for each of `bodies`, which are offsets behind the brace that opens the body of a function, and
 * for each of `changes` that is in a function or changes a regular expression. Other changes have an effect while the
 * module is loaded, and every case can notice them. Each probe reports a number.
 */
export function withProbes<Change extends { readonly edit: Edit }>(
  source: string,
  bodies: ReadonlyMap<number, number>,
  changes: ReadonlyMap<Change, number>,
): ModuleWithProbes<Change> {
  const { program } = parseModule(source);
  const observed: Change[] = [];
  const wrappers = new Map<AnyNode, ((text: string) => string)[]>();
  for (const [change, number] of changes) {
    const probe = probeFor(source, pathTo(program, change.edit), change.edit);
    if (probe === undefined) continue;
    observed.push(change);
    const before = wrappers.get(probe.node) ?? [];
    wrappers.set(probe.node, [...before, text => wrapped(text, probe, number)]);
  }
  const textOf = (node: AnyNode): string => {
    let text = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      // The name in `{ name }` is both key and value.
      if (child.start < at) continue;
      text += source.slice(at, child.start) + textOf(child);
      at = child.end;
    }
    text += source.slice(at, node.end);
    const number = bodies.get(node.start + 1);
    if (node.type === 'BlockStatement' && number !== undefined)
      text = `{ probe.ran(${number}); ${text.slice(1)}`;
    return (wrappers.get(node) ?? []).reduce((inner, wrap) => wrap(inner), text);
  };
  return { text: textOf(program), observed };
}

/** The text of a node with a probe around it. */
function wrapped(text: string, { observer, node, changed }: Probe, number: number): string {
  switch (observer) {
    case 'ran':
      return isStatement(node) ? `{ probe.ran(${number}); ${text} }` : `(probe.ran(${number}), ${text})`;
    case 'value':
    case 'truth':
      return `probe.${observer}(${number}, ${text}, () => (${changed}))`;
    case 'matches':
      return `probe.matches(${number}, ${text}, ${changed})`;
  }
}

/** The nodes that contain a range, from the inside. */
function pathTo(program: AnyNode, { start, end }: Edit): Path {
  const path: AnyNode[] = [];
  for (let node: AnyNode | undefined = program; node !== undefined; ) {
    path.unshift(node);
    node = childrenOf(node).find(child => child.start <= start && end <= child.end);
  }
  return path;
}

function probeFor(source: string, path: Path, edit: Edit): Probe | undefined {
  const [innermost] = path;
  if (innermost?.type === 'Literal' && innermost.regex) {
    return { observer: 'matches', node: innermost, changed: edit.replacement };
  }
  const boundary = path.findIndex(isFunction);
  let found: Probe | undefined;
  for (const [at, node] of path.slice(0, Math.max(boundary, 0)).entries()) {
    if (found !== undefined && !isCalculation(node)) break;
    if (isStatement(node)) return { observer: 'ran', node, changed: '' };
    if (!isReplaceable(path, at)) continue;
    const changed = changedText(source, node, edit);
    if (hasEffect(node, changed)) return found ?? { observer: 'ran', node, changed };
    // A changed operand may make no difference to the condition that it is in.
    found = { observer: isTest(node, path[at + 1]) ? 'truth' : 'value', node, changed };
  }
  return found;
}

function changedText(source: string, { start, end }: AnyNode, edit: Edit): string {
  const { replacement } = edit;
  return applied(source.slice(start, end), { start: edit.start - start, end: edit.end - start, replacement });
}

/** Whether the value of `node` is calculated from others, and usually is not an object. */
function isCalculation(node: AnyNode): boolean {
  if (node.type === 'CallExpression') {
    const { callee } = node;
    return (
      callee.type === 'MemberExpression' && 'name' in callee.property && comparing.has(callee.property.name)
    );
  }
  return /^(?:Binary|Logical|Unary|Conditional|Chain)Expression$/.test(node.type);
}

/** Whether `node` is a statement around which a block is possible. */
function isStatement({ type }: AnyNode): boolean {
  return /Statement$/.test(type) && type !== 'BlockStatement';
}

/** Whether a call can replace `path[at]`. */
function isReplaceable(path: Path, at: number): boolean {
  const [node, parent] = [path[at], path[at + 1]];
  if (node === undefined || parent === undefined || isChained(path, at)) return false;
  if (node.type === 'Identifier') return isTest(node, parent);
  if (!/^(?:\w+Expression|Literal|TemplateLiteral)$/.test(node.type) || isFunction(node)) return false;
  switch (parent.type) {
    case 'AssignmentExpression':
      return node !== parent.left;
    case 'UpdateExpression':
    case 'TaggedTemplateExpression':
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
      return false;
    case 'UnaryExpression':
      return parent.operator !== 'delete';
    case 'CallExpression':
    case 'NewExpression':
      // A method needs its object.
      return node !== parent.callee;
    case 'Property':
    case 'PropertyDefinition':
      return node !== parent.key || parent.computed;
    case 'ForOfStatement':
    case 'ForInStatement':
      return node !== parent.left;
    default:
      return true;
  }
}

/** Whether `path[at]` is a link of `a?.b.c()`, which is replaced as a whole. */
function isChained(path: Path, at: number): boolean {
  const [node, parent] = [path[at], path[at + 1]];
  if (parent?.type === 'ChainExpression') return true;
  const isLink =
    (parent?.type === 'MemberExpression' && parent.object === node) ||
    (parent?.type === 'CallExpression' && parent.callee === node);
  return isLink && isChained(path, at + 1);
}
