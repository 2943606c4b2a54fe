/**
 * Which expressions can be evaluated a second time without an effect on the program.
 * @module
 */

import type { AnyNode } from 'acorn';
import { childrenOf, parseModule } from './syntax.ts';

/** Functions and methods that may have an effect. A name too many only makes a probe less precise. */
const effects = [
  ...['next', 'push\\w*', 'pop', 'shift', 'unshift', 'splice', 'add', 'set', 'delete', 'clear', 'fill'],
  ...['copy\\w*', 'sort', 'reverse', 'resolve', 'reject', 'then', 'catch', 'finally', 'return', 'throw'],
  ...['open\\w*', 'close\\w*', 'read\\w*', 'write\\w*', 'mk\\w*', 'rename\\w*', 'unlink\\w*', 'rm\\w*'],
  ...['f?sync\\w*', 'link\\w*', 'flush\\w*', 'send\\w*', 'receive\\w*', 'post\\w*', 'notify\\w*', 'wait\\w*'],
  ...[
    'start',
    'startWorker',
    'end',
    'finish\\w*',
    'run\\w*',
    'use\\w*',
    'load\\w*',
    'import\\w*',
    'spawn\\w*',
    'step',
  ],
  ...['update', 'digest', 'emit', 'store\\w*', 'seek', 'take\\w*', 'skip\\w*', 'append\\w*', 'consume\\w*'],
  ...['expect\\w*', 'accept\\w*', 'advance\\w*', 'report', 'fail', 'note\\w*', 'warn\\w*', 'count\\w*'],
  ...['mark\\w*', 'collect\\w*', 'drain', 'insert\\w*', 'put\\w*', 'remove\\w*', 'register\\w*', 'keep\\w*'],
  ...[
    'save\\w*',
    'remember\\w*',
    'intern\\w*',
    'visit\\w*',
    'walk\\w*',
    'enter\\w*',
    'leave\\w*',
    'grow\\w*',
  ],
  ...[
    'place\\w*',
    'spend',
    'charge',
    'alloc\\w*',
    'encode\\w*',
    'decode\\w*',
    'inflate\\w*',
    'decompress\\w*',
  ],
];
const EFFECT = new RegExp(`^(?:${effects.join('|')})$`);

/** Constructors without an effect. */
const PLAIN = /^(?:Uint8Array|Uint32Array|DataView|Map|Set|Date|\w*Error)$/;

/** Whether the expression `node` may have an effect with the text `changed`. */
export function hasEffect(node: AnyNode, changed: string): boolean {
  if (/^(?:Assignment|Update|Await|Yield)Expression$/.test(node.type)) return true;
  // Private names are valid in a class that declares them, and await and yield in a method of this kind.
  const names = [...new Set(changed.match(/#\w+/g))].map(name => `${name};`).join(' ');
  return mayHaveEffect(parseModule(`class C extends D { ${names} async *m() { (${changed}); } }`).program);
}

function mayHaveEffect(node: AnyNode): boolean {
  switch (node.type) {
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'AssignmentExpression':
    case 'UpdateExpression':
    case 'ImportExpression':
      return true;
    case 'CallExpression':
      if (EFFECT.test(nameOf(node.callee))) return true;
      break;
    case 'NewExpression':
      if (!PLAIN.test(nameOf(node.callee))) return true;
      break;
  }
  return childrenOf(node).some(mayHaveEffect);
}

/** The name of a function or method; empty if it has none. */
function nameOf(callee: AnyNode): string {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression' || callee.computed) return '';
  return 'name' in callee.property ? callee.property.name : '';
}
