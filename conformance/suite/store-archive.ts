/**
 * A store as a file: a tar archive of directories, files and links (conformance/README.md, "Stores").
 * @module
 */

/** What a path in a store is. Paths and targets hold one byte in each character. */
export type StoreEntry =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly target: string };

/** Thrown for a file that is not a store. */
export class DamagedStore extends Error {}

const BLOCK = 512;

/** The entries of the archive `archive` by path, in the forms of ustar, pax and GNU tar. */
export function readStoreArchive(archive: Uint8Array): Map<string, StoreEntry> {
  const entries = new Map<string, StoreEntry>();
  let long: { path?: string; target?: string; size?: number } = {};
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = Buffer.from(archive.buffer, archive.byteOffset + at, BLOCK);
    if (header.every(byte => byte === 0)) return entries;
    checkSum(header, at);
    const type = header.toString('latin1', 156, 157);
    const size = 'gxLK'.includes(type) ? sizeOf(header, at) : (long.size ?? sizeOf(header, at));
    at += BLOCK;
    if (at + size > archive.length)
      throw new DamagedStore(`the archive ends within the entry at byte ${at - BLOCK}`);
    const content = archive.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'L') long = { ...long, path: text(content) };
    else if (type === 'K') long = { ...long, target: text(content) };
    else if (type === 'x') long = { ...long, ...paxRecords(content) };
    else if (type !== 'g') {
      const path = normalized(long.path ?? nameOf(header));
      const entry = entryOf(type, content, long.target ?? text(header.subarray(157, 257)));
      if (entry === undefined) throw new DamagedStore(`${printable(path)} has the type ${printable(type)}`);
      if (path !== '') {
        if (entries.has(path)) throw new DamagedStore(`${printable(path)} is in the archive twice`);
        entries.set(path, entry);
      }
      long = {};
    }
  }
  throw new DamagedStore('the archive has no end');
}

/** Bytes of a store as text: a backslash and everything outside of printable ASCII is written as `\x` and two digits. */
export function printable(bytes: string): string {
  return bytes.replace(
    /[^\x21-\x5b\x5d-\x7e]/g,
    char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function entryOf(type: string, content: Uint8Array, target: string): StoreEntry | undefined {
  switch (type) {
    case '0':
    case '\0':
      return { kind: 'file', content };
    case '2':
      return { kind: 'link', target };
    case '5':
      return { kind: 'directory' };
    default:
      return undefined;
  }
}

function checkSum(header: Buffer, at: number): void {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (Number.parseInt(text(header.subarray(148, 156)), 8) !== sum)
    throw new DamagedStore(`the header at byte ${at} has a wrong checksum`);
}

function sizeOf(header: Buffer, at: number): number {
  const size = Number(`0o${text(header.subarray(124, 136)).trim() || '0'}`);
  if (!Number.isSafeInteger(size)) throw new DamagedStore(`the header at byte ${at} has a malformed size`);
  return size;
}

/** Name and prefix. GNU tar has other things where the prefix is. */
function nameOf(header: Buffer): string {
  const name = text(header.subarray(0, 100));
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function paxRecords(content: Uint8Array): { path?: string; target?: string; size?: number } {
  const found: { path?: string; target?: string; size?: number } = {};
  const all = Buffer.from(content).toString('latin1');
  for (let at = 0; at < all.length; ) {
    const length = Number(/^[0-9]+(?= )/.exec(all.slice(at, at + 20))?.[0]);
    const record = all.slice(at, at + length);
    const [, key, value = ''] = /^[0-9]+ ([^=]+)=(.*)\n$/s.exec(record) ?? [];
    if (key === undefined) throw new DamagedStore('a pax record is malformed');
    if (key === 'path') found.path = value;
    if (key === 'linkpath') found.target = value;
    if (key === 'size') found.size = Number(value);
    at += length;
  }
  return found;
}

function normalized(path: string): string {
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..'))
    throw new DamagedStore(`${printable(path)} is not a path in the store`);
  return parts.join('/');
}

/** The bytes up to the first NUL. */
function text(field: Uint8Array): string {
  return Buffer.from(field).toString('latin1').split('\0', 1)[0] ?? '';
}
