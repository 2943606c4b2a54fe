import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { device, dir, file, link, merge, symlink } from '../arbitrary-tree.test.helper.ts';
import { ascii } from '../bytes.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Directory } from '../tree/inode.ts';
import { lineTypeOf } from './contexts.ts';
import { labelsOf } from './label.ts';
import { labelTree } from './label-tree.ts';
import type { MatchLimits } from './match.ts';
import { namesInTree, pathOf } from './names.ts';
import { latin, type PolicyTexts, plainLabel, policyFrom } from './policies.test.helper.ts';

/** The label of each path, or what is wrong. */
function labels(tree: Directory, texts: PolicyTexts, limits?: MatchLimits): Record<string, string> {
  const { names, decide } = labelsOf(tree, policyFrom(texts), limits);
  return Object.fromEntries(
    names.map((name, i) => {
      const { label, disagreement } = decide(i);
      return [pathOf(name), disagreement ?? label ?? '-'];
    }),
  );
}

test('the example of the chapter', async () => {
  const tree = await merge([
    dir('usr'),
    dir('usr/bin'),
    file('usr/bin/tool'),
    dir('var'),
    dir('var/cache'),
    file('var/cache/x'),
  ]);
  expect(labels(tree, { file_contexts: example('selinux-contexts') })).toMatchObject({
    '/': 'system_u:object_r:root_t:s0',
    '/usr/bin': 'system_u:object_r:default_t:s0',
    '/usr/bin/tool': 'system_u:object_r:bin_t:s0',
    '/var/cache': 'system_u:object_r:default_t:s0',
    '/var/cache/x': '-',
  });
});

test('each kind of inode has its type', async () => {
  const tree = await merge([dir('d'), file('f'), symlink('l', 'x'), device('c', 0)]);
  const file_contexts = ['--', '-d', '-l', '-c'].map(type => `/.* ${type} x${type}\n`).join('');
  expect(labels(tree, { file_contexts })).toEqual({
    '/': 'x-d',
    '/c': 'x-c',
    '/d': 'x-d',
    '/f': 'x--',
    '/l': 'x-l',
  });
});

describe('the message of a path that is rejected', () => {
  test.each<[string, PolicyTexts, string]>([
    [
      'names both lines',
      { file_contexts: '/a exact\n/.* all\n' },
      'composefs-rs gives it "all" (line 2 of file_contexts), and libselinux "exact" (line 1 of file_contexts)',
    ],
    [
      'says that no line fits',
      { file_contexts: '/x any\n', 'file_contexts.subs': '/a /x\n', 'file_contexts.subs_dist': '/a /y\n' },
      'composefs-rs gives it no label, because no line fits, and libselinux "any" (line 1 of file_contexts)',
    ],
    [
      'names exact lines with different labels',
      { file_contexts: '/a b\n/a c\n' },
      'line 1 of file_contexts and line 2 of file_contexts are exact and give "b" and "c"',
    ],
    [
      'names a line whose start is missing',
      { 'file_contexts.local': '\n/x/*.* b\n/x/*.* b\n', 'file_contexts.subs_dist': '/a /xa\n' },
      'line 3 of file_contexts.local fits without the "/" that it repeats',
    ],
    [
      'names a line without a label that hides another one',
      { file_contexts: '/(.*)a?/? <<none>>\n.* b\n' },
      'line 2 of file_contexts gives "b", but libselinux stops at line 1 of file_contexts, which gives no label',
    ],
  ])('%s', async (_, texts, message) => {
    const tree = await merge([file('a')]);
    expect(labels(tree, texts)['/a']).toContain(message);
  });

  test('has the path and the code', async () => {
    const tree = await merge([dir('d'), file('d/a')]);
    expect(() => labelTree(tree, policyFrom({ file_contexts: '/d/a x\n/.* y\n' }))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^transform: entry "\/d\/a": composefs-rs .* \(TRANSFORM_LABEL\)$/),
      }),
    );
  });
});

test('a path that ends with a newline is rejected, even if no line fits', async () => {
  const tree = await merge([file('a\n')]);
  expect(() => labelTree(tree, policyFrom({}))).toThrow(expect.objectContaining({ code: 'TRANSFORM_LABEL' }));
});

describe('hard links', () => {
  const labelled = async (lines: string, ...entries: TarEntry[]) => {
    const tree = await merge(entries);
    const split = labelTree(tree, policyFrom({ file_contexts: lines }));
    const inodes = new Map<unknown, string[]>();
    for (const name of namesInTree(tree, policyFrom({}).aliases).slice(1)) {
      const label = name.inode.xattrs.get(ascii('security.selinux')) ?? '-';
      const known = inodes.get(name.inode) ?? [label];
      inodes.set(name.inode, [...known, pathOf(name)]);
    }
    return { inodes: [...inodes.values()], split: split.map(({ path, first }) => `${path} of ${first}`) };
  };

  test('the example of the chapter', async () => {
    const names = ['b', 'c', 'd'].map(name => link(name, 'a'));
    expect(await labelled('/[ad] A\n/[bc] B\n', file('a', 'content'), ...names)).toEqual({
      inodes: [
        ['A', '/a', '/d'],
        ['B', '/b'],
        ['B', '/c'],
      ],
      split: ['/b of /a', '/c of /a'],
    });
  });

  test('a first name without a label', async () => {
    const names = ['b', 'c'].map(name => link(name, 'a'));
    expect((await labelled('/b B\n', file('a'), ...names)).inodes).toEqual([
      ['-', '/a', '/c'],
      ['B', '/b'],
    ]);
  });

  test('children of a come before a-', async () => {
    const names = [link('a-', 'a/x'), link('b', 'a/x')];
    expect((await labelled('/a(/x)? A\n/b A\n/a- B\n', dir('a'), file('a/x'), ...names)).inodes).toEqual([
      ['A', '/a'],
      ['A', '/a/x', '/b'],
      ['B', '/a-'],
    ]);
  });

  test('a new leaf keeps the other attributes', async () => {
    const xattrs = new Map([[ascii('security.capability'), ascii('c')]]);
    const tree = await merge([file('a', 'content', { uid: 3, xattrs }), link('b', 'a')]);
    labelTree(tree, policyFrom({ file_contexts: '/a A\n/b B\n' }));
    expect(tree.children.get(ascii('b'))).toEqual({
      ...tree.children.get(ascii('a')),
      xattrs: new Map([...xattrs, [ascii('security.selinux'), ascii('B')]]),
    });
  });
});

/** Patterns and paths from few bytes, so that they often match. */
const atoms = ['a', 'b', '/', '/', '.', '[ab]', '[^a]', '\\.', '(a|b/)', '(/b)', '(|a)', '(a*|b)', '(/a?)'];
const repeats = ['', '', '', '', '?', '*', '+', '*?'];
const pattern = fc
  .tuple(
    fc.constantFrom('/', '/', '/', ''),
    fc.array(fc.tuple(fc.constantFrom(...atoms), fc.constantFrom(...repeats)), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.constantFrom('', '.*'),
  )
  .map(([start, parts, end]) => start + parts.map(part => part.join('')).join('') + end);
const exact = fc
  .array(fc.constantFrom('/a', '/b', '/\\.'), { minLength: 1, maxLength: 3 })
  .map(parts => parts.join(''));
const contexts = (most: number) =>
  fc
    .array(
      fc.tuple(
        fc.oneof(pattern, pattern, exact),
        fc.constantFrom(' ', ' ', ' -- ', ' -d '),
        fc.constantFrom('A', 'A', 'B', '<<none>>'),
      ),
      { maxLength: most },
    )
    .map(lines => lines.map(line => `${line.join('')}\n`).join(''));
const aliasPath = fc
  .array(fc.constantFrom('/a', '/b', '/a.'), { minLength: 1, maxLength: 3 })
  .map(names => names.join(''));
const aliases = fc
  .array(fc.tuple(aliasPath, fc.oneof(aliasPath, fc.constant('/'))), { maxLength: 3 })
  .map(lines => lines.map(line => `${line.join(' ')}\n`).join(''));
const policies = fc.record({
  file_contexts: contexts(6),
  'file_contexts.local': contexts(2),
  'file_contexts.homedirs': contexts(2),
  'file_contexts.subs': aliases,
  'file_contexts.subs_dist': aliases,
});
const names = ['a', 'b', 'a.', 'ab', '\xff'];
const paths = fc.array(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});

test('gives what the rules give one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      policies,
      paths,
      fc.constantFrom(1, 10, 1000),
      fc.constantFrom(0, 1e6),
      async (texts, list, group, cache) => {
        const root = await merge([]);
        for (const path of list) addPath(root, path);
        const { names, decide } = labelsOf(root, policyFrom(texts), { group, cache });
        for (const [i, name] of names.entries()) {
          const { label, disagreement } = decide(i);
          const expected = plainLabel(pathOf(name), lineTypeOf[name.inode.kind], texts);
          if (expected?.startsWith('SELINUX')) expect(disagreement, pathOf(name)).toBeDefined();
          else expect([disagreement, label], pathOf(name)).toEqual([undefined, expected]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** Adds directories, and a file at the end of the path. */
function addPath(root: Directory, path: readonly string[]): void {
  const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: root.mtime, xattrs: root.xattrs };
  let directory = root;
  for (const [i, name] of path.entries()) {
    const child = directory.children.get(latin(name));
    if (child !== undefined && child.kind !== 'directory') return;
    const made: Directory = child ?? { kind: 'directory', ...attributes, children: new Map() };
    if (i === path.length - 1) {
      if (child === undefined) {
        directory.children.set(latin(name), { kind: 'inline', ...attributes, content: new Uint8Array() });
      }
      return;
    }
    directory.children.set(latin(name), made);
    directory = made;
  }
}

describe('steps', () => {
  test('are counted as the chapter says', async () => {
    // Before the first byte `a` and `.` come next, before the second one `.` and `/`, before the third one `.` and `b`.
    const tree = await merge([dir('a'), file('a/b')]);
    const texts = { file_contexts: '/a.* x\n/(.)/b y\n/a z\n' };
    expect(labelsOf(tree, policyFrom(texts)).steps).toBe(2 + (2 + 2));
  });

  test('above the limit reject', async () => {
    const tree = await merge([file('a')]);
    const policy = policyFrom({ file_contexts: '/.* x\n' });
    expect(labelsOf(tree, policy, { steps: 1 }).steps).toBe(1);
    expect(() => labelsOf(tree, policy, { steps: 0 })).toThrow(
      expect.objectContaining({ code: 'TRANSFORM_LIMIT' }),
    );
  });
});
