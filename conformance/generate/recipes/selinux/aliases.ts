/**
 * Aliases: the walked path and the replaced path of a path.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { d, f, h, type Labelled, l, labelled, type PolicyImage, rejected } from './parts.ts';

/** An image with aliases whose labels are the same by both lookup paths. */
function aliased(
  slug: string,
  title: string,
  image: Omit<Labelled, 'title' | 'requirements'>,
  requirements: readonly string[] = ['SELINUX-016', 'SELINUX-017'],
): Recipe {
  return labelled(`aliases-${slug}`, { title, requirements, ...image });
}

/** An image in which a path has a different label by each of its two lookup paths. */
function ambiguous(
  slug: string,
  control: string,
  title: string,
  image: Omit<PolicyImage, 'title' | 'requirements'>,
): Recipe {
  return rejected(`aliases-${slug}`, 'TRANSFORM_LABEL', `aliases-${control}`, {
    title,
    requirements: ['SELINUX-019', 'SELINUX-016', 'SELINUX-017'],
    ...image,
  });
}

/** Labels for `/t`, `/u`, `/x`, and what is below them. */
const three = '/t(/.*)? T\n/u(/.*)? U\n/x(/.*)? X\n';

/** Aliases in lines of 1,022 bytes, which give the name `f` in `/a` lookup paths of 1,021 and 2,038 bytes. */
const longTargets = { subs: `/a /x/${'d'.repeat(1016)}\n`, subsDist: `/x /${'t'.repeat(1018)}\n` };
const longLookups = [`/x/${'d'.repeat(1016)}/f`, `/${'t'.repeat(1018)}/${'d'.repeat(1016)}/f`] as const;

export const recipes: readonly Recipe[] = [
  aliased('directory', 'An alias counts for its path and all that is below it', {
    main: three,
    subs: '/a /t\n/usr/lib64 /x/lib\n',
    tree: [f('/a/b/f'), f('/ab'), f('/usr/lib64/f')],
    labels: { '/a': 'T', '/a/b': 'T', '/a/b/f': 'T', '/usr/lib64': 'X', '/usr/lib64/f': 'X' },
  }),
  aliased('symlink', 'An alias counts for a symlink with its name', {
    main: three,
    subsDist: '/a /t\n',
    tree: [l('/a', 't'), f('/t/f')],
    labels: { '/a': 'T', '/t': 'T', '/t/f': 'T' },
  }),
  aliased('parent', 'An alias can have its parent as its target', {
    class: 'EDGE_CASE',
    main: '/a A\n/a/f F\n/a/b/f B\n',
    subs: '/a/b /a\n',
    tree: [f('/a/b/f')],
    labels: { '/a': 'A', '/a/b': 'A', '/a/b/f': 'F' },
  }),
  aliased('child', 'An alias can have a path below it as its target', {
    class: 'EDGE_CASE',
    main: '/a A\n/a/b B\n/a/b/f F\n/a/b/b C\n',
    subs: '/a /a/b\n',
    tree: [f('/a/b'), f('/a/f')],
    labels: { '/a': 'B', '/a/b': 'C', '/a/f': 'F' },
  }),
  aliased('itself', 'An alias can have itself as its target', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/t /t\n',
    tree: [f('/t/f')],
    labels: { '/t': 'T', '/t/f': 'T' },
  }),
  aliased(
    'to-root',
    'An alias can have the root as its target',
    {
      class: 'EDGE_CASE',
      main: '/ R\n/f F\n/t T\n//f W\n',
      subs: '/t /\n',
      tree: [f('/t/f'), f('/f')],
      labels: { '/': 'R', '/f': 'F', '/t': 'R', '/t/f': 'F' },
    },
    ['SELINUX-016', 'SELINUX-017', 'SELINUX-013'],
  ),
  aliased('swapped', 'Two aliases can swap their paths', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/t /u\n/u /t\n',
    tree: [f('/t/f'), f('/u/f')],
    labels: { '/t': 'U', '/t/f': 'U', '/u': 'T', '/u/f': 'T' },
  }),
  aliased('deep', 'An alias counts for a path of several components', {
    main: three,
    subsDist: '/a/b/c /t\n',
    tree: [f('/a/b/c/f'), f('/a/b/cc')],
    labels: { '/a/b/c': 'T', '/a/b/c/f': 'T' },
  }),
  aliased('end', 'The last component of an alias alone is not the alias', {
    main: three,
    subs: '/a/u /t\n',
    tree: [f('/u/f')],
    labels: { '/u': 'U', '/u/f': 'U' },
  }),
  aliased('chain-of-one-file', 'A target is not replaced by an alias of the same file', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a /x\n/x /t\n',
    tree: [f('/a/f')],
    labels: { '/a': 'X', '/a/f': 'X' },
  }),
  aliased('chain-backwards', 'A target of subs_dist is not replaced by an alias of subs', {
    class: 'EDGE_CASE',
    main: three,
    subsDist: '/a /x\n',
    subs: '/x /t\n',
    tree: [f('/a/f')],
    labels: { '/a': 'X', '/a/f': 'X' },
  }),
  ambiguous('chain', 'chain-backwards', 'A target that only one family replaces again is rejected', {
    main: three,
    subs: '/a /x\n',
    subsDist: '/x /t\n',
    tree: [d('/a')],
  }),
  aliased('chain-equal', 'A target that only one family replaces again has one label', {
    class: 'EDGE_CASE',
    main: '/[xt](/.*)? T\n',
    subs: '/a /x\n',
    subsDist: '/x /t\n',
    tree: [f('/a/f')],
    labels: { '/a': 'T', '/a/f': 'T' },
  }),
  aliased('inside-equal', 'An alias inside a target has no effect on an equal label', {
    class: 'EDGE_CASE',
    main: '/x/b B\n/t B\n',
    subs: '/a /x\n/x/b /t\n',
    tree: [f('/a/b')],
    labels: { '/a/b': 'B' },
  }),
  aliased(
    'inside-target',
    'An alias of subs_dist replaces the beginning of a target of subs',
    {
      class: 'EDGE_CASE',
      main: '/[xt]/b/e(/.*)? T\n(/y)?/d U\n/z/b/c/d V\n/u V\n',
      subs: '/a /x/b/e\n/c /y/d\n/e /v\n',
      subsDist: '/x /t\n/y /\n/e /z\n/v/b/c/d /u\n',
      tree: [f('/a/f'), f('/c'), f('/e/b/c/d')],
      except: ['rs'],
      labels: { '/a': 'T', '/a/f': 'T', '/c': 'U', '/e/b/c/d': 'V' },
    },
    ['SELINUX-017'],
  ),
  ambiguous('inside', 'inside-equal', 'An alias inside a target with a different label is rejected', {
    main: '/x/b B\n/t T\n',
    subs: '/a /x\n/x/b /t\n',
    tree: [f('/a/b')],
  }),
  aliased('inside-dist', 'A target of subs is replaced by an alias of subs_dist inside it', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a /t\n',
    subsDist: '/t/b /u\n',
    tree: [f('/a/b/f')],
    labels: { '/a': 'T', '/a/b': 'U', '/a/b/f': 'U' },
  }),
  ambiguous('inside-subs', 'inside-dist', 'An alias of subs inside a target of subs_dist is rejected', {
    main: three,
    subs: '/t/b /u\n',
    subsDist: '/a /t\n',
    tree: [d('/a/b')],
  }),
  ambiguous('inside-dist-deep', 'inside-equal', 'An alias deep inside a target of subs_dist is rejected', {
    main: '/x/b(/.*)? B\n/t T\n',
    subsDist: '/a /x\n/x/b/c/d /t\n',
    tree: [f('/a/b/c/d')],
  }),
  aliased('longer-in-dist', 'An alias of subs comes before a longer one of subs_dist', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a /t\n',
    subsDist: '/a/b /u\n',
    tree: [f('/a/b/f')],
    labels: { '/a': 'T', '/a/b': 'T', '/a/b/f': 'T' },
  }),
  ambiguous('longer-in-subs', 'longer-in-dist', 'An alias of subs below one of subs_dist is rejected', {
    main: three,
    subs: '/a/b /u\n',
    subsDist: '/a /t\n',
    tree: [d('/a/b')],
  }),
  aliased('inside-unused', 'An alias inside an alias has no effect on other paths', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a /t\n',
    subsDist: '/t/b /u\n',
    tree: [f('/a/c'), f('/t/b')],
    labels: { '/a': 'T', '/a/c': 'T', '/t': 'T', '/t/b': 'U' },
  }),
  ambiguous('longer-last', 'longer-first', 'An alias below another alias that is used later is rejected', {
    main: three,
    subs: '/a /t\n/a/b /u\n',
    tree: [d('/a/b')],
  }),
  ambiguous(
    'longer-last-deep',
    'longer-first',
    'An alias far below another alias that is used later is rejected',
    { main: three, subs: '/a /t\n/a/b/c /u\n', tree: [d('/a/b/c')] },
  ),
  aliased('longer-first', 'Of an alias and a later one of its parent, the later one counts', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a/b /u\n/a /t\n',
    tree: [f('/a/b/f')],
    labels: { '/a': 'T', '/a/b': 'T', '/a/b/f': 'T' },
  }),
  aliased('twice', 'Of an alias that is twice in a file, the last line counts', {
    class: 'EDGE_CASE',
    main: three,
    subs: '/a /t\n/a /u\n',
    tree: [f('/a/f')],
    labels: { '/a': 'U', '/a/f': 'U' },
  }),
  aliased('twice-in-dist', 'Of an alias that is twice in subs_dist, the last line counts', {
    class: 'EDGE_CASE',
    main: three,
    subsDist: '/a /t\n/a /u\n',
    tree: [f('/a/f')],
    labels: { '/a': 'U', '/a/f': 'U' },
  }),
  aliased('both-files-equal', 'An alias that is in both files can have one label', {
    class: 'EDGE_CASE',
    main: '/[xt](/.*)? T\n',
    subs: '/a /x\n',
    subsDist: '/a /t\n',
    tree: [f('/a/f')],
    labels: { '/a': 'T', '/a/f': 'T' },
  }),
  ambiguous(
    'both-files',
    'both-files-equal',
    'An alias that is in both files, with two labels, is rejected',
    {
      main: three,
      subs: '/a /x\n',
      subsDist: '/a /t\n',
      tree: [f('/a/f')],
    },
  ),
  aliased('both-files-below-equal', 'A path far below an alias of both files can have one label', {
    class: 'EDGE_CASE',
    main: '/[xt](/.*)? T\n/x/b/c T\n',
    subs: '/a /x\n',
    subsDist: '/a /t\n',
    tree: [f('/a/b/c')],
    labels: { '/a': 'T', '/a/b': 'T', '/a/b/c': 'T' },
  }),
  ambiguous(
    'both-files-below',
    'both-files-below-equal',
    'Two labels far below an alias of both files are rejected',
    {
      main: '/[xt](/.*)? T\n/x/b/c X\n',
      subs: '/a /x\n',
      subsDist: '/a /t\n',
      tree: [f('/a/b/c')],
    },
  ),
  aliased('both-files-unlabelled', 'An alias that is in both files can give no label', {
    class: 'EDGE_CASE',
    main: '/t(/.*)? T\n/x(/.*)? <<none>>\n',
    subs: '/a /x\n/b /u\n',
    subsDist: '/a /u\n/b /x\n',
    tree: [f('/a/f'), f('/b/f')],
    except: ['rs'],
    labels: {},
  }),
  ambiguous(
    'both-files-label-last',
    'both-files-unlabelled',
    'A label by the walked path, with no line for the other, is rejected',
    {
      main: '/t(/.*)? T\n/x(/.*)? <<none>>\n',
      subs: '/a /u\n',
      subsDist: '/a /t\n',
      tree: [d('/a')],
    },
  ),
  ambiguous(
    'both-files-label-first',
    'both-files-unlabelled',
    'A label by the replaced path, with no line for the other, is rejected',
    {
      main: '/t(/.*)? T\n/x(/.*)? <<none>>\n',
      subs: '/a /t\n',
      subsDist: '/a /u\n',
      tree: [d('/a')],
    },
  ),
  aliased('long', 'Lookup paths can be longer than lines of aliases', {
    class: 'LIMIT',
    main: `/(x|t+)/d+ A\n${longLookups[0]} B\n${longLookups[1]} B\n`,
    ...longTargets,
    tree: [f('/a/f')],
    except: ['rs'],
    labels: { '/a': 'A', '/a/f': 'B' },
  }),
  ambiguous('long-differing', 'long', 'Two labels by long lookup paths are rejected', {
    class: 'LIMIT',
    main: `/(x|t+)/d+ A\n${longLookups[0]} B\n${longLookups[1]} C\n`,
    ...longTargets,
    tree: [f('/a/f')],
  }),
  aliased('exact', 'An exact line is about the path that an alias gives', {
    main: '/t/.* P\n/t/f E\n/a/f W\n',
    subs: '/a /t\n',
    tree: [f('/a/f'), f('/a/g')],
    labels: { '/a/f': 'E', '/a/g': 'P' },
  }),
  aliased('links', 'Hard links to which an alias gives one label remain links', {
    class: 'EDGE_CASE',
    main: '/t/.* T\n/a/.* A\n',
    subs: '/a /t\n',
    tree: [f('/t/f', 'x'), h('/a/f', '/t/f')],
    labels: { '/a/f': 'T', '/t/f': 'T' },
  }),
  aliased('emptied', 'An alias of an emptied directory counts for the directory', {
    class: 'EDGE_CASE',
    main: three,
    subsDist: '/run /t\n/boot /u\n',
    tree: [d('/run')],
    labels: { '/run': 'T', '/boot': 'U' },
  }),
];
