/**
 * The grammar of digests on the kernel command line.
 * @module
 */

import { bytes } from '../../builder/tar.ts';
import type { Draft, Recipe } from '../../recipe.ts';
import { refusal } from '../seal/parts.ts';

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

/** A command line with these digests, in the order in which they are tried. */
function reads(slug: string, line: string | Uint8Array, digests: readonly string[], facts: Facts): Recipe {
  const value = digests.length === 0 ? 'none' : digests.join(',');
  return recipe(slug, line, facts, { expect: { outcome: 'accept', values: { digests: value } } });
}

/** A command line that is refused. */
function refuses(slug: string, line: string | Uint8Array, control: string, facts: Facts): Recipe {
  const { expect } = refusal('VERIFY_CMDLINE_FORM', '');
  return recipe(slug, line, facts, { expect, control: `cmdline/${control}` });
}

const composefsRs =
  'https://github.com/composefs/composefs-rs/blob/main/crates/composefs-boot/src/cmdline.rs';

export const recipes: readonly Recipe[] = [
  reads('digest', `quiet composefs.digest=v1-sha256-12:${a} rw`, [`v1-sha256-12:${a}`], {
    title: 'An argument says format, algorithm and digest',
    requirements: ['VERIFY-039', 'VERIFY-041', 'VERIFY-040'],
  }),
  reads('digest-sha512', `composefs.digest=v1-sha512-12:${b}\n`, [`v1-sha512-12:${b}`], {
    title: 'A digest may be one by SHA-512',
    requirements: ['VERIFY-041', 'VERIFY-040'],
  }),
  reads('format-v2', `composefs.digest=v2-sha256-12:${a}`, [`v2-sha256-12:${a}`], {
    title: 'A digest may be one of format v2',
    requirements: ['VERIFY-041'],
  }),
  reads('block-size', `composefs.digest=v1-sha256-16:${a}`, [`v1-sha256-16:${a}`], {
    title: 'A digest may be one by blocks of 65536 bytes',
    requirements: ['VERIFY-041'],
  }),
  reads('question-mark', `composefs.digest=?v1-sha256-12:${a}`, [`?v1-sha256-12:${a}`], {
    title: 'A question mark allows a file without fs-verity',
    requirements: ['VERIFY-041'],
  }),
  reads('older', `ro composefs=${b}`, [`any-sha512-12:${b}`], {
    title: 'The older form leaves the format open',
    requirements: ['VERIFY-045', 'VERIFY-039'],
  }),
  reads('older-sha256', `composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'The length of the older form says the algorithm',
    requirements: ['VERIFY-045'],
  }),
  reads('older-question-mark', `composefs=?${a}`, [`?any-sha256-12:${a}`], {
    title: 'The older form has its question mark behind the equals sign',
    requirements: ['VERIFY-041'],
  }),
  reads(
    'order',
    `composefs=${a} composefs.digest=v1-sha512-12:${b} composefs.digest=?v1-sha256-12:${a}`,
    [`v1-sha512-12:${b}`, `?v1-sha256-12:${a}`, `any-sha256-12:${a}`],
    {
      title: 'The older form is tried last, wherever it stands',
      requirements: ['VERIFY-045'],
      links: [composefsRs],
    },
  ),
  reads('none', 'root=/dev/vda2 ro quiet\n', [], {
    title: 'A command line may have no digest',
    requirements: ['VERIFY-039'],
  }),
  reads('empty', '', [], {
    title: 'A command line may be empty',
    requirements: ['VERIFY-039'],
    class: 'EDGE_CASE',
  }),
  reads('white-space', `\t a\r\n\f composefs=${a}\t\n`, [`any-sha256-12:${a}`], {
    title: 'Any white space of ASCII divides arguments',
    requirements: ['VERIFY-040'],
  }),
  reads('vertical-tab', `a\vcomposefs=${a} b`, [], {
    title: 'A vertical tab divides nothing',
    requirements: ['VERIFY-040', 'VERIFY-039'],
    class: 'EDGE_CASE',
    links: [composefsRs],
  }),
  reads('quoted-others', `a="b composefs=${b} c" composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'What stands in the quotes of another argument is no argument',
    requirements: ['VERIFY-040'],
    class: 'HOSTILE',
  }),
  reads('quote-open', `a="b composefs=${a}`, [], {
    title: 'A quote that is not closed takes all of the rest',
    requirements: ['VERIFY-040'],
    class: 'EDGE_CASE',
  }),
  reads(
    'other-names',
    `xcomposefs=1 composefs_digest=2 composefs.digests=3 composefs Composefs=4 rd.composefs=5`,
    [],
    {
      title: 'Names that look alike are other names',
      requirements: ['VERIFY-039'],
    },
  ),
  reads(
    'not-utf8',
    new Uint8Array([0x61, 0xff, 0x20, ...bytes(`composefs=${a}`), 0x20, 0xc3]),
    [`any-sha256-12:${a}`],
    {
      title: 'Other arguments may hold any bytes',
      requirements: ['VERIFY-039', 'VERIFY-040'],
      class: 'EDGE_CASE',
    },
  ),
  reads(
    'unknown-format',
    `composefs.digest=v3-sha256-12:${b} composefs.digest=v1-sha256-12:${a}`,
    [`v1-sha256-12:${a}`],
    {
      title: 'A digest of an unknown format is passed over',
      requirements: ['VERIFY-042'],
    },
  ),
  reads('format-v0', `composefs.digest=v0-sha256-12:${a}`, [], {
    title: 'Format v0 is not one of the command line',
    requirements: ['VERIFY-042'],
    class: 'EDGE_CASE',
    links: [composefsRs],
  }),
  reads('unknown-algorithm', `composefs.digest=v1-blake3-12:00 composefs=${a}`, [`any-sha256-12:${a}`], {
    title: 'A digest by an unknown algorithm is passed over',
    requirements: ['VERIFY-042'],
  }),
  reads('unknown-block-size', `composefs.digest=v1-sha256-14:${a}`, [], {
    title: 'A digest by blocks of another size is passed over',
    requirements: ['VERIFY-042'],
  }),
  reads('before-dashes', `composefs=${a} -- composefs`, [`any-sha256-12:${a}`], {
    title: 'Arguments for init may follow',
    requirements: ['VERIFY-043'],
  }),
  ...(
    [
      ['upper-case', `composefs=${a.toUpperCase()}`, 'older-sha256', 'A digest in upper case'],
      ['short', `composefs=${a.slice(2)}`, 'older-sha256', 'A digest that is too short'],
      ['odd', `composefs=${a}0`, 'older-sha256', 'A digest with a digit too many'],
      ['no-value', 'composefs=', 'older-sha256', 'An argument without a digest'],
      ['two-question-marks', `composefs=??${a}`, 'older-question-mark', 'Two question marks'],
      ['question-mark-behind', `composefs=${a}?`, 'older-question-mark', 'A question mark behind the digest'],
      ['older-with-format', `composefs=v1-sha256-12:${a}`, 'older-sha256', 'A format in the older form'],
      ['comma', `composefs=${a},ro`, 'older-sha256', 'Something behind the digest'],
      ['not-ascii', `composefs=${a}\u00e9`, 'older-sha256', 'A byte that is not ASCII behind the digest'],
      ['vertical-tab-behind', `composefs=${a}\vro`, 'older-sha256', 'A vertical tab behind the digest'],
      ['digest-no-value', 'composefs.digest=', 'digest', 'The first form without a value'],
      ['digest-bare', `composefs.digest=${a}`, 'digest', 'The first form with a bare digest'],
      ['digest-no-hex', 'composefs.digest=v1-sha256-12:', 'digest', 'The first form without digits'],
      [
        'digest-upper-case',
        `composefs.digest=v1-sha256-12:${a.toUpperCase()}`,
        'digest',
        'The first form in upper case',
      ],
      [
        'digest-length',
        `composefs.digest=v1-sha512-12:${a}`,
        'digest-sha512',
        'A digest of another length than its algorithm',
      ],
      [
        'digest-length-block-size',
        `composefs.digest=v1-sha256-16:${b}`,
        'block-size',
        'A digest by larger blocks of another length',
      ],
      [
        'digest-prefix',
        `composefs.digest=v1-fsverity-sha256-12:${a}`,
        'digest',
        'The algorithm by the name that annotations use',
      ],
      ['digest-format-zero', `composefs.digest=v01-sha256-12:${a}`, 'digest', 'A format with a leading zero'],
      ['digest-no-bits', `composefs.digest=v1-sha256:${a}`, 'digest', 'An algorithm without a block size'],
      [
        'digest-question-mark-within',
        `composefs.digest=v1-sha256-12:?${a}`,
        'question-mark',
        'A question mark before the digits',
      ],
      [
        'digest-unknown-no-hex',
        'composefs.digest=v9-x-1:xyz',
        'unknown-format',
        'An unknown format with a value that is no digest',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    refuses(slug, line, control, { title: `${what} is refused`, requirements: ['VERIFY-041'] }),
  ),
  ...(
    [
      ['quoted', `"composefs=${a}"`, 'older-sha256', 'A quoted argument'],
      ['quoted-value', `composefs="${a}"`, 'older-sha256', 'A quoted digest'],
      [
        'quoted-digest',
        `"composefs.digest=v1-sha256-12:${a}"`,
        'digest',
        'A quoted argument of the first form',
      ],
      ['quote-within', `com"pose"fs=${a}`, 'older-sha256', 'An argument with quotes within'],
      ['behind-dashes', `quiet -- composefs=${a}`, 'before-dashes', 'An argument behind two dashes'],
      [
        'behind-dashes-digest',
        `-- x composefs.digest=v1-sha256-12:${a}`,
        'before-dashes',
        'The first form behind two dashes',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    refuses(slug, line, control, {
      title: `${what} is read differently, and refused`,
      requirements: ['VERIFY-043'],
      class: 'HOSTILE',
    }),
  ),
  ...(
    [
      ['twice', `composefs=${a} composefs=${b}`, 'older-sha256', 'The older form is there twice'],
      [
        'twice-same',
        `composefs=${a} composefs=${a}`,
        'older-sha256',
        'The older form is there twice with one digest',
      ],
      [
        'digest-twice',
        `composefs.digest=v1-sha256-12:${a} composefs.digest=?v1-sha256-12:${a}`,
        'digest',
        'Format and algorithm are there twice',
      ],
      [
        'digest-twice-unknown',
        `composefs.digest=v9-sha256-12:00 composefs.digest=v9-sha256-12:00`,
        'unknown-format',
        'An unknown format is there twice',
      ],
    ] as const
  ).map(([slug, line, control, what]) =>
    refuses(slug, line, control, { title: what, requirements: ['VERIFY-044'], class: 'HOSTILE' }),
  ),
];
