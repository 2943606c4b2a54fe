/**
 * Policies for tests, and the labels of the standard computed in the plainest way.
 * @module
 */

import { ascii, type ByteString, byteString } from '../bytes.ts';
import type { ContextLine, LineType } from './contexts.ts';
import type { PolicyFileName } from './find-policy.ts';
import { hasByte, literalStart, type Part, type Parts, parsePattern } from './pattern.ts';
import { type Policy, readPolicy } from './policy.ts';

/** The contents of policy files; a name that is missing is a file that is missing. */
export type PolicyTexts = Partial<Record<PolicyFileName, string>>;

/** The policy with these files. */
export function policyFrom(texts: PolicyTexts): Policy {
  const files = Object.entries({ file_contexts: '', ...texts }).map(([name, text]) => {
    const file = { path: ascii(`/etc/selinux/t/contexts/files/${name}`), text: text as ByteString };
    return [name as PolicyFileName, file] as const;
  });
  return readPolicy(ascii('t'), new Map(files));
}

/** Whether `parts` match all of `text`. */
export function matches(parts: Parts, text: ByteString): boolean {
  return endsOf(parts, text, new Set([0])).has(text.length);
}

/** Where a match of `parts` that starts at one of `starts` can end. */
function endsOf(parts: Parts, text: ByteString, starts: ReadonlySet<number>): ReadonlySet<number> {
  return parts.reduce((ends, part) => endsOfPart(part, text, ends), starts);
}

function endsOfPart(part: Part, text: ByteString, starts: ReadonlySet<number>): ReadonlySet<number> {
  switch (part.kind) {
    case 'byte':
      return after(text, starts, byte => byte === part.byte);
    case 'any':
      return after(text, starts, () => true);
    case 'class':
      return after(text, starts, byte => hasByte(part.members, byte));
    case 'group':
      return new Set(part.branches.flatMap(branch => [...endsOf(branch, text, starts)]));
    case 'repeat': {
      const once = endsOfPart(part.repeated, text, starts);
      if (part.by === '?') return new Set([...starts, ...once]);
      const all = new Set(part.by === '*' ? [...starts, ...once] : once);
      for (;;) {
        const size = all.size;
        for (const end of endsOfPart(part.repeated, text, all)) all.add(end);
        if (all.size === size) return all;
      }
    }
  }
}

function after(text: ByteString, starts: ReadonlySet<number>, isMatch: (byte: number) => boolean) {
  const ends = [...starts].filter(at => at < text.length && isMatch(text.charCodeAt(at)));
  return new Set(ends.map(at => at + 1));
}

/** The pairs of words in the lines of a file. */
const pairs = (text = '') =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(' ') as [string, string]);

/** SELINUX-016 */
export function walkedPath(
  path: string,
  { 'file_contexts.subs': subs, 'file_contexts.subs_dist': dist }: PolicyTexts,
): string {
  const aliases = new Map([...pairs(subs), ...pairs(dist)]);
  let walked = '/';
  for (const name of path.split('/').filter(part => part !== '')) {
    const taken = walked === '/' ? `/${name}` : `${walked}/${name}`;
    walked = aliases.get(taken) ?? taken;
  }
  return walked;
}

/** SELINUX-017 */
export function replacedPath(
  path: string,
  { 'file_contexts.subs': subs, 'file_contexts.subs_dist': dist }: PolicyTexts,
): string {
  const replace = (before: string, text: string | undefined) => {
    const last = pairs(text).findLast(([alias]) => before === alias || before.startsWith(`${alias}/`));
    if (last === undefined) return before;
    const [alias, target] = last;
    const rest = before.slice(alias.length);
    return target === '/' ? rest || '/' : target + rest;
  };
  return replace(replace(path, subs), dist);
}

/** The label by the last line, or why the path is rejected, as the pseudocode of the chapter says. */
export function plainLabel(path: string, type: LineType, texts: PolicyTexts): string | undefined {
  const policy = policyFrom(texts);
  const walked = walkedPath(path, texts);
  const replaced = replacedPath(path, texts);
  const fits = (line: ContextLine, lookup: string) =>
    (line.type === undefined || line.type === type) &&
    matches(parsePattern(line.pattern, {}), lookup as ByteString);
  const name = ({ file }: ContextLine) => file.slice(file.lastIndexOf('/') + 1) as PolicyFileName;
  const order = (...files: PolicyFileName[]) =>
    files.flatMap(file => policy.lines.filter(line => name(line) === file));
  const fits1 = order('file_contexts', 'file_contexts.local', 'file_contexts.homedirs').filter(line =>
    fits(line, walked),
  );
  const fits2 = order('file_contexts', 'file_contexts.homedirs', 'file_contexts.local').filter(line =>
    fits(line, replaced),
  );
  if (path.endsWith('\n')) return 'SELINUX-023';
  for (const [lines, lookup] of [
    [fits1, walked],
    [fits2, replaced],
  ] as const) {
    if (lines.some(line => !lookup.startsWith(literalStart(line.pattern)))) return 'SELINUX-021';
  }
  const byLast = fits1.at(-1);
  const allExact = fits2.filter(line => line.exact !== undefined);
  const exact = allExact.filter(line => line.file === allExact.at(-1)?.file);
  if (new Set(exact.map(({ label }) => label)).size > 1) return 'SELINUX-020';
  const byExact = (exact.length > 0 ? exact : fits2).at(-1);
  if (byLast?.label !== byExact?.label) return 'SELINUX-019';
  if (byExact?.exact === undefined && byExact?.label !== undefined) {
    const start = literalStart(byExact.pattern).length;
    for (const { label, exact: path, pattern } of fits2) {
      if (label === undefined && path === undefined && literalStart(pattern).length > start) {
        return 'SELINUX-022';
      }
    }
  }
  return byLast?.label;
}

/** A byte string from text with one byte a character. */
export const latin = (text: string): ByteString => byteString(Buffer.from(text, 'latin1'));
