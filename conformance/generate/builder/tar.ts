/**
 * Builds tar archives byte by byte, well-formed and malformed ones.
 *
 * It shares no code with the reader that its archives test, and checks nothing: every field of a header can have any
 * bytes. An archive is a sequence of parts; a part is a header with its padded content.
 * @module
 */

const BLOCK = 512;

/** Bytes as a recipe writes them: a string is encoded as UTF-8. */
export type Bytes = Uint8Array | string;

/** The value of a header field: a number is written as octal digits and a NUL, bytes are written unchanged. */
export type Field = Bytes | number;

/** The fields of a header. An absent field has the default of the entry's type, or is filled with NULs. */
export interface Fields {
  readonly name?: Bytes;
  readonly mode?: Field;
  readonly uid?: Field;
  readonly gid?: Field;
  /** Default: the length of the content. */
  readonly size?: Field;
  readonly mtime?: Field;
  /** Default: the sum of the header's bytes. */
  readonly checksum?: Field;
  readonly type?: Bytes;
  readonly link?: Bytes;
  /** Magic and version, 8 bytes. Default: {@link USTAR}. */
  readonly magic?: Bytes;
  readonly uname?: Bytes;
  readonly gname?: Bytes;
  readonly major?: Field;
  readonly minor?: Field;
  readonly prefix?: Bytes;
  /** Any other bytes of the header, by offset: written last, before the checksum. */
  readonly at?: Readonly<Record<number, Bytes>>;
}

/** Magic and version of POSIX. */
export const USTAR = 'ustar\x0000';
/** Magic and version of GNU tar. */
export const GNU = 'ustar  \0';
/** No magic: the header of Unix version 7. */
export const V7 = '\0\0\0\0\0\0\0\0';

const layout = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<Exclude<keyof Fields, 'at'>, readonly [at: number, width: number]>;

/** A string as its UTF-8 bytes; bytes as they are. */
export function bytes(text: Bytes): Uint8Array {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text;
}

/** The concatenation of `parts`. */
export function concat(...parts: readonly Bytes[]): Uint8Array {
  const arrays = parts.map(bytes);
  const whole = new Uint8Array(arrays.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of arrays) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** `value` as octal digits and a NUL, `width` bytes in total. */
export function octal(value: number, width: number): Uint8Array {
  return bytes(`${value.toString(8).padStart(width - 1, '0')}\0`);
}

/** `value` as a base-256 number of `width` bytes: two's complement with the highest bit set. */
export function base256(value: bigint, width: number): Uint8Array {
  const field = new Uint8Array(width);
  let rest = value;
  for (let at = width - 1; at >= 0; at--) {
    field[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  field[0] = (field[0] ?? 0) | 0x80;
  return field;
}

/** A header block. */
export function header(fields: Fields): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (key: keyof typeof layout, value: Field | undefined): void => {
    if (value === undefined) return;
    const [at, width] = layout[key];
    block.set(typeof value === 'number' ? octal(value, width) : bytes(value).subarray(0, width), at);
  };
  const { checksum, at, ...others } = { magic: USTAR, type: '0', uid: 0, gid: 0, mtime: 0, ...fields };
  for (const [key, value] of Object.entries(others)) put(key as keyof typeof others, value);
  for (const [offset, value] of Object.entries(at ?? {})) block.set(bytes(value), Number(offset));
  if (checksum === undefined) {
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.set(bytes(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  } else {
    put('checksum', checksum);
  }
  return block;
}

/** `content` filled up with zeros to a whole number of blocks. */
export function padded(content: Bytes): Uint8Array {
  const array = bytes(content);
  return concat(array, new Uint8Array((BLOCK - (array.length % BLOCK)) % BLOCK));
}

/** A header and its content. */
export function entry(fields: Fields, content: Bytes = ''): Uint8Array {
  const array = bytes(content);
  return concat(header({ size: array.length, ...fields }), padded(array));
}

/** A regular file, mode 0644. */
export function file(name: Bytes, content: Bytes = '', fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o644, ...fields }, content);
}

/** A directory, mode 0755. */
export function directory(name: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o755, type: '5', ...fields });
}

/** A symbolic link, mode 0777. */
export function symlink(name: Bytes, link: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o777, type: '2', link, ...fields });
}

/** A hard link, mode 0644. */
export function hardlink(name: Bytes, link: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o644, type: '1', link, ...fields });
}

/** A character device, mode 0600. */
export function character(name: Bytes, major: number, minor: number, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o600, type: '3', major, minor, ...fields });
}

/** A block device, mode 0600. */
export function block(name: Bytes, major: number, minor: number, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o600, type: '4', major, minor, ...fields });
}

/** A fifo, mode 0644. */
export function fifo(name: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name, mode: 0o644, type: '6', ...fields });
}

/** One PAX record: its length, a space, `key=value`, a line feed. */
export function record(key: Bytes, value: Bytes): Uint8Array {
  const rest = concat(' ', key, '=', value, '\n');
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return concat(String(length), rest);
}

/** A PAX extended header for the entry that follows. */
export function pax(records: Readonly<Record<string, Bytes>>, fields: Fields = {}): Uint8Array {
  return paxRaw(concat(...Object.entries(records).map(([key, value]) => record(key, value))), fields);
}

/** A PAX extended header with arbitrary content. */
export function paxRaw(content: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name: 'PaxHeaders/x', mode: 0o644, type: 'x', ...fields }, content);
}

/** An `L` header with the name of the entry that follows, and the final NUL that GNU tar writes. */
export function longName(name: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name: '././@LongLink', mode: 0o644, type: 'L', magic: GNU, ...fields }, concat(name, '\0'));
}

/** A `K` header with the link target of the entry that follows, and the final NUL that GNU tar writes. */
export function longLink(link: Bytes, fields: Fields = {}): Uint8Array {
  return entry({ name: '././@LongLink', mode: 0o644, type: 'K', magic: GNU, ...fields }, concat(link, '\0'));
}

/** Blocks of zeros; two end an archive. */
export function zeros(blocks = 2): Uint8Array {
  return new Uint8Array(blocks * BLOCK);
}

/** An archive: the parts in order, followed by two blocks of zeros. */
export function archive(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(...parts, zeros());
}
