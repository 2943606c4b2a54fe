/**
 * Digests of labelled images: labels in the shared attributes, labels of stubs, and inodes of hard links.
 *
 * `mkcomposefs` wrote the image of each tree from its dumpfile, and `composefs-rs` computed the digest of the layout,
 * except where the case says otherwise.
 * @module
 */

import { LayoutBuilder } from '../../builder/layout.ts';
import { concat, entry, pax } from '../../builder/tar.ts';
import { type Draft, type Recipe, stageOf } from '../../recipe.ts';
import { c, d, f, h, type Labelled, layerOf, type PolicyImage } from './parts.ts';

/** Overrides of the default parameters. */
type Params = Readonly<Record<string, string>>;

function draft(facts: PolicyImage, params: Params = {}): Omit<Draft, 'expect'> {
  const layout = new LayoutBuilder();
  layout.index(layout.image({ layers: [{ tar: layerOf(facts) }] }));
  const { title, requirements, class: kind, needs = [] } = facts;
  return {
    title,
    requirements,
    ...(kind !== undefined && { class: kind }),
    op: 'image.digest',
    needs: ['role.merged.bootable', ...needs],
    input: { layout: 'in/layout' },
    params: {
      role: 'merged.bootable',
      transform: 'oci',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
      format: 'v1',
      ...params,
    },
    files: Object.fromEntries(
      Object.entries(layout.files).map(([path, content]) => [`in/layout/${path}`, content]),
    ),
  };
}

/** The case `selinux/digest-<slug>`: the image of the labelled tree has this digest. */
function digest(slug: string, value: string, facts: Labelled, params: Params = {}): Recipe {
  const image = 'mkcomposefs 1.0.8 (the image, from a dumpfile of the tree)';
  return {
    id: `selinux/digest-${slug}`,
    make: () => ({
      ...draft(facts, params),
      expect: { outcome: 'accept', values: { digest: value } },
      confirmedBy: [image, ...(facts.except?.includes('rs') ? [] : ['composefs-rs 0.9.4'])],
    }),
  };
}

/** A file at this path from the root, below directories that have no entries. */
function deepFile(path: string): Uint8Array {
  return concat(pax({ path }), entry({ name: 'f', type: '0', mode: 0o644 }));
}

/** Each byte of this path leads to a state of its own of an engine that keeps sets of places in patterns. */
const deep = `/${'b/'.repeat(128)}${'a/'.repeat(20)}`;

/** The case `selinux/digest-<slug>`: the image is rejected with `code`. */
function rejected(slug: string, code: string, control: string, facts: PolicyImage): Recipe {
  return {
    id: `selinux/digest-${slug}`,
    make: () => ({
      ...draft(facts),
      expect: { outcome: 'reject', stage: stageOf(code), reasons: [code] },
      control: `selinux/digest-${control}`,
    }),
  };
}

/** A label that several inodes share, one that a single inode has, and none for the others. */
const shared: Labelled = {
  title: 'Labels that several inodes have are shared attributes',
  requirements: ['SELINUX-024', 'EROFS-021'],
  main: '/[ab] A\n/c C\n',
  tree: [f('/a'), f('/b', 'x'), d('/c')],
  labels: { '/a': 'A', '/b': 'A', '/c': 'C' },
};

export const recipes: readonly Recipe[] = [
  digest('shared', '4a7205d4de4573c25cc803628e3977bde7b01563c23ad19be8f4d577b93f0463', shared),
  digest(
    'shared-sha512',
    '9cae3aa29d5bde481ba92d34a5af992ba07286fc763abf8fadb59be58ced63d39ff59e96715320964e5b0d59386fc10ba898a157e3833920b20a332ad32efcf4',
    { ...shared, title: 'The digest of a labelled image can use SHA-512', needs: ['digest.sha512-12'] },
    { algorithm: 'fsverity-sha512-12' },
  ),
  digest('stubs', 'e86537364544b72c8c0b21c4b17c215a6bc24abaed7c856fa82941b35ebfe7ba', {
    title: 'Stubs have the label of the root, not that of their paths',
    requirements: ['SELINUX-024', 'EROFS-013'],
    main: '/ -d R\n/0. S\n/0. -c C\n',
    tree: [f('/0a')],
    labels: { '/': 'R', '/0a': 'S' },
  }),
  digest('stubs-without-label', '54e1fc910366c9a6397824dce2cd85138624e4a4e176ee8c48b7eb3e809316bd', {
    title: 'Stubs have no label if the root has none',
    requirements: ['SELINUX-024', 'EROFS-013'],
    class: 'EDGE_CASE',
    main: '/.. C\n/ <<none>>\n',
    tree: [f('/0a')],
    labels: { '/0a': 'C' },
  }),
  digest('device', '7178278212f82f34f9065db4b870fc2ea7a3895329eda9412fdfa5913ea8579b', {
    title: 'A character device 0:0 keeps the label of its path',
    requirements: ['SELINUX-024', 'EROFS-008'],
    class: 'EDGE_CASE',
    main: '/d/.* -- F\n/d/.* -c C\n',
    tree: [c('/d/w', 0, 0), f('/d/f')],
    labels: { '/d/f': 'F', '/d/w': 'C' },
  }),
  digest('links', 'aa409ab89806486089651ef0b6a98dfc00a96bdcd2331c695d09e44a20c1263d', {
    title: 'Hard links with two labels are two inodes of the image',
    requirements: ['SELINUX-025', 'EROFS-017'],
    main: '/[ad] A\n/[bc] B\n',
    tree: [f('/a', 'x'.repeat(65)), h('/b', '/a'), h('/c', '/a'), h('/d', '/a')],
    labels: { '/a': 'A', '/b': 'B', '/c': 'B', '/d': 'A' },
    own: ['/b', '/c'],
  }),
  digest('long-patterns', '12a3e6caa1a759598f2696d5aa80b4516fa30997343b03da83221ba0bcb6036e', {
    title: 'Long patterns between others do not change the labels of a deep tree',
    requirements: ['SELINUX-015', 'SELINUX-018'],
    class: 'LIMIT',
    main: `/a. A\n/n/.* <<none>>\n/d(/d)*(/f)? D\n${deep}. L\n${`/${'z'.repeat(3998)}. Z\n`.repeat(9)}/a2+ B\n/n/x+ N\n`,
    tree: [f('/a1'), f('/a2'), f('/n/x'), f('/n/y')],
    also: [deepFile(`${'d/'.repeat(1000)}f`), deepFile(`${deep.slice(1)}f`)],
    except: ['rs'],
    labels: {},
  }),
  rejected('newline-at-end', 'TRANSFORM_LABEL', 'shared', {
    title: 'An image with a path that programs label differently is rejected',
    requirements: ['SELINUX-023', 'SELINUX-001'],
    main: '/[ab] A\n/c C\n',
    tree: [f('/a'), f('/b', 'x'), d('/c'), f('/e\n')],
  }),
  rejected('policy-malformed', 'TRANSFORM_SELINUX', 'shared', {
    title: 'An image with a malformed policy is rejected',
    requirements: ['SELINUX-014', 'SELINUX-001'],
    main: '/[ab] A\n/c$ C\n',
    tree: [f('/a'), f('/b', 'x'), d('/c')],
  }),
];
