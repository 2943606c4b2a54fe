/**
 * A directory as a dumpfile: what `composefs-oci tree --transform none` has to say about it, root and xattrs
 * aside. Nothing of the reference is used but the fs-verity digest of a file.
 * @module
 */

import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fsverityDigest } from '../../reference/fsverity/digest.ts';
import { nodeSha2 } from '../../reference/hash/node.ts';

/** Files up to this many bytes stand in the dumpfile. */
const INLINE = 64n;

/** The dumpfile of the directory `root`, with SHA-256 digests. */
export function listDirectory(root: string): string {
  const lines: string[] = [];
  const firstNames = new Map<bigint, string>();
  const visit = (path: Buffer, name: string): void => {
    const stats = lstatSync(path, { bigint: true });
    const mode = stats.mode.toString(8);
    const first = firstNames.get(stats.ino);
    if (first !== undefined) {
      lines.push(`${name} 0 @${mode} - - - - 0.0 ${first} - -`);
      return;
    }
    const names = stats.isDirectory() ? children(path) : [];
    const paths = names.map(child => Buffer.concat([path, Buffer.from('/'), child]));
    const directories = paths.filter(child => lstatSync(child).isDirectory()).length;
    if (!stats.isDirectory()) firstNames.set(stats.ino, name);
    const links = stats.isDirectory() ? 2 + directories : stats.nlink;
    const device = stats.isCharacterDevice() || stats.isBlockDevice() ? stats.rdev : 0;
    const time = `${stats.mtimeNs / 1_000_000_000n}.${stats.mtimeNs % 1_000_000_000n}`;
    const { size, payload, content, digest } = data(path, stats);
    const owner = `${stats.uid} ${stats.gid}`;
    lines.push(`${name} ${size} ${mode} ${links} ${owner} ${device} ${time} ${payload} ${content} ${digest}`);
    for (const [i, child] of names.entries()) {
      visit(paths[i] as Buffer, `${name === '/' ? '' : name}/${escaped(child)}`);
    }
  };
  visit(Buffer.from(root), '/');
  return `${lines.join('\n')}\n`;
}

function children(path: Buffer): Buffer[] {
  return readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
}

/** What the dumpfile says about the data of a node: SIZE, PAYLOAD, CONTENT and DIGEST. */
function data(path: Buffer, stats: BigIntStats) {
  const nothing = { size: 0n, payload: '-', content: '-', digest: '-' };
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(path, { encoding: 'buffer' });
    return { ...nothing, size: BigInt(target.length), payload: escaped(target) };
  }
  if (!stats.isFile() || stats.size === 0n) return nothing;
  const bytes = readFileSync(path);
  if (stats.size <= INLINE) return { ...nothing, size: stats.size, content: escaped(bytes) };
  const digest = Buffer.from(fsverityDigest(bytes, 'fsverity-sha256-12', nodeSha2)).toString('hex');
  return { ...nothing, size: stats.size, payload: `${digest.slice(0, 2)}/${digest.slice(2)}`, digest };
}

/** Bytes as a field of a dumpfile. */
function escaped(bytes: Buffer): string {
  if (bytes.equals(Buffer.from('-'))) return '\\x2d';
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
