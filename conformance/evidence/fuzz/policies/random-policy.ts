/**
 * Random policies with trees: few names and labels, and paths that are taken from the patterns, so that several lines
 * match a path.
 * @module
 */

import type { ByteString } from '../../../../reference/bytes.ts';
import { RandomBytes } from '../../../generate/random-trees/random-bytes.ts';
import type { Stream } from '../../../generate/random-trees/random-tree.ts';
import {
  type NodeType,
  type PolicyCase,
  type PolicyFile,
  type PolicyLine,
  plainConfig,
  type TreeNode,
} from './policy.ts';
import {
  escaped,
  names,
  oddPattern,
  type RandomPattern,
  shortPattern,
  usualPattern,
} from './random-pattern.ts';

/** The policy and the tree of `seed`. Policies of the stream `common` are sorted as distributions sort theirs. */
export function randomPolicy(stream: Stream, seed: number): PolicyCase {
  return new PolicyDrawer(new RandomBytes(seed, 'policies'), stream).policy();
}

const nodeTypes: readonly NodeType[] = ['-', '-', '-', 'd', 'd', 'l', 'c', 'b', 'p'];
/** The file types of a line, and the type of a file that each fits; no layer has a socket. */
const lineTypes: Readonly<Record<string, NodeType>> = {
  '--': '-',
  '-d': 'd',
  '-l': 'l',
  '-c': 'c',
  '-b': 'b',
  '-p': 'p',
  '-s': '-',
};
const labels = ['A', 'B', 'C', 's:r:a_t:s0', 's:r:b_t:s0-s15:c0.c1023'];
const oddLabels = ['<<NONE>>', '<<none>>x', 'a#b', ':::', '-x', '--', '#', 'A junk', 's:r:\xe9:s0', '"A"'];
const spaces = [' ', ' ', '  ', '\t', ' \t', '\t\t'];
const oddSpaces = ['\x0b', '\x0c', '\r', '\xa0', ' \xc2\xa0'];
const oddLines = [
  '',
  ' ',
  '#',
  '# a\xe9',
  '  # x',
  '/a',
  '/a --',
  '/a -- A junk',
  '/a -x A',
  '/a -dd A',
  '\r',
];
const oddAliases = [
  '/a',
  '/a /b # x',
  '/ /a',
  '/a/ /b',
  '/a /b/',
  '/a /',
  '/a /./b',
  '/a //b',
  'a /b',
  '/a b',
];
const configs = [
  'SELINUX=disabled\nSELINUXTYPE=t\n',
  '# policy\n\nSELINUXTYPE=t',
  ' SELINUXTYPE=t \r\n',
  'selinuxtype=\tt\n',
  '#SELINUXTYPE=u\nSELINUXTYPE=t\n',
];
/** Configs that some program rejects, or that name no policy. */
const oddConfigs = [
  ...['', 'SELINUX=enforcing\n', 'SELINUXTYPE =t\n', 'SELINUXTYPE=\n', 'SELINUXTYPE=t\nSELINUXTYPE=t\n'],
  ...['SELINUXTYPE="t"\n', 'SELINUXTYPE=t u\n', 'SELINUXTYPE=./t\n', 'SELINUXTYPE=t/\n', 'SELINUXTYPE=u\n'],
  ...['export SELINUXTYPE=t\n', '\xe9\nSELINUXTYPE=t\n', 'SELINUXTYPE=t\n\xe9\n', 'SELINUXTYPE=t\xa0\n'],
];

class PolicyDrawer {
  readonly #random: RandomBytes;
  readonly #usual: boolean;
  /** One of this many lines is odd. */
  readonly #odd: number;
  readonly #patterns: { readonly pattern: RandomPattern; readonly type: NodeType | undefined }[] = [];
  readonly #lines: PolicyLine[] = [];

  constructor(random: RandomBytes, stream: Stream) {
    this.#random = random;
    this.#usual = stream === 'common';
    this.#odd = this.#usual ? Number.POSITIVE_INFINITY : random.pick([5, 15, 1000, 1000, 1000]);
  }

  policy(): PolicyCase {
    const random = this.#random;
    if (random.once(6)) return this.#table();
    const contexts = [this.#contexts('file_contexts', 2 + random.below(7))];
    if (random.once(3)) contexts.push(this.#contexts('file_contexts.local', 1 + random.below(2)));
    if (random.once(3)) contexts.push(this.#contexts('file_contexts.homedirs', 1 + random.below(3)));
    if (this.#usual) contexts[0]?.sort(bySpecificity);
    this.#lines.push(...contexts.flat());
    if (random.once(4)) this.#aliases('file_contexts.subs');
    if (random.once(3)) this.#aliases('file_contexts.subs_dist');
    const config = this.#config();
    return { ...(config !== undefined && { config }), lines: this.#lines, nodes: this.#nodes() };
  }

  /** Many short patterns, each in a directory of its own, with names that it may match. */
  #table(): PolicyCase {
    const random = this.#random;
    const nodes: TreeNode[] = [];
    for (let i = 0; i < 30; i++) {
      const { text, sample } = shortPattern(random);
      this.#lines.push({ file: 'file_contexts', text: `/d${i}/x${text} ${i}` as ByteString });
      const bytes = [...random.bytes(3)].filter(byte => ![0x00, 0x0a, 0x2f].includes(byte));
      const endings = [sample(random), sample(random), ...bytes.map(byte => String.fromCharCode(byte))];
      for (const ending of endings) {
        const path = `/d${i}/x${ending}`;
        if (!ending.includes('/') && !ending.endsWith('\n'))
          nodes.push({ path: path as ByteString, type: '-' });
      }
    }
    return { config: plainConfig, lines: this.#lines, nodes };
  }

  #config(): ByteString | undefined {
    const random = this.#random;
    if (this.#isOdd(3)) return random.once(4) ? undefined : (random.pick(oddConfigs) as ByteString);
    return random.once(6) ? (random.pick(configs) as ByteString) : plainConfig;
  }

  /** Whether to do something odd, `more` times as rarely as for lines. */
  #isOdd(more = 1): boolean {
    return this.#odd !== Number.POSITIVE_INFINITY && this.#random.once(this.#odd * more);
  }

  #contexts(file: PolicyFile, count: number): PolicyLine[] {
    const lines: PolicyLine[] = [];
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) {
      const text = this.#line();
      const key = text.replace(/\s\S+$/, '');
      if (this.#usual && seen.has(key)) continue;
      seen.add(key);
      lines.push({ file, text });
    }
    return lines;
  }

  #line(): ByteString {
    const random = this.#random;
    if (this.#isOdd(4)) return random.pick(oddLines) as ByteString;
    const pattern = this.#pattern();
    const type = random.once(3) ? random.pick(Object.keys(lineTypes)) : undefined;
    const label = this.#isOdd(2) ? random.pick(oddLabels) : random.once(8) ? '<<none>>' : random.pick(labels);
    this.#patterns.push({ pattern, type: type === undefined ? undefined : lineTypes[type] });
    const words = [pattern.text, ...(type === undefined ? [] : [type]), label];
    const space = () => (this.#isOdd(3) ? random.pick(oddSpaces) : random.pick(spaces));
    const before = random.once(12) ? ' ' : '';
    return `${before}${words.map((word, i) => (i === 0 ? word : space() + word)).join('')}` as ByteString;
  }

  #pattern(): RandomPattern {
    const random = this.#random;
    if (this.#isOdd()) return oddPattern(random);
    if (random.once(12)) return random.pick(general);
    const known = this.#patterns;
    // A path that another pattern matches, as an exact line.
    if (known.length > 0 && random.once(4)) {
      const path = normalized(random.pick(known).pattern.sample(random));
      if (/^[!-~]+$/.test(path)) return { text: escaped(random, path), sample: () => path };
    }
    return usualPattern(random);
  }

  #aliases(file: PolicyFile): void {
    const random = this.#random;
    for (let count = random.pick([1, 1, 2]); count > 0; count--) {
      const text = this.#isOdd(2) ? random.pick(oddAliases) : `${this.#folder()} ${this.#folder()}`;
      this.#lines.push({ file, text: text as ByteString });
    }
  }

  /** The beginning of a path that a pattern matches, or another folder. */
  #folder(): string {
    const random = this.#random;
    const known = this.#patterns.map(({ pattern }) => pattern);
    const path = known.length > 0 && random.once(2) ? normalized(random.pick(known).sample(random)) : '';
    const parts = path.split('/').slice(1, 2 + random.below(2));
    const text = parts.length === 0 || !/^[!-~]+$/.test(parts.join('')) ? this.#name() : parts.join('/');
    return random.once(5) ? `/${text}/${this.#name()}` : `/${text}`;
  }

  #name(): string {
    return this.#random.pick(names);
  }

  #nodes(): TreeNode[] {
    const random = this.#random;
    const nodes: TreeNode[] = [];
    const add = (path: string, type: NodeType) => {
      if (isAllowed(path) && (random.once(40) || !path.endsWith('\n')))
        nodes.push({ path: path as ByteString, type });
    };
    const aliases = this.#lines
      .filter(({ file }) => file.includes('.subs'))
      .map(({ text }) => text.split(' '));
    for (const { pattern, type } of this.#patterns) {
      for (let count = 1 + random.below(2); count > 0; count--) {
        let path = normalized(pattern.sample(random));
        if (random.once(5)) path = changed(path, random);
        // The same path below an alias.
        for (const [alias = '', target = ''] of aliases) {
          if (target !== '' && `${path}/`.startsWith(`${target}/`) && !random.once(3))
            path = alias + path.slice(target.length);
        }
        add(path, type !== undefined && !random.once(4) ? type : random.pick(nodeTypes));
      }
    }
    for (const [alias = ''] of aliases) if (random.once(2)) add(`${alias}/${this.#name()}`, '-');
    const files = nodes.filter(({ type }) => type !== 'd');
    for (let count = random.once(4) ? 1 + random.below(3) : 0; count > 0 && files.length > 0; count--) {
      const target = random.pick(files).path;
      const path = random.once(2) ? `${target}${this.#name()}` : `/${this.#name()}/${this.#name()}`;
      if (isAllowed(path)) nodes.push({ path: path as ByteString, type: 'h', target });
    }
    return nodes;
  }
}

/** Patterns that match most paths. */
const general: readonly RandomPattern[] = ['/.*', '/', '/.+', '.*', '/(.*)?', '/[^/]+', '/.*/.*'].map(
  text => ({
    text,
    sample: random => `/${random.pick(names)}`,
  }),
);

/** A path without empty names. */
function normalized(path: string): string {
  return `/${path
    .split('/')
    .filter(name => name !== '')
    .join('/')}`;
}

/** Whether a layer can have the path, and the policy is not there. */
function isAllowed(path: string): boolean {
  const parts = path.split('/').slice(1);
  const isName = (part: string) => part !== '' && part !== '.' && part !== '..' && !part.startsWith('.wh.');
  return path.startsWith('/') && parts.every(isName) && path.length < 200 && parts[0] !== 'etc';
}

/** The path with one byte changed, removed or added. */
function changed(path: string, random: RandomBytes): string {
  const at = 1 + random.below(path.length);
  const byte = random.pick(['a', 'b', '.', 'x', '/', '0']);
  const [skip, text] = random.pick([
    [1, byte],
    [1, ''],
    [0, byte],
  ] as const);
  return normalized(path.slice(0, at) + text + path.slice(at + skip));
}

/** Sorts lines by the length of their literal start, and exact lines last. */
function bySpecificity(a: PolicyLine, b: PolicyLine): number {
  return specificity(a.text) - specificity(b.text);
}

function specificity(line: ByteString): number {
  const pattern = line.trim().split(/\s/)[0] ?? '';
  const literal = /^(?:\\.|[^\\.^$?*+|[({])*/s.exec(pattern)?.[0] ?? '';
  return literal.length === pattern.length ? 1000 : literal.length;
}
