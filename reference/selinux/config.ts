/**
 * The file `/etc/selinux/config`, which names the type of the policy (spec/selinux.md, "The config file").
 * @module
 */

import { type ByteString, excerpt } from '../bytes.ts';
import { isUtf8, linesOf, malformed } from './lines.ts';

const WHITE = '[ \\t\\v\\f\\r]';
const TRIMMED = new RegExp(`^${WHITE}+|${WHITE}+$`, 'g');
const TYPE_LINE = new RegExp(`^SELINUXTYPE(${WHITE}*)=${WHITE}*([^]*)$`, 'i');

/** The type that the config file at `path` names, or undefined if it names none. */
export function policyType(text: ByteString, path: ByteString): ByteString | undefined {
  let type: ByteString | undefined;
  for (const { text: line, location } of linesOf(text, path)) {
    const trimmed = line.replace(TRIMMED, '');
    // SELINUX-005
    if (!isUtf8(line)) throw malformed('the line is not UTF-8', location);
    if (trimmed.startsWith('#')) continue;
    if (/[\0\x80-\xff]/.test(line)) {
      throw malformed('the line contains a NUL or a byte that is not ASCII, but is not a comment', location);
    }
    // SELINUX-006
    const [, white, value] = TYPE_LINE.exec(trimmed) ?? [];
    if (value === undefined) continue;
    // SELINUX-007
    if (white !== '') throw malformed('white space comes between SELINUXTYPE and =', location);
    if (type !== undefined) throw malformed('the file has a second line SELINUXTYPE=', location);
    type = value as ByteString;
    if (!/^[A-Za-z0-9._-]+$/.test(type) || type === '.' || type === '..') {
      throw malformed(`"${excerpt(type)}" cannot be a type of policy`, location);
    }
  }
  return type;
}
