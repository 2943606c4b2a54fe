/**
 * What becomes of an archive, for the tests that compare the tables of the chapter with the reader.
 * @module
 */

import { expect } from 'vitest';
import * as tar from '../../conformance/generate/builder/tar.ts';
import { buildTree } from '../build-tree.ts';
import { printDumpfile } from '../dumpfile/print.ts';
import { ComposefsError } from '../errors.ts';

/**
 * An archive that gives the error code of its claim or, if the claim is a word, the same as the control of its table;
 * or an archive `of`, which gives the same as the archive `is`, or the dumpfile or the error code `is`.
 */
export type Probe = Uint8Array | { readonly of: Uint8Array; readonly is: Uint8Array | string };

/** The lines of the tree without its root, or the error code. */
export async function outcome(archive: Uint8Array): Promise<string> {
  async function* whole() {
    yield archive;
  }
  try {
    const tree = await buildTree([whole()], {
      role: 'merged',
      transform: 'none',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
    });
    const [, ...lines] = Buffer.concat([...printDumpfile(tree)])
      .toString()
      .split(/(?<=\n)/);
    return lines.join('');
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

/** Checks that `probe` shows `claim`. */
export async function proveWith(control: Uint8Array, claim: string, probe: Probe): Promise<void> {
  const [code = ''] = /^[A-Z]+_[A-Z_]+/.exec(claim) ?? [];
  const { of, is } = probe instanceof Uint8Array ? { of: probe, is: code || control } : probe;
  expect(await outcome(of), claim).toBe(typeof is === 'string' ? is : await outcome(is));
}

/** Attributes that differ from the defaults, so that a field that is not read is noticed. */
export const usual = { mode: 0o640, uid: 1000, gid: 100, mtime: 5 } as const satisfies tar.Fields;
/** The end of the lines of an entry with these attributes. */
export const usualLine = '1000 100 0 5.0';

/** A header of type `x` with `records`, and the entry that follows. */
export function withRecords(
  records: Readonly<Record<string, tar.Bytes>>,
  ...next: readonly Uint8Array[]
): Uint8Array {
  return tar.concat(tar.pax(records), ...next);
}

/** Bytes that are not valid in any field. */
export const junk = (length: number): Uint8Array => new Uint8Array(length).fill(0xfe);
