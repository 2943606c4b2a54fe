/**
 * Which policy an image has: the config file, and what is at its path.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { c, d, f, h, type Item, inLayer, l, labelled, p, rejected, utf8, whiteout } from './parts.ts';

const CONFIG = '/etc/selinux/config';
const CONTEXTS = '/etc/selinux/t/contexts/files/file_contexts';

/** A policy with one label, for one file. */
const one = { main: '/a A\n', tree: [f('/a')] };
const oneLabel = { '/a': 'A' };

/** An image with this config, whose file `/a` has a label. */
function config(slug: string, title: string, text: string, requirement: string, type = 't'): Recipe {
  return labelled(`config-${slug}`, {
    title,
    requirements: [requirement],
    ...(slug === 'plain' ? {} : { class: 'EDGE_CASE' as const }),
    config: text,
    type,
    ...one,
    labels: oneLabel,
  });
}

/** An image with this config, which is rejected. The policy is where the value leads, as far as that is possible. */
function malformed(
  slug: string,
  title: string,
  text: string,
  requirement: string,
  type = 't',
  more: readonly Item[] = [],
): Recipe {
  return rejected(`config-${slug}`, 'TRANSFORM_SELINUX', 'config-plain', {
    title,
    requirements: [requirement],
    config: text,
    type,
    ...one,
    tree: [...one.tree, ...more],
  });
}

/** Something else than a file at the path of the config. */
function configItem(slug: string, what: string, item: Item): Recipe {
  return rejected(`config-${slug}`, 'TRANSFORM_SELINUX', 'config-plain', {
    title: `An image with ${what} at /etc/selinux/config is rejected`,
    requirements: ['SELINUX-002'],
    ...one,
    tree: [...one.tree, item],
  });
}

/** An image without a policy. */
const without = { config: null, without: ['/etc/selinux/t'], except: ['old', 'new'] as const, labels: {} };

/** An image without a config, in which something is at a path that libselinux reads without one. */
function byDefault(slug: string, title: string, item: Item, text: string | null = null): Recipe {
  return rejected(`no-type-${slug}`, 'TRANSFORM_SELINUX', 'no-type-directories', {
    title,
    requirements: ['SELINUX-004'],
    config: text,
    without: ['/etc/selinux/t'],
    tree: [item],
  });
}

/** 65,536 bytes, of which the last are the line that names the type. */
const long = (length: number) => `${'#'.repeat(length - 15)}\nSELINUXTYPE=t\n`;

export const recipes: readonly Recipe[] = [
  labelled('small-policy', {
    title: 'The example of the chapter labels every inode',
    requirements: ['SELINUX-001', 'SELINUX-018', 'SELINUX-024'],
    type: 'small',
    config: '# /etc/selinux/config\nSELINUX=enforcing\nSELINUXTYPE=small\n',
    main: `# /etc/selinux/small/contexts/files/file_contexts
/.*                     system_u:object_r:default_t:s0
/etc(/.*)?              system_u:object_r:etc_t:s0
/usr/(s?bin)(/.*)?  --  system_u:object_r:bin_t:s0
/var/cache/.*           <<none>>
/               -d      system_u:object_r:root_t:s0
`,
    tree: [f('/usr/bin/tool'), l('/usr/sbin/tool'), f('/var/cache/x')],
    labels: {
      '/': 'system_u:object_r:root_t:s0',
      '/boot': 'system_u:object_r:default_t:s0',
      '/etc': 'system_u:object_r:etc_t:s0',
      '/etc/selinux': 'system_u:object_r:etc_t:s0',
      '/etc/selinux/config': 'system_u:object_r:etc_t:s0',
      '/etc/selinux/small': 'system_u:object_r:etc_t:s0',
      '/etc/selinux/small/contexts': 'system_u:object_r:etc_t:s0',
      '/etc/selinux/small/contexts/files': 'system_u:object_r:etc_t:s0',
      '/etc/selinux/small/contexts/files/file_contexts': 'system_u:object_r:etc_t:s0',
      '/sysroot': 'system_u:object_r:default_t:s0',
      '/usr': 'system_u:object_r:default_t:s0',
      '/usr/bin': 'system_u:object_r:default_t:s0',
      '/usr/bin/tool': 'system_u:object_r:bin_t:s0',
      '/usr/sbin': 'system_u:object_r:default_t:s0',
      '/usr/sbin/tool': 'system_u:object_r:default_t:s0',
      '/var': 'system_u:object_r:default_t:s0',
      '/var/cache': 'system_u:object_r:default_t:s0',
    },
  }),
  config(
    'plain',
    'A config names the type of the policy',
    'SELINUX=enforcing\nSELINUXTYPE=t\n',
    'SELINUX-006',
  ),
  config(
    'disabled',
    'A policy that is disabled labels the tree as well',
    'SELINUX=disabled\nSELINUXTYPE=t\n',
    'SELINUX-006',
  ),
  config('key-lower-case', 'The key in the config can be in lower case', 'selinuxtype=t\n', 'SELINUX-006'),
  config('key-mixed-case', 'The key in the config can be in mixed case', 'SELinuxType=t\n', 'SELINUX-006'),
  config(
    'white-space',
    'White space around the line and before the type is ignored',
    ' \t\v\f\rSELINUXTYPE= \t\v\f\rt \t\v\f\r\n',
    'SELINUX-006',
  ),
  config(
    'without-final-newline',
    'The last line of a config can lack its newline',
    'SELINUXTYPE=t',
    'SELINUX-006',
  ),
  config(
    'carriage-returns',
    'Lines of a config can end with CR and LF',
    'SELINUX=enforcing\r\nSELINUXTYPE=t\r\n',
    'SELINUX-006',
  ),
  config(
    'comments',
    'Comments in a config have no effect',
    '#SELINUXTYPE=u\n \t# SELINUXTYPE=v\nSELINUXTYPE=t\n#\n\n \n',
    'SELINUX-006',
  ),
  config(
    'comment-utf-8',
    'A comment in a config can have any UTF-8, NUL included',
    `# ${utf8('Größe ✓')} \0\nSELINUXTYPE=t\n`,
    'SELINUX-005',
  ),
  config(
    'similar-keys',
    'Lines of a config that only resemble the key have no effect',
    'SELINUXTYPES=u\nXSELINUXTYPE=u\nexport SELINUXTYPE=u\nSELINUXTYPE\nSELINUXTYPE x=u\nSELINUXTYPE=t\n',
    'SELINUX-006',
  ),
  config(
    'type-characters',
    'A type can have letters, digits, dots, underscores and hyphens',
    'SELINUXTYPE=-A_z..09\n',
    'SELINUX-007',
    '-A_z..09',
  ),
  config('type-three-dots', 'A type can be three dots', 'SELINUXTYPE=...\n', 'SELINUX-007', '...'),
  config('65536', 'A config of 65,536 bytes is read', long(65_536), 'SELINUX-010'),
  rejected('config-65537', 'TRANSFORM_LIMIT', 'config-65536', {
    title: 'A config of 65,537 bytes is rejected',
    requirements: ['SELINUX-010'],
    class: 'LIMIT',
    config: long(65_537),
    ...one,
  }),
  labelled('config-linked', {
    title: 'A config is read if it has several names',
    requirements: ['SELINUX-002', 'SELINUX-008'],
    class: 'EDGE_CASE',
    ...one,
    tree: [...one.tree, h(CONFIG, '/etc/z'), f('/etc/z', 'SELINUXTYPE=t\n')],
    labels: oneLabel,
  }),
  labelled('config-of-lower-layer', {
    title: 'A config can be replaced by an upper layer',
    requirements: ['SELINUX-008'],
    ...one,
    lower: inLayer(d('/etc'), d('/etc/selinux'), f(CONFIG, 'SELINUXTYPE=u\n')),
    labels: oneLabel,
  }),
  labelled('config-deleted', {
    title: 'A config that an upper layer deletes names no policy',
    requirements: ['SELINUX-003', 'MERGE-019'],
    ...one,
    config: null,
    lower: inLayer(d('/etc'), d('/etc/selinux'), f(CONFIG, 'SELINUXTYPE=t\n')),
    also: [whiteout(CONFIG)],
    except: ['old', 'new'],
    labels: {},
  }),
  configItem('symlink', 'a symlink', l(CONFIG, 't/config')),
  configItem('directory', 'a directory', d(CONFIG)),
  configItem('fifo', 'a fifo', p(CONFIG)),
  configItem('device', 'a device', c(CONFIG)),
  rejected('etc-file', 'TRANSFORM_SELINUX', 'no-type-nothing', {
    title: 'An image with a regular file at /etc is rejected',
    requirements: ['SELINUX-002'],
    config: null,
    without: ['/etc/selinux'],
    tree: [f('/etc')],
  }),
  rejected('etc-selinux-fifo', 'TRANSFORM_SELINUX', 'no-type-nothing', {
    title: 'An image with a fifo at /etc/selinux is rejected',
    requirements: ['SELINUX-002'],
    config: null,
    without: ['/etc/selinux/t'],
    tree: [p('/etc/selinux')],
  }),
  labelled('no-type-nothing', {
    title: 'An image without /etc/selinux has no policy',
    requirements: ['SELINUX-003'],
    ...without,
    without: ['/etc/selinux'],
    tree: [d('/etc')],
  }),
  labelled('no-type-elsewhere', {
    title: 'A policy in /usr/etc has no effect',
    requirements: ['SELINUX-003'],
    class: 'EDGE_CASE',
    ...without,
    tree: [
      f('/usr/etc/selinux/config', 'SELINUXTYPE=t\n'),
      f('/usr/etc/selinux/t/contexts/files/file_contexts', '/.* A\n'),
    ],
  }),
  labelled('no-type-other', {
    title: 'Without a config, a policy of another type has no effect',
    requirements: ['SELINUX-003', 'SELINUX-004'],
    class: 'EDGE_CASE',
    config: null,
    main: '/.* A\n',
    except: ['old', 'new'],
    labels: {},
  }),
  labelled('no-type-config', {
    title: 'A config without a type names no policy',
    requirements: ['SELINUX-003', 'SELINUX-006'],
    class: 'EDGE_CASE',
    ...without,
    config: 'SELINUX=enforcing\n#SELINUXTYPE=t\n',
  }),
  labelled('no-type-in-one-line', {
    title: 'A carriage return does not end a line of the config',
    requirements: ['SELINUX-003', 'SELINUX-006'],
    class: 'EDGE_CASE',
    ...without,
    config: 'SELINUX=enforcing\rSELINUXTYPE=t\n',
  }),
  labelled('no-type-directories', {
    title: 'Without a config, directories of the default types have no effect',
    requirements: ['SELINUX-004'],
    class: 'EDGE_CASE',
    ...without,
    tree: ['targeted', 'default'].map(type => d(`/etc/selinux/${type}/contexts/files`)),
  }),
  byDefault(
    'targeted',
    'A policy of type targeted that no config names is rejected',
    f('/etc/selinux/targeted/contexts/files/file_contexts'),
  ),
  byDefault(
    'default',
    'A policy of type default that the config does not name is rejected',
    f('/etc/selinux/default/contexts/files/file_contexts'),
    'SELINUX=enforcing\n',
  ),
  byDefault(
    'contexts-directory',
    'A directory in place of a policy that no config names is rejected',
    d('/etc/selinux/targeted/contexts/files/file_contexts'),
  ),
  byDefault(
    'files-symlink',
    'A symlink to policy files that no config names is rejected',
    l('/etc/selinux/default/contexts/files'),
  ),
  byDefault(
    'contexts-file',
    'A file at contexts of a policy that no config names is rejected',
    f('/etc/selinux/targeted/contexts'),
  ),
  byDefault(
    'type-symlink',
    'A symlink to a policy that no config names is rejected',
    l('/etc/selinux/targeted', '/usr/targeted'),
  ),
  malformed(
    'latin-1-comment',
    'A config with a comment that is not UTF-8 is rejected',
    '# \xe9\nSELINUXTYPE=t\n',
    'SELINUX-005',
  ),
  malformed(
    'surrogate-comment',
    'A config with an encoded surrogate in a comment is rejected',
    '# \xed\xa0\x80\nSELINUXTYPE=t\n',
    'SELINUX-005',
  ),
  malformed(
    'latin-1-last',
    'A config whose last comment is not UTF-8 is rejected',
    'SELINUXTYPE=t\n# \xe9',
    'SELINUX-005',
  ),
  malformed(
    'nul',
    'A config with a NUL in a line is rejected',
    'SELINUX=enforcing\0\nSELINUXTYPE=t\n',
    'SELINUX-005',
  ),
  malformed(
    'not-ascii',
    'A config with UTF-8 outside of comments is rejected',
    `X=${utf8('é')}\nSELINUXTYPE=t\n`,
    'SELINUX-005',
  ),
  malformed(
    'byte-order-mark',
    'A config that begins with a byte order mark is rejected',
    `${utf8('\ufeff')}SELINUX=enforcing\nSELINUXTYPE=t\n`,
    'SELINUX-005',
  ),
  malformed(
    'no-break-space',
    'A config with a no-break space before a second key is rejected',
    `SELINUXTYPE=t\n${utf8('\u00a0')}SELINUXTYPE=u\n`,
    'SELINUX-005',
  ),
  malformed(
    'twice',
    'A config that names the type twice is rejected',
    'SELINUXTYPE=t\nSELINUXTYPE=t\n',
    'SELINUX-007',
  ),
  malformed(
    'twice-other-case',
    'A config that names two types in different case is rejected',
    'SELINUXTYPE=t\nselinuxtype=u\n',
    'SELINUX-007',
    't',
    [f('/etc/selinux/u/contexts/files/file_contexts', '/a A\n')],
  ),
  malformed(
    'space-before-equals',
    'A config with a space before the equals sign is rejected',
    'SELINUXTYPE =t\n',
    'SELINUX-007',
  ),
  malformed(
    'tab-before-equals',
    'A config with a tab before the equals sign, in lower case, is rejected',
    ' selinuxtype\t=t\n',
    'SELINUX-007',
  ),
  malformed('empty-type', 'A config with an empty type is rejected', 'SELINUXTYPE=\n', 'SELINUX-007'),
  malformed('type-dot', 'A config with the type "." is rejected', 'SELINUXTYPE=.\n', 'SELINUX-007'),
  malformed('type-dots', 'A config with the type ".." is rejected', 'SELINUXTYPE=..\n', 'SELINUX-007'),
  malformed(
    'type-dot-with-policy',
    'A config with the type "." is rejected if it leads to a policy',
    'SELINUXTYPE=.\n',
    'SELINUX-007',
    't',
    [f('/etc/selinux/contexts/files/file_contexts', '/a A\n')],
  ),
  malformed(
    'type-dots-with-policy',
    'A config with the type ".." is rejected if it leads to a policy',
    'SELINUXTYPE=..\n',
    'SELINUX-007',
    't',
    [f('/etc/contexts/files/file_contexts', '/a A\n')],
  ),
  malformed(
    'type-quoted',
    'A config with a type in quotes is rejected',
    'SELINUXTYPE="t"\n',
    'SELINUX-007',
    '"t"',
  ),
  malformed(
    'type-comment',
    'A config with a comment behind the type is rejected',
    'SELINUXTYPE=t # t\n',
    'SELINUX-007',
    't # t',
  ),
  malformed(
    'type-slash',
    'A config with a slash behind the type is rejected',
    'SELINUXTYPE=t/\n',
    'SELINUX-007',
  ),
  malformed(
    'type-path',
    'A config with a path in place of the type is rejected',
    'SELINUXTYPE=t/u\n',
    'SELINUX-007',
    't/u',
  ),
  labelled('no-policy-newline', {
    title: 'Without a policy, a path can end with a newline',
    requirements: ['SELINUX-023'],
    class: 'EDGE_CASE',
    ...without,
    tree: [f('/a\n')],
  }),
  labelled('contexts-without-config', {
    title: 'Policy files without a config are ordinary files',
    requirements: ['SELINUX-003', 'SELINUX-004'],
    class: 'EDGE_CASE',
    ...without,
    without: [],
    main: null,
    tree: [d(CONTEXTS), l('/etc/selinux/minimum')],
  }),
];
