/**
 * Digests on the kernel command line (spec/verification.md, "The kernel command line").
 * @module
 */

import { byteString, printable } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { type Algorithm, algorithmParameters, algorithms } from '../fsverity/algorithm.ts';

/** A digest that the machine may be booted with. */
export interface BootDigest {
  /** `any` for the older form, which leaves it open. */
  readonly format: 'v1' | 'v2' | 'any';
  readonly algorithm: Algorithm;
  /** Lower-case hex. */
  readonly digest: string;
  /** Whether a file without fs-verity is allowed: the question mark. */
  readonly optional: boolean;
}

const DIGEST = 'composefs.digest=';
const OLDER = 'composefs=';

/** The digests on a command line, in the order in which they are tried. Throws VERIFY_CMDLINE_FORM. */
export function parseCommandLine(bytes: Uint8Array): BootDigest[] {
  const digests: BootDigest[] = [];
  const seen = new Set<string>();
  let older: BootDigest | undefined;
  let isOver = false;
  for (const argument of split(byteString(bytes))) {
    // VERIFY-043
    const unquoted = argument.replaceAll('"', '');
    if (!unquoted.startsWith(DIGEST) && !unquoted.startsWith(OLDER)) {
      isOver ||= argument === '--';
      continue;
    }
    if (unquoted !== argument) throw refused(argument, 'it is quoted');
    if (isOver) throw refused(argument, 'it stands behind --, where arguments of init are');
    if (argument.startsWith(OLDER)) {
      if (older !== undefined) throw refused(argument, 'composefs= is there already');
      older = parseOlder(argument);
      continue;
    }
    const parsed = parseDigest(argument);
    if (seen.has(parsed.name)) throw refused(argument, `${parsed.name} is there already`);
    seen.add(parsed.name);
    if (parsed.digest !== undefined) digests.push(parsed.digest);
  }
  return older === undefined ? digests : [...digests, older];
}

/** A digest as `cmdline.parse` answers it: `?v1-sha512-12:HEX`. */
export function bootDigestText({ format, algorithm, digest, optional }: BootDigest): string {
  return `${optional ? '?' : ''}${format}-${algorithm.replace('fsverity-', '')}:${digest}`;
}

/** The arguments; white space within double quotes divides none (VERIFY-040). */
function* split(line: string): Generator<string> {
  let argument = '';
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && ' \t\n\f\r'.includes(character)) {
      if (argument !== '') yield argument;
      argument = '';
    } else {
      argument += character;
    }
  }
  if (argument !== '') yield argument;
}

/** VERIFY-041; the digest is absent where the format or the algorithm is unknown (VERIFY-042). */
function parseDigest(argument: string): { name: string; digest: BootDigest | undefined } {
  const match = /^(\?)?(v(?:0|[1-9][0-9]{0,8}))-([a-z0-9]{1,32}-[0-9]{1,9}):([0-9a-f]+)$/.exec(
    argument.slice(DIGEST.length),
  );
  const [, mark, version = '', suffix = '', digest = ''] = match ?? [];
  if (match === null) throw refused(argument, 'it is not [?]vN-HASH-BITS:HEX');
  const name = `${version}-${suffix}`;
  const algorithm = algorithms.find(each => each === `fsverity-${suffix}`);
  if (algorithm === undefined || (version !== 'v1' && version !== 'v2')) return { name, digest: undefined };
  if (digest.length !== algorithmParameters[algorithm].digestSize * 2) {
    throw refused(argument, `${name} has not ${digest.length} hex digits`);
  }
  return { name, digest: { format: version, algorithm, digest, optional: mark !== undefined } };
}

function parseOlder(argument: string): BootDigest {
  const match = /^(\?)?([0-9a-f]{64}|[0-9a-f]{128})$/.exec(argument.slice(OLDER.length));
  const digest = match?.[2];
  if (digest === undefined) throw refused(argument, 'it is not [?] and 64 or 128 lower-case hex digits');
  const algorithm = digest.length === 64 ? 'fsverity-sha256-12' : 'fsverity-sha512-12';
  return { format: 'any', algorithm, digest, optional: match?.[1] !== undefined };
}

function refused(argument: string, why: string): ComposefsError {
  const shown = printable(byteString(new TextEncoder().encode(argument.slice(0, 200))));
  return new ComposefsError('VERIFY_CMDLINE_FORM', `"${shown}": ${why}`);
}
