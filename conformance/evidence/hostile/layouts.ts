/**
 * Layouts with a damaged document or layer, to which all digests above it are corrected: otherwise nothing but the
 * digest would be looked at.
 * @module
 */

import { createHash } from 'node:crypto';
import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { mutated, mutatedJson } from './mutate.ts';
import type { Layout } from './seeds.ts';

/** `layout` with one file changed. */
export function mutatedLayout(layout: Layout, other: Layout, random: RandomBytes): Layout {
  const files = new Map(layout);
  const name = random.pick([...files.keys()]);
  const old = files.get(name) ?? new Uint8Array(0);
  const document = parsed(old);
  const change =
    document === undefined || random.once(4)
      ? mutated(old, random.pick([...other.values()]), random)
      : mutatedJson(document, random);
  if (random.once(10)) files.set(name, change);
  else replace(files, name, change);
  return files;
}

/** Replaces a file; a blob gets the name of its new digest, and the documents that name it follow. */
function replace(files: Map<string, Uint8Array>, name: string, bytes: Uint8Array): void {
  const [, hash, hex] = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(name) ?? [];
  if (hash === undefined || hex === undefined) {
    files.set(name, bytes);
    return;
  }
  const digest = createHash(hash).update(bytes).digest('hex');
  files.delete(name);
  files.set(`blobs/${hash}/${digest}`, bytes);
  const from = `${hash}:${hex}`;
  for (const [path, text] of [...files]) {
    if (!Buffer.from(text).includes(from)) continue;
    const document = parsed(text);
    if (document === undefined) continue;
    const corrected = corrects(document, from, { digest: `${hash}:${digest}`, size: bytes.length });
    replace(files, path, Buffer.from(JSON.stringify(corrected)));
  }
}

/** `value` with the digest `from` replaced, also as a diff_id, and with the size of its descriptors. */
function corrects(
  value: unknown,
  from: string,
  to: { readonly digest: string; readonly size: number },
): unknown {
  if (value === from) return to.digest;
  if (Array.isArray(value)) return value.map(item => corrects(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, corrects(member, from, to)] as const);
  const isDescriptor = 'digest' in value && value.digest === from && 'size' in value;
  return Object.fromEntries(
    members.map(([name, member]) => (isDescriptor && name === 'size' ? [name, to.size] : [name, member])),
  );
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
