/**
 * The trees of the families.
 * @module
 */

import {
  type EntryForm,
  type EntrySpec,
  gnu,
  gnuBase256,
  paxOnly,
  paxReversed,
  paxWhereNeeded,
  spaced,
  ustar,
} from '../../builder/entry-forms.ts';
import { rootWith } from './parts.ts';

/** A tree: its entries, and its dumpfile, which is written by hand. */
export interface Family {
  readonly name: string;
  readonly entries: readonly EntrySpec[];
  /** The forms that can express the entries, by name. */
  readonly forms: Readonly<Record<string, EntryForm>>;
  /** The form for the variants that are not about forms. */
  readonly form: EntryForm;
  readonly transform: 'oci' | 'none';
  readonly tree: readonly string[];
}

const external = (digest: string) => `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;

/** A tree that every form can express, except those of PAX records only. The digests are from fsverity-utils. */
export const system: Family = {
  name: 'system',
  entries: [
    { kind: 'directory', path: 'dev', mode: 0o755 },
    { kind: 'character', path: 'dev/null', mode: 0o666, device: [1, 3] },
    { kind: 'fifo', path: 'dev/pipe', mode: 0o600, mtime: 5 },
    { kind: 'directory', path: 'etc', mode: 0o755, mtime: 1600000000 },
    { kind: 'file', path: 'etc/empty', mode: 0o644 },
    { kind: 'file', path: 'etc/hosts', mode: 0o640, uid: 1, gid: 2, content: 'localhost\n' },
    { kind: 'directory', path: 'tmp', mode: 0o1777, mtime: 6 },
    { kind: 'directory', path: 'usr', mode: 0o555, mtime: 1700000000 },
    { kind: 'directory', path: 'usr/bin', mode: 0o755, uid: 1000, gid: 1000, mtime: 1700000001 },
    { kind: 'file', path: 'usr/bin/tool', mode: 0o4755, mtime: 1700000002, content: 'x'.repeat(100) },
    { kind: 'hardlink', path: 'usr/bin/alias', mode: 0o4755, link: 'usr/bin/tool' },
    { kind: 'directory', path: 'usr/lib', mode: 0o755 },
    { kind: 'file', path: 'usr/lib/lib.so', mode: 0o644, content: 'lib\n'.repeat(40) },
    { kind: 'symlink', path: 'bin', mode: 0o777, mtime: 7, link: 'usr/bin' },
  ],
  forms: { ustar, gnu, pax: paxOnly, 'pax-where-needed': paxWhereNeeded, 'base-256': gnuBase256, spaced },
  form: ustar,
  transform: 'oci',
  tree: [
    '/ 0 40555 6 0 0 0 1700000000.0 - - -',
    '/bin 7 120777 1 0 0 0 7.0 usr/bin - -',
    '/dev 0 40755 2 0 0 0 0.0 - - -',
    '/dev/null 0 20666 1 0 0 259 0.0 - - -',
    '/dev/pipe 0 10600 1 0 0 0 5.0 - - -',
    '/etc 0 40755 2 0 0 0 1600000000.0 - - -',
    '/etc/empty 0 100644 1 0 0 0 0.0 - - -',
    '/etc/hosts 10 100640 1 1 2 0 0.0 - localhost\\n -',
    '/tmp 0 41777 2 0 0 0 6.0 - - -',
    '/usr 0 40555 4 0 0 0 1700000000.0 - - -',
    '/usr/bin 0 40755 2 1000 1000 0 1700000001.0 - - -',
    `/usr/bin/alias 100 104755 2 0 0 0 1700000002.0 ${external('dac5f3c6c05fd30c02ab06d9447b03e0a0e7cbf3353d05b86a67eee17fb1c818')}`,
    '/usr/bin/tool 0 @104755 - - - - 0.0 /usr/bin/alias - -',
    '/usr/lib 0 40755 2 0 0 0 0.0 - - -',
    `/usr/lib/lib.so 160 100644 1 0 0 0 0.0 ${external('1c5abc97463b92099c393ece42f88cdc01179bcb49186502b19c5ab3b707b60c')}`,
  ],
};

const D60 = 'd'.repeat(60);
const E60 = 'e'.repeat(60);
const T100 = 't'.repeat(100);

/** Names that are long or not ASCII, as far as ustar can express them. */
export const names: Family = {
  name: 'names',
  entries: [
    { kind: 'directory', path: 'usr', mode: 0o755 },
    { kind: 'directory', path: `usr/${D60}`, mode: 0o700, mtime: 8 },
    { kind: 'directory', path: `usr/${D60}/${E60}`, mode: 0o755 },
    { kind: 'file', path: `usr/${D60}/${E60}/f`, mode: 0o644, content: 'hello' },
    { kind: 'symlink', path: `usr/${D60}/${E60}/s`, mode: 0o777, link: T100 },
    { kind: 'file', path: 'usr/\u00e4 =\\', mode: 0o644, content: 'x' },
    { kind: 'hardlink', path: `usr/${D60}/${E60}/\u00e4`, mode: 0o644, link: 'usr/\u00e4 =\\' },
  ],
  forms: { ustar, gnu, pax: paxOnly, 'pax-reversed': paxReversed },
  form: gnu,
  transform: 'none',
  tree: [
    rootWith(1),
    '/usr 0 40755 3 0 0 0 0.0 - - -',
    `/usr/${D60} 0 40700 3 0 0 0 8.0 - - -`,
    `/usr/${D60}/${E60} 0 40755 2 0 0 0 0.0 - - -`,
    `/usr/${D60}/${E60}/f 5 100644 1 0 0 0 0.0 - hello -`,
    `/usr/${D60}/${E60}/s 100 120777 1 0 0 0 0.0 ${T100} - -`,
    `/usr/${D60}/${E60}/\\xc3\\xa4 1 100644 2 0 0 0 0.0 - x -`,
    `/usr/\\xc3\\xa4\\x20=\\\\ 0 @100644 - - - - 0.0 /usr/${D60}/${E60}/\\xc3\\xa4 - -`,
  ],
};

const N200 = 'n'.repeat(200);
const T150 = 't'.repeat(150);

/** A tree that only PAX records can express. */
export const attributes: Family = {
  name: 'attributes',
  entries: [
    { kind: 'directory', path: 'd', mode: 0o755 },
    {
      kind: 'file',
      path: 'd/f',
      mode: 0o644,
      uid: 3000000000,
      gid: 3000000001,
      mtime: 1700000000,
      fraction: '123456789',
      content: 'hello',
      xattrs: { 'security.capability': Uint8Array.of(1, 0, 0, 2, 0xff, 10), 'user.empty': '' },
    },
    { kind: 'file', path: `d/${N200}`, mode: 0o600, content: 'world' },
    { kind: 'hardlink', path: 'd/h', mode: 0o600, link: `d/${N200}` },
    {
      kind: 'directory',
      path: 'e',
      mode: 0o711,
      mtime: 9,
      fraction: '500000000',
      xattrs: { 'user.a': 'b=c' },
    },
    { kind: 'symlink', path: 'e/s', mode: 0o777, mtime: 2, fraction: '000000001', link: T150 },
  ],
  forms: { pax: paxOnly, 'pax-reversed': paxReversed, 'pax-where-needed': paxWhereNeeded },
  form: paxOnly,
  transform: 'none',
  tree: [
    rootWith(2),
    '/d 0 40755 2 0 0 0 0.0 - - -',
    '/d/f 5 100644 1 3000000000 3000000001 0 1700000000.123456789 - hello - ' +
      'security.capability=\\x01\\x00\\x00\\x02\\xff\\n user.empty=',
    '/d/h 5 100600 2 0 0 0 0.0 - world -',
    `/d/${N200} 0 @100600 - - - - 0.0 /d/h - -`,
    '/e 0 40711 2 0 0 0 9.500000000 - - - user.a=b\\x3dc',
    `/e/s 150 120777 1 0 0 0 2.1 ${T150} - -`,
  ],
};
