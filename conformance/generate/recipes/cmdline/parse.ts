/**
 * Digests on the kernel command line: grammar, splitting and order.
 * @module
 */

import { bytes } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { rejection } from '../seal/parts.ts';

const a = 'a1'.repeat(32);
const b = 'b2'.repeat(64);

type Facts = Pick<Draft, 'title' | 'requirements'> & Partial<Pick<Draft, 'class' | 'links'>>;

function recipe(
  slug: string,
  line: string | Uint8Array,
  facts: Facts,
  rest: Pick<Draft, 'expect' | 'control'>,
): Recipe {
  return {
    id: `cmdline/${slug}`,
    make: () => ({
      ...facts,
      ...rest,
      op: 'cmdline.parse',
      input: { cmdline: 'in/cmdline' },
      params: {},
      files: { 'in/cmdline': bytes(line) },
    }),
  };
}

/** A command line with these digests, in the order in which a machine tries them (VERIFY-045). */
function reads(slug: string, line: string | Uint8Array, digests: readonly string[], facts: Facts): Recipe {
  const value = digests.length === 0 ? 'none' : digests.join(',');
  return recipe(slug, line, facts, { expect: { outcome: 'accept', values: { digests: value } } });
}

/** A command line that is rejected. */
function rejects(slug: string, line: string | Uint8Array, control: string, facts: Facts): Recipe {
  const { expect } = rejection('VERIFY_CMDLINE_FORM', '');
  return recipe(slug, line, facts, { expect, control: `cmdline/${control}` });
}

const composefsRs =
  'https://github.com/composefs/composefs-rs/blob/main/crates/composefs-boot/src/cmdline.rs';
const ostree = 'https://github.com/ostreedev/ostree/blob/main/src/libotcore/otcore-prepare-root.c';

export const recipes: readonly Recipe[] = [
  reads('digest', `quiet composefs.digest=v1-sha256-12:${a} rw`, [`v1-sha256-12:${a}`], {
    title: 'An argument of the first form gives format, algorithm and digest',
    requirements: ['VERIFY-039', 'VERIFY-041', 'VERIFY-040'],
  }),
  reads('digest-sha512', `composefs.digest=v1-sha512-12:${b}\n`, [`v1-sha512-12:${b}`], {
    title: 'A digest argument can use SHA-512',
    requirements: ['VERIFY-041', 'VERIFY-040'],
  }),
  reads('format-v2', `composefs.digest=v2-sha256-12:${a}`, [`v2-sha256-12:${a}`], {
    title: 'A digest argument can name format v2',
    requirements: ['VERIFY-041'],
  }),
  reads('block-size', `composefs.digest=v1-sha256-16:${a}`, [`v1-sha256-16:${a}`], {
    title: 'A digest argument can use 65536-byte blocks',
    requirements: ['VERIFY-041'],
  }),
  reads('question-mark', `composefs.digest=?v1-sha256-12:${a}`, [`?v1-sha256-12:${a}`], {
    title: 'A question mark permits a file without fs-verity',
    requirements: ['VERIFY-041'],
  }),
  reads('older', `ro composefs=${b}`, [`any-sha512-12:${b}`], {
    title: 'An argument of the second form leaves the format open',
    requirements: ['VERIFY-045', 'VERIFY-039'],
  }),
  reads('older-sha256', `composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'The digest length determines the algorithm of a second-form argument',
    requirements: ['VERIFY-045'],
  }),
  reads('older-question-mark', `composefs=?${a}`, [`?any-sha256-12:${a}`], {
    title: 'A second-form argument can have a question mark after the =',
    requirements: ['VERIFY-041'],
  }),
  reads(
    'order',
    `composefs=${a} composefs.digest=v1-sha512-12:${b} composefs.digest=?v1-sha256-12:${a}`,
    [`v1-sha512-12:${b}`, `?v1-sha256-12:${a}`, `any-sha256-12:${a}`],
    {
      title: 'The digest of the second form comes last, wherever the argument is',
      requirements: ['VERIFY-045'],
      links: [composefsRs],
    },
  ),
  reads('none', 'root=/dev/vda2 ro quiet\n', [], {
    title: 'A command line without digest arguments has no digests',
    requirements: ['VERIFY-039'],
  }),
  reads('empty', '', [], {
    title: 'An empty command line has no digests',
    requirements: ['VERIFY-039'],
    class: 'EDGE_CASE',
  }),
  reads('white-space', `\t a\r\n\f composefs=${a}\t\n`, [`any-sha256-12:${a}`], {
    title: 'Spaces, tabs, LF, FF and CR separate arguments',
    requirements: ['VERIFY-040'],
  }),
  reads(
    'white-space-alone',
    `quiet\tcomposefs.digest=v1-sha256-12:${a}\ncomposefs.digest=v1-sha512-12:${b}\fcomposefs=${a}\rrw`,
    [`v1-sha256-12:${a}`, `v1-sha512-12:${b}`, `any-sha256-12:${a}`],
    {
      title: 'A tab, LF, FF or CR without a space separates arguments',
      requirements: ['VERIFY-040'],
      class: 'EDGE_CASE',
    },
  ),
  reads('vertical-tab', `a\vcomposefs=${a} b`, [], {
    title: 'A vertical tab does not separate arguments',
    requirements: ['VERIFY-040', 'VERIFY-039'],
    class: 'EDGE_CASE',
    links: [composefsRs],
  }),
  reads('quotes-of-others', `a="b  c" composefs=${a} "d e"=f`, [`any-sha256-12:${a}`], {
    title: 'Quotes in other arguments have no effect',
    requirements: ['VERIFY-040', 'VERIFY-056'],
  }),
  reads('quote-open-after', `a="b" composefs=${a} c="d e`, [`any-sha256-12:${a}`], {
    title: 'An unclosed quote after the digest has no effect',
    requirements: ['VERIFY-040', 'VERIFY-056'],
    class: 'EDGE_CASE',
  }),
  reads('quoted-similar-names', `a="b xcomposefs=${b} composefs c" composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'Similar names within quotes have no effect',
    requirements: ['VERIFY-056', 'VERIFY-039'],
    class: 'EDGE_CASE',
  }),
  reads('dashes-of-others', `a="b --c -- d" composefs.x -`, [], {
    title: 'Dashes within quotes have no effect without a digest after them',
    requirements: ['VERIFY-057', 'VERIFY-039'],
    class: 'EDGE_CASE',
  }),
  reads('dashes-within', `a="b --c" --d -"" composefs=${a} "--"`, [`any-sha256-12:${a}`], {
    title: 'Only an argument that is exactly -- ends the arguments of the kernel',
    requirements: ['VERIFY-057', 'VERIFY-043'],
    class: 'EDGE_CASE',
  }),
  reads(
    'other-names',
    `xcomposefs=1 composefs_digest=2 composefs.digests=3 composefs Composefs=4 rd.composefs=5`,
    [],
    {
      title: 'Arguments with similar names are ignored',
      requirements: ['VERIFY-039'],
    },
  ),
  reads(
    'not-utf8',
    new Uint8Array([0x61, 0xff, 0x20, ...bytes(`composefs=${a}`), 0x20, 0xc3]),
    [`any-sha256-12:${a}`],
    {
      title: 'Other arguments can contain any bytes',
      requirements: ['VERIFY-039', 'VERIFY-040'],
      class: 'EDGE_CASE',
    },
  ),
  reads(
    'unknown-format',
    `composefs.digest=v3-sha256-12:${b} composefs.digest=v1-sha256-12:${a}`,
    [`v1-sha256-12:${a}`],
    {
      title: 'A digest with an unknown format is ignored',
      requirements: ['VERIFY-042'],
    },
  ),
  reads('format-v0', `composefs.digest=v0-sha256-12:${a}`, [], {
    title: 'An argument with format v0 is ignored',
    requirements: ['VERIFY-042'],
    class: 'EDGE_CASE',
    links: [composefsRs],
  }),
  reads('unknown-algorithm', `composefs.digest=v1-blake3-12:00 composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'A digest with an unknown algorithm is ignored',
    requirements: ['VERIFY-042'],
  }),
  reads('unknown-block-size', `composefs.digest=v1-sha256-14:${a}`, [], {
    title: 'A digest with an unknown block size is ignored',
    requirements: ['VERIFY-042'],
  }),
  reads(
    'bits-leading-zero',
    `composefs.digest=v1-sha256-012:00 composefs.digest=v1-sha256-12:${a}`,
    [`v1-sha256-12:${a}`],
    {
      title: 'Bits with a leading zero are those of an unknown algorithm',
      requirements: ['VERIFY-042', 'VERIFY-044'],
      class: 'EDGE_CASE',
    },
  ),
  reads('hash-of-one-character', `composefs.digest=v1-a-1:0 composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'The name of an unknown hash function can have one character',
    requirements: ['VERIFY-041', 'VERIFY-042'],
    class: 'LIMIT',
  }),
  reads('hash-of-32-characters', `composefs.digest=v1-${'x'.repeat(32)}-12:00`, [], {
    title: 'The name of an unknown hash function can have 32 characters',
    requirements: ['VERIFY-041', 'VERIFY-042'],
    class: 'LIMIT',
  }),
  reads('bits-of-9-digits', 'composefs.digest=v1-sha256-123456789:00', [], {
    title: 'The bits of an unknown algorithm can have nine digits',
    requirements: ['VERIFY-041', 'VERIFY-042'],
    class: 'LIMIT',
  }),
  reads('format-of-9-digits', `composefs.digest=v999999999-sha256-12:${a}`, [], {
    title: 'The number of an unknown format can have nine digits',
    requirements: ['VERIFY-041', 'VERIFY-042'],
    class: 'LIMIT',
  }),
  reads('before-dashes', `composefs=${a} -- composefs`, [`any-sha256-12:${a}`], {
    title: 'Arguments for init after -- do not affect the digest',
    requirements: ['VERIFY-043'],
  }),
  ...(
    [
      ['upper-case', `composefs=${a.toUpperCase()}`, 'older-sha256', 'A second-form digest in upper case'],
      ['short', `composefs=${a.slice(2)}`, 'older-sha256', 'A digest that is too short'],
      ['odd', `composefs=${a}0`, 'older-sha256', 'A digest with one extra digit'],
      ['no-value', 'composefs=', 'older-sha256', 'A second-form argument without a digest'],
      ['question-mark-behind', `composefs=${a}?`, 'older-question-mark', 'A question mark after the digest'],
      [
        'older-with-format',
        `composefs=v1-sha256-12:${a}`,
        'older-sha256',
        'A format in a second-form argument',
      ],
      ['comma', `composefs=${a},ro`, 'older-sha256', 'A suffix after the digest'],
      ['not-ascii', `composefs=${a}\u00e9`, 'older-sha256', 'A non-ASCII byte after the digest'],
      ['vertical-tab-behind', `composefs=${a}\vro`, 'older-sha256', 'A vertical tab after the digest'],
      ['digest-no-value', 'composefs.digest=', 'digest', 'A first-form argument without a value'],
      ['digest-bare', `composefs.digest=${a}`, 'digest', 'A bare digest in an argument of the first form'],
      [
        'digest-no-hex',
        'composefs.digest=v1-sha256-12:',
        'digest',
        'A first-form argument without hex digits',
      ],
      [
        'digest-upper-case',
        `composefs.digest=v1-sha256-12:${a.toUpperCase()}`,
        'digest',
        'A first-form digest in upper case',
      ],
      ['digest-format-upper-case', `composefs.digest=V1-sha256-12:${a}`, 'digest', 'A format in upper case'],
      ['digest-hash-upper-case', `composefs.digest=v1-SHA256-12:${a}`, 'digest', 'A hash in upper case'],
      [
        'digest-length',
        `composefs.digest=v1-sha512-12:${a}`,
        'digest-sha512',
        'A digest that is too short for its algorithm',
      ],
      [
        'digest-length-block-size',
        `composefs.digest=v1-sha256-16:${b}`,
        'block-size',
        'A digest that is too long for its algorithm',
      ],
      [
        'digest-prefix',
        `composefs.digest=v1-fsverity-sha256-12:${a}`,
        'digest',
        'An algorithm name from annotation keys',
      ],
      [
        'digest-format-zero',
        `composefs.digest=v01-sha256-12:${a}`,
        'digest',
        'A format number with a leading zero',
      ],
      ['digest-no-bits', `composefs.digest=v1-sha256:${a}`, 'digest', 'An algorithm without a block size'],
      [
        'digest-question-mark-within',
        `composefs.digest=v1-sha256-12:?${a}`,
        'question-mark',
        'A question mark directly before the hex digits',
      ],
      [
        'digest-unknown-no-hex',
        'composefs.digest=v9-x-1:xyz',
        'unknown-format',
        'A malformed digest in an unknown format',
      ],
      [
        'digest-after-text',
        `composefs.digest=xv1-sha256-12:${a}`,
        'digest',
        'A character before the format of a first-form digest',
      ],
      [
        'digest-comma',
        `composefs.digest=v1-sha256-12:${a},ro`,
        'digest',
        'A suffix after a first-form digest',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    rejects(slug, line, control, { title: `${what} is rejected`, requirements: ['VERIFY-041'] }),
  ),
  ...(
    [
      [
        'hash-of-33-characters',
        `v1-${'x'.repeat(33)}-12`,
        'hash-of-32-characters',
        'A hash name of 33 characters',
      ],
      ['hash-empty', 'v1--12', 'hash-of-one-character', 'An empty hash name'],
      ['bits-empty', 'v1-sha256-', 'hash-of-one-character', 'An empty block size'],
      ['bits-of-10-digits', 'v1-sha256-1234567890', 'bits-of-9-digits', 'A block size of ten digits'],
      ['format-of-10-digits', 'v1234567890-sha256-12', 'format-of-9-digits', 'A format number of ten digits'],
    ] as const
  ).map(([slug, name, control, what]) =>
    rejects(slug, `composefs.digest=${name}:00`, control, {
      title: `${what} is rejected`,
      requirements: ['VERIFY-041'],
      class: 'LIMIT',
    }),
  ),
  ...(
    [
      [
        'quoted-others',
        `a="b composefs=${b} c" composefs=${a}`,
        'quotes-of-others',
        'A digest argument within the quotes of another argument',
      ],
      ['quote-open', `a="b composefs=${a}`, 'quote-open-after', 'A digest argument after an unclosed quote'],
      [
        'quoted-others-digest',
        `a="b composefs.digest=v1-sha256-12:${a} c"`,
        'quotes-of-others',
        'A first-form argument within the quotes of another one',
      ],
      [
        'quoted-others-same',
        `composefs=${a} a="b composefs=${a} c"`,
        'quotes-of-others',
        'A digest argument that is repeated within quotes',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    rejects(slug, line, control, {
      title: `${what} is rejected`,
      requirements: ['VERIFY-056'],
      class: 'HOSTILE',
      links: [ostree],
    }),
  ),
  ...(
    [
      ['dashes-quoted', `"--" composefs=${a}`, 'A digest argument after a quoted --'],
      ['dashes-quoted-half', `-"-" composefs=${a}`, 'A digest argument after a -- with quotes inside'],
      ['dashes-within-quotes', `a="b -- c" composefs=${a}`, 'A digest argument after a -- within quotes'],
    ] as const
  ).map(([slug, line, what]) =>
    rejects(slug, line, 'dashes-within', {
      title: `${what} is rejected`,
      requirements: ['VERIFY-057'],
      class: 'HOSTILE',
    }),
  ),
  rejects('two-question-marks', `composefs=??${a}`, 'older-question-mark', {
    title: 'Two question marks are rejected',
    requirements: ['VERIFY-041'],
  }),
  ...(
    [
      ['quoted', `"composefs=${a}"`, 'older-sha256', 'A quoted digest argument'],
      ['quoted-value', `composefs="${a}"`, 'older-sha256', 'A quoted digest'],
      [
        'quoted-digest',
        `"composefs.digest=v1-sha256-12:${a}"`,
        'digest',
        'A quoted digest argument of the first form',
      ],
      [
        'quoted-with-other-form',
        `""composefs=xxxxxv1-sha256-12:${a}`,
        'older-sha256',
        'A quoted argument that ends as one of the first form',
      ],
      ['quote-within', `com"pose"fs=${a}`, 'older-sha256', 'A digest argument with quotes inside its name'],
      ['behind-dashes', `quiet -- composefs=${a}`, 'before-dashes', 'A digest argument after --'],
      [
        'behind-dashes-digest',
        `-- x composefs.digest=v1-sha256-12:${a}`,
        'before-dashes',
        'A digest argument of the first form after --',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    rejects(slug, line, control, {
      title: `${what} is rejected`,
      requirements: ['VERIFY-043'],
      class: 'HOSTILE',
    }),
  ),
  ...(
    [
      [
        'twice',
        `composefs=${a} composefs=${b}`,
        'older-sha256',
        'Two digest arguments of the second form are rejected',
      ],
      [
        'twice-same',
        `composefs=${a} composefs=${a}`,
        'older-sha256',
        'Two second-form arguments with the same digest are rejected',
      ],
      [
        'digest-twice',
        `composefs.digest=v1-sha256-12:${a} composefs.digest=?v1-sha256-12:${a}`,
        'digest',
        'Two first-form arguments with one format and algorithm are rejected',
      ],
      [
        'digest-twice-unknown',
        `composefs.digest=v9-sha256-12:00 composefs.digest=v9-sha256-12:00`,
        'unknown-format',
        'Two arguments with the same unknown format are rejected',
      ],
    ] as const
  ).map(([slug, line, control, title]) =>
    rejects(slug, line, control, { title, requirements: ['VERIFY-044'], class: 'HOSTILE' }),
  ),
  reads('quotes-four', `a="b"c"d" composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'A digest after an argument with two pairs of quotes is read',
    requirements: ['VERIFY-056'],
    class: 'EDGE_CASE',
  }),
  rejects('quotes-three', `a="b"c"d composefs=${a}`, 'quotes-four', {
    title: 'A digest argument after the third of three quotes is rejected',
    requirements: ['VERIFY-056'],
    class: 'HOSTILE',
    links: [ostree],
  }),
  reads('other-names-digest', `rd.composefs.digest=v1-sha256-12:${a} x=composefs.digest=1`, [], {
    title: 'Arguments that only contain the name of the first form are ignored',
    requirements: ['VERIFY-039'],
    class: 'EDGE_CASE',
  }),
];
