/**
 * Names of images in a store, and their escaped form as names of files (spec/storage.md, "Names and roots").
 * @module
 */

import { type ByteString, byteString } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { quoted } from '../oci/json.ts';

/** The longest name of a file, in bytes. */
const FILE_NAME_MAX = 255;

/** The file name of a name (STORE-090), or a rejection with STORE_NAME (STORE-013). */
export function escapeTag(tag: string): ByteString {
  const problem = problemOf(tag);
  if (problem !== undefined) throw new ComposefsError('STORE_NAME', `the name ${quoted(tag)} ${problem}`);
  return escaped(tag);
}

/** The name in a file name, or undefined if no name has this file name (STORE-091). */
export function tagOfFile(file: ByteString): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(file, 'latin1'));
  } catch {
    return undefined;
  }
  const tag = text.replaceAll('%2F', '/').replaceAll('%25', '%');
  return problemOf(tag) === undefined && escaped(tag) === file ? tag : undefined;
}

function escaped(tag: string): ByteString {
  return byteString(new TextEncoder().encode(tag.replaceAll('%', '%25').replaceAll('/', '%2F')));
}

function problemOf(tag: string): string | undefined {
  if (tag === '') return 'is empty';
  if (tag === '.' || tag === '..') return 'is that of a directory';
  if (tag.startsWith('@')) return 'begins with @, which marks a digest';
  if (/\p{Surrogate}/u.test(tag)) return 'is not Unicode';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: STORE-013 names them.
  if (/[\x00-\x1f\x7f]/.test(tag)) return 'has a control character';
  if (escaped(tag).length > FILE_NAME_MAX)
    return `has more than ${FILE_NAME_MAX} bytes, with / and % escaped`;
  return undefined;
}
