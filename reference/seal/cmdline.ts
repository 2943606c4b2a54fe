/**
 * Digests on the kernel command line (spec/verification.md, "Kernel command line").
 * @module
 */

import { byteString, excerpt } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { type Algorithm, algorithmParameters, algorithms } from '../fsverity/algorithm.ts';

/** A digest on the kernel command line. */
export interface BootDigest {
  /** `any` for the second form of an argument, which does not name a format. */
  readonly format: 'v1' | 'v2' | 'any';
  readonly algorithm: Algorithm;
  /** In lower-case hex. */
  readonly digest: string;
  /** The question mark: whether the machine continues without fs-verity if the file system does not support it. */
  readonly optional: boolean;
}

const FIRST_FORM = 'composefs.digest=';
const SECOND_FORM = 'composefs=';

/**
 * The digests on a command line, in the order in which a machine tries them.
 *
 * @throws ComposefsError VERIFY_CMDLINE_FORM
 */
export function parseCommandLine(bytes: Uint8Array): BootDigest[] {
  const digests: BootDigest[] = [];
  const seen = new Set<string>();
  let secondForm: BootDigest | undefined;
  let isQuoted = false;
  let isAfterSeparator = false;
  // What comes between white space, also within double quotes. A piece that is neither within quotes nor has quotes is
  // an argument (VERIFY-040); in any other piece, a digest is one that only some readers find.
  for (const piece of byteString(bytes).split(/[ \t\n\f\r]+/)) {
    const isWithinQuotes = isQuoted;
    const unquoted = piece.replaceAll('"', '');
    if ((piece.length - unquoted.length) % 2 === 1) isQuoted = !isQuoted;
    if (!unquoted.startsWith(FIRST_FORM) && !unquoted.startsWith(SECOND_FORM)) {
      isAfterSeparator ||= unquoted === '--'; // VERIFY-057
      continue;
    }
    // VERIFY-043
    if (unquoted !== piece) throw malformed(piece, 'the argument contains a double quote');
    if (isAfterSeparator) throw malformed(piece, 'the argument comes after --, among the arguments of init');
    // VERIFY-056
    if (isWithinQuotes) throw malformed(piece, 'the argument is within the double quotes of another one');
    if (piece.startsWith(SECOND_FORM)) {
      if (secondForm !== undefined) throw malformed(piece, 'the command line has two arguments composefs=');
      secondForm = parseSecondForm(piece);
      continue;
    }
    const parsed = parseFirstForm(piece);
    if (seen.has(parsed.name)) throw malformed(piece, `the command line has two digests of ${parsed.name}`);
    seen.add(parsed.name);
    if (parsed.digest !== undefined) digests.push(parsed.digest);
  }
  return secondForm === undefined ? digests : [...digests, secondForm];
}

/** A digest in the form of the result of `cmdline.parse`: `?v1-sha512-12:HEX`. */
export function bootDigestText({ format, algorithm, digest, optional }: BootDigest): string {
  return `${optional ? '?' : ''}${format}-${algorithm.replace('fsverity-', '')}:${digest}`;
}

/** VERIFY-041. The digest is undefined if the format or the algorithm is unknown (VERIFY-042). */
function parseFirstForm(argument: string): { name: string; digest: BootDigest | undefined } {
  const match = /^(\?)?(v(?:0|[1-9][0-9]{0,8}))-([a-z0-9]{1,32}-[0-9]{1,9}):([0-9a-f]+)$/.exec(
    argument.slice(FIRST_FORM.length),
  );
  const [, mark, version = '', suffix = '', digest = ''] = match ?? [];
  if (match === null) throw malformed(argument, `${FIRST_FORM} is not followed by [?]vN-HASH-BITS:HEX`);
  const name = `${version}-${suffix}`;
  const algorithm = algorithms.find(each => each === `fsverity-${suffix}`);
  if (algorithm === undefined || (version !== 'v1' && version !== 'v2')) return { name, digest: undefined };
  if (digest.length !== algorithmParameters[algorithm].digestSize * 2) {
    const digits = algorithmParameters[algorithm].digestSize * 2;
    throw malformed(argument, `a digest of ${name} has ${digits} hex digits, not ${digest.length}`);
  }
  return { name, digest: { format: version, algorithm, digest, optional: mark !== undefined } };
}

function parseSecondForm(argument: string): BootDigest {
  const match = /^(\?)?([0-9a-f]{64}|[0-9a-f]{128})$/.exec(argument.slice(SECOND_FORM.length));
  const digest = match?.[2];
  if (digest === undefined) {
    throw malformed(argument, `${SECOND_FORM} is not followed by [?] and 64 or 128 lower-case hex digits`);
  }
  const algorithm = digest.length === 64 ? 'fsverity-sha256-12' : 'fsverity-sha512-12';
  return { format: 'any', algorithm, digest, optional: match?.[1] !== undefined };
}

function malformed(argument: string, reason: string): ComposefsError {
  const shown = excerpt(byteString(new TextEncoder().encode(argument)));
  return new ComposefsError('VERIFY_CMDLINE_FORM', `"${shown}": ${reason}`);
}
