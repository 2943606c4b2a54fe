/**
 * Maps of images: the field that each byte belongs to, and the requirement that defines the field.
 * `vectors/schema/image-map.schema.json` defines the format; `vectors/README.md` shows how to look up a byte.
 * @module
 */

/** How the value of a field is displayed. Numbers are little-endian. */
export type FieldDisplay = 'decimal' | 'octal' | 'hex' | 'text' | 'bytes';

/**
 * One field of a structure. `at` is the offset in the structure. A field with size null extends to the end of the
 * range. A `#` in the name is replaced by the number of the repetition.
 */
export type StructureField = readonly [
  at: number,
  size: number | null,
  name: string,
  requirement: string,
  shown: FieldDisplay,
];

/** The fields of a structure, without gaps. */
export type Structure = readonly StructureField[];

/**
 * A range of bytes, which ends where the next range begins: its structure, the number of the inode that it belongs to,
 * and the part of the inode, such as `entry etc` or `xattr user.key`. A repeated structure fills its range.
 */
export type MapRange = readonly [
  offset: number,
  structure: string,
  inode?: number | null | undefined,
  part?: string,
];

/** The field of every byte of an image. */
export interface ImageMap {
  readonly version: 1;
  /** Bytes of the image. */
  readonly size: number;
  readonly structures: Readonly<Record<string, Structure>>;
  /** From the number of each inode, as stored in the image, to its first path, as printed by `printable`. */
  readonly inodes: Readonly<Record<string, string>>;
  readonly ranges: readonly MapRange[];
}

/** Consecutive bytes with a name. */
export interface MapField {
  readonly start: number;
  readonly size: number;
  /** The structure, for display: `superblock`, `inode 12 /etc/passwd, entry .`. */
  readonly where: string;
  readonly name: string;
  readonly requirement: string;
  readonly shown: FieldDisplay;
}

/** The structure of unused bytes. */
export const GAP = 'gap';
/** The name of a field whose bytes are all zero. */
export const ZERO = 'zero';

/** Every field of a valid map, in order of offset. */
export function fieldsOf(map: ImageMap): MapField[] {
  return map.ranges.flatMap((_, i) => rangeFields(map, i));
}

/** The field that contains the byte at `offset`; undefined if the map has none. */
export function fieldAt(map: ImageMap, offset: number): MapField | undefined {
  // Binary search for the last range that begins at or before the byte.
  let low = 0;
  let high = map.ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((map.ranges[middle]?.[0] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return rangeFields(map, low - 1).find(({ start, size }) => offset >= start && offset < start + size);
}

/** The size of a structure in bytes; undefined if it extends to the end of its range. */
export function sizeOf(structure: Structure): number | undefined {
  const [at, size] = structure.at(-1) ?? [0, 0];
  return size === null ? undefined : at + size;
}

/** Whether a structure is repeated until it fills its range. */
export function repeats(structure: Structure): boolean {
  return structure.some(([, , name]) => name.includes('#'));
}

function rangeFields(map: ImageMap, index: number): MapField[] {
  const range = map.ranges[index];
  if (range === undefined) return [];
  const [offset, name] = range;
  const structure = map.structures[name] ?? [];
  const end = map.ranges[index + 1]?.[0] ?? map.size;
  const where = whereOf(map, index);
  const fields: MapField[] = [];
  const step = sizeOf(structure) ?? end - offset;
  for (let start = offset, i = 0; step > 0 && start < end; start += step, i++) {
    for (const [at, size, name, requirement, shown] of structure) {
      fields.push({
        start: start + at,
        size: size ?? end - start - at,
        where,
        name: name.replace('#', String(i)),
        requirement,
        shown,
      });
    }
  }
  return fields;
}

function whereOf(map: ImageMap, index: number): string {
  const range = map.ranges[index];
  if (range === undefined) return 'end of the image';
  const [, structure, inode, part] = range;
  if (structure === GAP) return `gap before ${whereOf(map, index + 1).split(',')[0]}`;
  const owner = inode === undefined || inode === null ? [] : [`inode ${inode} ${map.inodes[inode] ?? ''}`];
  const named = [...owner, ...(part === undefined ? [] : [part])];
  return named.length === 0 ? structure : named.join(', ');
}

/** A map as the text of its file: one field, inode or range per line. */
export function printImageMap({ version, size, structures, inodes, ranges }: ImageMap): Uint8Array {
  const structureTexts = Object.entries(structures).map(([name, fields]) => {
    return `${JSON.stringify(name)}: ${list(fields.map(spaced), '  ')}`;
  });
  const inodeTexts = Object.entries(inodes).map(([number, path]) => `"${number}":${JSON.stringify(path)}`);
  const rangeTexts = ranges.map(range => JSON.stringify(range));
  const text = `{
"version": ${version},
"size": ${size},
"structures": {
${structureTexts.join(',\n')}
},
"inodes": {
${inodeTexts.join(',\n')}
},
"ranges": ${list(rangeTexts)}
}
`;
  return Buffer.from(text);
}

function list(items: readonly string[], indent = ''): string {
  return `[\n${items.map(item => `${indent}${item}`).join(',\n')}\n]`;
}

function spaced(field: StructureField): string {
  return `[${field.map(value => JSON.stringify(value)).join(', ')}]`;
}
