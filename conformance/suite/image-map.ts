/**
 * Maps of images: what each byte is, and which requirement decides it. `vectors/schema/image-map.schema.json` states
 * the form for everybody else, and `vectors/README.md` says how to look a byte up.
 * @module
 */

/** How the value of a field is shown. Numbers are little-endian. */
export type Shown = 'decimal' | 'octal' | 'hex' | 'text' | 'bytes';

/**
 * One field of a structure. `at` counts from the beginning of the structure; a size of null reaches to the end of the
 * range. A `#` in the name is the number of the repetition.
 */
export type StructureField = readonly [
  at: number,
  size: number | null,
  name: string,
  requirement: string,
  shown: Shown,
];

/** The fields of a structure, without gaps. */
export type Structure = readonly StructureField[];

/**
 * A range of bytes, up to the next one: the structure in it, the number of the inode that it belongs to, and which
 * part of that it is, such as `entry etc` or `xattr user.key`. A structure that repeats fills its range.
 */
export type Range = readonly [
  offset: number,
  structure: string,
  inode?: number | null | undefined,
  part?: string,
];

/** What every byte of an image is. */
export interface ImageMap {
  readonly version: 1;
  /** Bytes of the image. */
  readonly size: number;
  readonly structures: Readonly<Record<string, Structure>>;
  /** Number of an inode, as the image stores it, to its first name, as `printable` shows it. */
  readonly inodes: Readonly<Record<string, string>>;
  readonly ranges: readonly Range[];
}

/** A run of bytes with a name. */
export interface Field {
  readonly start: number;
  readonly size: number;
  /** The structure as people call it: `superblock`, `inode 12 /etc/passwd, entry .`. */
  readonly where: string;
  readonly name: string;
  readonly requirement: string;
  readonly shown: Shown;
}

/** The structure of bytes that hold nothing. */
export const GAP = 'gap';
/** The name of a field whose bytes are all zero. */
export const ZERO = 'zero';

/** Every field of a map, in order of offset. The map has no problem. */
export function fieldsOf(map: ImageMap): Field[] {
  return map.ranges.flatMap((_, i) => rangeFields(map, i));
}

/** The field that holds the byte at `offset`; undefined where the map has none. */
export function fieldAt(map: ImageMap, offset: number): Field | undefined {
  // The last range that begins at or before the byte.
  let low = 0;
  let high = map.ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((map.ranges[middle]?.[0] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return rangeFields(map, low - 1).find(({ start, size }) => offset >= start && offset < start + size);
}

/** Bytes of a structure; undefined where it reaches to the end of its range. */
export function sizeOf(structure: Structure): number | undefined {
  const [at, size] = structure.at(-1) ?? [0, 0];
  return size === null ? undefined : at + size;
}

/** Whether a structure fills its range again and again. */
export function repeats(structure: Structure): boolean {
  return structure.some(([, , name]) => name.includes('#'));
}

function rangeFields(map: ImageMap, index: number): Field[] {
  const range = map.ranges[index];
  if (range === undefined) return [];
  const [offset, name] = range;
  const structure = map.structures[name] ?? [];
  const end = map.ranges[index + 1]?.[0] ?? map.size;
  const where = whereOf(map, index);
  const fields: Field[] = [];
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

/** A map as its file has it: a field, an inode and a range a line. */
export function printMap({ version, size, structures, inodes, ranges }: ImageMap): Uint8Array {
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
