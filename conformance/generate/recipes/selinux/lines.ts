/**
 * The lines of the policy files: words, types of inodes, labels, and aliases as they are written.
 * @module
 */

import type { Recipe } from '../../recipe.ts';
import { b, c, d, f, l, labelled, type PolicyImage, p, rejected, utf8 } from './parts.ts';

/** A policy that is accepted, whose file `/a` has a label. */
function accepted(
  slug: string,
  title: string,
  requirement: string,
  files: Pick<PolicyImage, 'main' | 'subs' | 'local'>,
): Recipe {
  return labelled(slug, {
    title,
    requirements: [requirement],
    class: 'EDGE_CASE',
    ...files,
    tree: [f('/a')],
    labels: { '/a': 'A' },
  });
}

/** A policy with a line, in one of its files, that is rejected. */
function malformed(
  slug: string,
  what: string,
  line: string,
  requirement = 'SELINUX-012',
  file: 'main' | 'local' | 'homedirs' | 'subs' | 'subsDist' = 'main',
  kind: PolicyImage['class'] = 'MALFORMED',
): Recipe {
  const aliases = file.startsWith('subs');
  return rejected(`${aliases ? 'alias' : 'line'}-${slug}`, 'TRANSFORM_SELINUX', aliases ? 'alias' : 'line', {
    title: `A policy with ${what} is rejected`,
    requirements: [requirement],
    ...(kind !== undefined && { class: kind }),
    main: '/t A\n',
    [file]: `/t A\n${line}\n`,
    ...(aliases && { [file]: `/a /t\n${line}\n` }),
    tree: [f('/a'), f('/t')],
  });
}

/** One inode of each type that a layer can contain. */
const everyType = [b('/xb'), c('/xc'), d('/xd'), f('/xf'), l('/xl'), p('/xp'), c('/xz', 0, 0)];

/** The target of `/a` in a line of 1,022 bytes. */
const longTarget = `/${'t'.repeat(1018)}`;

const optional = (length: number) => `/ab${'b?'.repeat((length - 3) >> 1)}`;

export const recipes: readonly Recipe[] = [
  labelled('line', {
    title: 'A line is a pattern and a label',
    requirements: ['SELINUX-012'],
    main: '/t A\n',
    local: '/t A\n',
    homedirs: '/t A\n',
    tree: [f('/a'), f('/t')],
    labels: { '/t': 'A' },
  }),
  labelled('types', {
    title: 'A line with a type labels only inodes of this type',
    requirements: ['SELINUX-012', 'SELINUX-018'],
    main: '/x. -- F\n/x. -d D\n/x. -l L\n/x. -c C\n/x. -b B\n/x. -p P\n/x. -s S\n',
    tree: everyType,
    labels: { '/xb': 'B', '/xc': 'C', '/xd': 'D', '/xf': 'F', '/xl': 'L', '/xp': 'P', '/xz': 'C' },
  }),
  ...(
    [
      ['file', '--', 'regular files', { '/xf': 'T' }],
      ['directory', '-d', 'directories', { '/xd': 'T' }],
      ['symlink', '-l', 'symbolic links', { '/xl': 'T' }],
      ['character', '-c', 'character devices', { '/xc': 'T', '/xz': 'T' }],
      ['block', '-b', 'block devices', { '/xb': 'T' }],
      ['fifo', '-p', 'fifos', { '/xp': 'T' }],
      ['socket', '-s', 'sockets', {}],
    ] as const
  ).map(([slug, type, what, labels]) =>
    labelled(`type-${slug}`, {
      title: `A line with the type ${type} is about ${what} only`,
      requirements: ['SELINUX-012'],
      main: `/x. A\n/x. ${type} T\n`,
      tree: everyType,
      labels: {
        '/xb': 'A',
        '/xc': 'A',
        '/xd': 'A',
        '/xf': 'A',
        '/xl': 'A',
        '/xp': 'A',
        '/xz': 'A',
        ...labels,
      },
    }),
  ),
  labelled('type-exact', {
    title: 'An exact line with a type leaves other inodes to other lines',
    requirements: ['SELINUX-018'],
    main: '/x. A\n/xf -d D\n/xd -d D\n',
    tree: [f('/xf'), d('/xd')],
    labels: { '/xf': 'A', '/xd': 'D' },
  }),
  accepted('comments', 'Comments and lines without words have no effect', 'SELINUX-011', {
    main: `# /a B\n \t# /a B\n#/a B\n\n \t\v\f\r\n/a A\n# ${utf8('Größe ✓')} \0\n#`,
  }),
  labelled('empty-first-line', {
    title: 'The config and the policy files can begin with an empty line',
    requirements: ['SELINUX-011', 'SELINUX-006'],
    class: 'EDGE_CASE',
    config: '\nSELINUXTYPE=t\n',
    main: '\n/a A\n',
    local: '\n\n/b B\n',
    subs: '\n/c /a\n',
    tree: ['/a', '/b', '/c'].map(path => f(path)),
    except: ['rs'],
    labels: { '/a': 'A', '/b': 'B', '/c': 'A' },
  }),
  accepted('white-space', 'Words are separated by any white space', 'SELINUX-011', {
    main: ' \t\v\f\r/a \t\v\f\r-- \t\v\f\rA \t\v\f\r\n',
  }),
  accepted('carriage-returns', 'Lines of a policy can end with CR and LF', 'SELINUX-011', {
    main: '# c\r\n\r\n/a A\r\n',
  }),
  accepted('final-newline', 'The last line of a policy can lack its newline', 'SELINUX-011', {
    main: '/a A',
  }),
  labelled('number-signs', {
    title: 'A number sign within a word does not begin a comment',
    requirements: ['SELINUX-011', 'SELINUX-012'],
    class: 'EDGE_CASE',
    main: '/a#b c#d\n/e #f\n',
    tree: [f('/a#b'), f('/e')],
    labels: { '/a#b': 'c#d', '/e': '#f' },
  }),
  labelled('any-label', {
    title: 'A label can be any text',
    requirements: ['SELINUX-012', 'SELINUX-024', 'DUMP-010'],
    class: 'EDGE_CASE',
    main: '/a nonsense\n/b :::\n/c u:r:t:s0-s15:c0.c1023\n/d u:r:t:s0-mls_systemhigh\n/e "a\'\n/f \\x41=~\n/g a-\n/h /h\n',
    tree: ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h'].map(path => f(path)),
    labels: {
      '/a': 'nonsense',
      '/b': ':::',
      '/c': 'u:r:t:s0-s15:c0.c1023',
      '/d': 'u:r:t:s0-mls_systemhigh',
      '/e': '"a\'',
      '/f': '\\x41=~',
      '/g': 'a-',
      '/h': '/h',
    },
  }),
  labelled('none-written-otherwise', {
    title: 'Only <<none>>, written exactly so, means no label',
    requirements: ['SELINUX-012'],
    class: 'EDGE_CASE',
    main: '/a <<NONE>>\n/b <<none>>x\n/c <<None>>\n/d <none>\n/e <<none>>\n',
    tree: ['/a', '/b', '/c', '/d', '/e'].map(path => f(path)),
    labels: { '/a': '<<NONE>>', '/b': '<<none>>x', '/c': '<<None>>', '/d': '<none>' },
  }),
  labelled('label-4000', {
    title: 'A label of 4,000 bytes is set',
    requirements: ['SELINUX-012'],
    class: 'LIMIT',
    main: `/a ${'L'.repeat(4000)}\n`,
    tree: [f('/a')],
    labels: { '/a': 'L'.repeat(4000) },
  }),
  rejected('label-4001', 'TRANSFORM_SELINUX', 'label-4000', {
    title: 'A label of 4,001 bytes is rejected',
    requirements: ['SELINUX-012'],
    class: 'LIMIT',
    main: `/a ${'L'.repeat(4001)}\n`,
    tree: [f('/a')],
  }),
  labelled('pattern-4000', {
    title: 'A pattern of 4,000 bytes is matched',
    requirements: ['SELINUX-012'],
    class: 'LIMIT',
    main: `${optional(3999)}. A\n`,
    tree: [f('/abx')],
    labels: { '/abx': 'A' },
  }),
  rejected('pattern-4001', 'TRANSFORM_SELINUX', 'pattern-4000', {
    title: 'A pattern of 4,001 bytes is rejected',
    requirements: ['SELINUX-012'],
    class: 'LIMIT',
    main: `${optional(3999)}.? A\n`,
    tree: [f('/abx')],
  }),
  malformed('one-word', 'a line of one word', '/b'),
  malformed('type-without-label', 'a type in place of a label', '/b --'),
  malformed('four-words', 'a line of four words', '/b -- B c'),
  malformed('comment-behind', 'a comment behind a label', '/b B #c'),
  malformed('type-unknown', 'a type that does not exist', '/b -x B'),
  malformed('type-upper-case', 'a type in upper case', '/b -D B'),
  malformed('type-hyphen', 'a single hyphen as a type', '/b - B'),
  malformed('type-long', 'a type of two letters', '/b -dd B'),
  malformed('label-hyphen', 'a label that begins with a hyphen', '/b -- -B'),
  malformed('in-local', 'a line of one word in file_contexts.local', '/b', 'SELINUX-012', 'local'),
  malformed('in-homedirs', 'a line of one word in file_contexts.homedirs', '/b', 'SELINUX-012', 'homedirs'),
  malformed('latin-1-comment', 'a comment that is not UTF-8', '# \xe9', 'SELINUX-011'),
  malformed('utf-8-pattern', 'a pattern that is not ASCII', `/${utf8('é')} B`, 'SELINUX-011'),
  malformed('latin-1-pattern', 'a pattern with a byte that is not UTF-8', '/\xe9 B', 'SELINUX-011'),
  malformed('utf-8-label', 'a label that is not ASCII', `/b ${utf8('é')}`, 'SELINUX-011'),
  malformed('no-break-space', 'a no-break space between words', `/b${utf8('\u00a0')}B`, 'SELINUX-011'),
  malformed(
    'no-break-space-behind',
    'a no-break space behind a label',
    `/b B${utf8('\u00a0')}`,
    'SELINUX-011',
  ),
  malformed('byte-order-mark', 'a byte order mark before a line', `${utf8('\ufeff')}/b B`, 'SELINUX-011'),
  malformed('nul', 'a NUL in a label', '/b B\0', 'SELINUX-011'),
  malformed('control', 'a control character in a pattern', '/b\x01 B', 'SELINUX-011'),
  malformed('delete', 'the byte 0x7F in a pattern', '/b\x7f B', 'SELINUX-011'),
  labelled('alias', {
    title: 'A line of an alias file is an alias and its target',
    requirements: ['SELINUX-013', 'SELINUX-017'],
    main: '/t A\n',
    subs: '/a /t\n',
    tree: [f('/a'), f('/t')],
    labels: { '/a': 'A', '/t': 'A' },
  }),
  labelled('alias-lines', {
    title: 'Aliases have comments, white space and CR as other lines',
    requirements: ['SELINUX-011', 'SELINUX-013'],
    class: 'EDGE_CASE',
    main: '/t A\n',
    subs: `# ${utf8('ü')}\r\n\r\n \t/a\v\f/t \r\n/b#c\t/t`,
    tree: [f('/a'), f('/b#c')],
    labels: { '/a': 'A', '/b#c': 'A' },
  }),
  labelled('alias-characters', {
    title: 'An alias and its target are paths, not patterns',
    requirements: ['SELINUX-013', 'SELINUX-016', 'SELINUX-017'],
    class: 'EDGE_CASE',
    main: '/\\[t\\*\\( A\n',
    subs: '/a.\\.* /[t*(\n',
    tree: [f('/a.\\.*'), f('/ab.')],
    labels: { '/a.\\.*': 'A' },
  }),
  labelled('alias-dots-in-names', {
    title: 'The names in an alias and in its target can begin and end with dots',
    requirements: ['SELINUX-013'],
    class: 'EDGE_CASE',
    main: '/t\\.\\./\\.\\.u A\n/b B\n',
    subs: '/... /t../..u\n/.c/d./... /b\n',
    tree: [f('/...'), f('/.c/d./...')],
    except: ['rs'],
    labels: { '/...': 'A', '/.c/d./...': 'B' },
  }),
  labelled('alias-line-1022', {
    title: 'Lines of alias files can have 1,022 bytes',
    requirements: ['SELINUX-028', 'SELINUX-013'],
    class: 'LIMIT',
    main: '/t+ A\n',
    subs: `/a ${longTarget}\n#${'x'.repeat(1021)}\n`,
    subsDist: `#${'x'.repeat(1021)}\n${' '.repeat(1022)}\n/b${' '.repeat(1018)}/t`,
    tree: [f('/a'), f('/b')],
    except: ['rs'],
    labels: { '/a': 'A', '/b': 'A' },
  }),
  ...(
    [
      [
        'alias-line-1023',
        'An alias and its target in a line of 1,023 bytes are',
        'subs',
        `/a ${longTarget}t\n`,
      ],
      [
        'alias-line-1023-short',
        'A line with 1,023 bytes and two short words is',
        'subsDist',
        `/a /t${' '.repeat(1018)}`,
      ],
      [
        'alias-comment-1023',
        'A comment of 1,023 bytes in a file of aliases is',
        'subs',
        `#${'x'.repeat(1022)}\n`,
      ],
    ] as const
  ).map(([slug, what, file, text]) =>
    rejected(slug, 'TRANSFORM_SELINUX', 'alias-line-1022', {
      title: `${what} rejected`,
      requirements: ['SELINUX-028'],
      class: 'LIMIT',
      [file]: text,
      tree: [f('/a')],
    }),
  ),
  malformed('one-word', 'an alias without a target', '/b', 'SELINUX-013', 'subs'),
  malformed('three-words', 'three words in a line of aliases', '/b /t /t', 'SELINUX-013', 'subsDist'),
  malformed('relative', 'a relative alias', 'b /t', 'SELINUX-013', 'subs'),
  malformed('relative-long', 'a relative alias of two components', 'bb/c /t', 'SELINUX-013', 'subs'),
  malformed('relative-target', 'an alias with a relative target', '/b t', 'SELINUX-013', 'subs'),
  malformed('of-root', 'an alias of the root', '/ /t', 'SELINUX-013', 'subsDist'),
  malformed('final-slash', 'an alias that ends with a slash', '/b/ /t', 'SELINUX-013', 'subs'),
  malformed('target-final-slash', 'an alias whose target ends with a slash', '/b /t/', 'SELINUX-013', 'subs'),
  malformed('two-slashes', 'an alias with an empty component', '/b//c /t', 'SELINUX-013', 'subs'),
  malformed('target-two-slashes', 'an alias with two slashes in its target', '/b //t', 'SELINUX-013', 'subs'),
  malformed('dot', 'an alias with a component "."', '/b/./c /t', 'SELINUX-013', 'subs'),
  malformed('dots', 'an alias that ends with ".."', '/b/.. /t', 'SELINUX-013', 'subs'),
  malformed('target-dot', 'an alias whose target ends with "."', '/b /t/.', 'SELINUX-013', 'subs'),
  malformed('target-dots', 'an alias whose target begins with ".."', '/b /../t', 'SELINUX-013', 'subsDist'),
  malformed('utf-8', 'an alias that is not ASCII', `/${utf8('é')} /t`, 'SELINUX-011', 'subs'),
  malformed(
    'latin-1-comment',
    'a comment of an alias file that is not UTF-8',
    '# \xe9',
    'SELINUX-011',
    'subsDist',
  ),
];
