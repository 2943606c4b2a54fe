/**
 * The structures of an image, their fields, and the requirement that determines the value of each field.
 * @module
 */

import { type FieldDisplay, GAP, type Structure, type StructureField, ZERO } from '../../suite/image-map.ts';

type Row = readonly [size: number | null, name: string, requirement: string, shown?: FieldDisplay];

const compactInode: readonly Row[] = [
  [2, 'i_format', 'EROFS-039'],
  [2, 'i_xattr_icount', 'EROFS-028'],
  [2, 'i_mode', 'EROFS-037', 'octal'],
  [2, 'i_nlink', 'EROFS-017'],
  [4, 'i_size', 'EROFS-040'],
  [4, 'i_reserved', 'EROFS-037'],
  [4, 'i_u', 'EROFS-041'],
  [4, 'i_ino', 'EROFS-016'],
  [2, 'i_uid', 'EROFS-037'],
  [2, 'i_gid', 'EROFS-037'],
  [4, 'i_reserved2', 'EROFS-037'],
];

const extendedInode: readonly Row[] = [
  [2, 'i_format', 'EROFS-039'],
  [2, 'i_xattr_icount', 'EROFS-028'],
  [2, 'i_mode', 'EROFS-038', 'octal'],
  [2, 'i_reserved', 'EROFS-038'],
  [8, 'i_size', 'EROFS-040'],
  [4, 'i_u', 'EROFS-041'],
  [4, 'i_ino', 'EROFS-016'],
  [4, 'i_uid', 'EROFS-038'],
  [4, 'i_gid', 'EROFS-038'],
  [8, 'i_mtime', 'EROFS-038'],
  [4, 'i_mtime_nsec', 'EROFS-038'],
  [4, 'i_nlink', 'EROFS-017'],
  [16, 'i_reserved2', 'EROFS-038', 'bytes'],
];

/** Fields that the requirement for a kind of inode determines, in both forms. */
const kindFields = ['i_mode', 'i_uid', 'i_gid', 'i_mtime', 'i_mtime_nsec'];

/**
 * Structures of format v1 by name. Stubs, whiteouts and some attributes have separate structures, because they have
 * separate requirements.
 */
const structures = {
  'composefs header': structure(
    [4, 'magic', 'EROFS-048', 'hex'],
    [4, 'version', 'EROFS-048'],
    [4, 'flags', 'EROFS-048', 'hex'],
    [4, 'composefs_version', 'EROFS-048'],
    [16, 'unused', 'EROFS-048', 'bytes'],
  ),
  superblock: structure(
    [4, 'magic', 'EROFS-049', 'hex'],
    [4, 'checksum', 'EROFS-049', 'hex'],
    [4, 'feature_compat', 'EROFS-049', 'hex'],
    [1, 'blkszbits', 'EROFS-049'],
    [1, 'sb_extslots', 'EROFS-049'],
    [2, 'root_nid', 'EROFS-049'],
    [8, 'inos', 'EROFS-049'],
    [8, 'build_time', 'EROFS-018'],
    [4, 'build_time_nsec', 'EROFS-018'],
    [4, 'blocks', 'EROFS-049'],
    [4, 'meta_blkaddr', 'EROFS-049'],
    [4, 'xattr_blkaddr', 'EROFS-049'],
    [16, 'uuid', 'EROFS-049', 'bytes'],
    [16, 'volume_name', 'EROFS-049', 'bytes'],
    [4, 'feature_incompat', 'EROFS-049', 'hex'],
    [44, 'reserved', 'EROFS-049', 'bytes'],
  ),
  'compact inode': structure(...compactInode),
  'compact stub': structure(...decidedBy('EROFS-012', compactInode)),
  'compact whiteout': structure(...decidedBy('EROFS-008', compactInode)),
  'extended inode': structure(...extendedInode),
  'extended stub': structure(...decidedBy('EROFS-012', extendedInode)),
  'extended whiteout': structure(...decidedBy('EROFS-008', extendedInode)),
  'attribute body': structure(
    [4, 'h_name_filter', 'EROFS-027', 'hex'],
    [1, 'h_shared_count', 'EROFS-023'],
    [7, 'h_reserved', 'EROFS-025', 'bytes'],
  ),
  'attribute reference': structure([4, 'shared xattr reference #', 'EROFS-026']),
  attribute: structure(
    [1, 'e_name_len', 'EROFS-024'],
    [1, 'e_name_index', 'EROFS-019'],
    [2, 'e_value_size', 'EROFS-024'],
  ),
  'attribute name': nameIs('EROFS-019'),
  'attribute value': valueIs('EROFS-024'),
  'shared attribute name': nameIs('EROFS-022'),
  'shared attribute value': valueIs('EROFS-022'),
  'escaped attribute name': nameIs('EROFS-005'),
  'metacopy name': nameIs('EROFS-006'),
  'metacopy value': valueIs('EROFS-006'),
  'redirect name': nameIs('EROFS-007'),
  'redirect value': valueIs('EROFS-007'),
  'root opaque name': nameIs('EROFS-011'),
  'root opaque value': valueIs('EROFS-011'),
  'whiteout mark name': nameIs('EROFS-009'),
  'whiteout directory mark name': nameIs('EROFS-010'),
  'whiteout directory mark value': valueIs('EROFS-010'),
  'attribute padding': structure([null, ZERO, 'EROFS-024', 'bytes']),
  'directory entry': structure(
    [8, 'nid', 'EROFS-030'],
    [2, 'nameoff', 'EROFS-030'],
    [1, 'file_type', 'EROFS-031'],
    [1, 'reserved', 'EROFS-030'],
  ),
  'entry name': structure([null, 'name', 'EROFS-014', 'text']),
  target: structure([null, 'target', 'EROFS-032', 'text']),
  'target in a block': structure([null, 'target', 'EROFS-047', 'text']),
  content: structure([null, 'content', 'EROFS-033', 'bytes']),
  'content in a block': structure([null, 'content', 'EROFS-047', 'bytes']),
  chunks: structure([4, 'chunk #', 'EROFS-034', 'hex']),
  'chunks in a block': structure([null, 'chunks', 'EROFS-047', 'bytes']),
  'rest of a block': structure([null, ZERO, 'EROFS-047', 'bytes']),
  [GAP]: structure([null, ZERO, 'EROFS-045', 'bytes']),
} as const satisfies Record<string, Structure>;

export type StructureName = keyof typeof structures;

/** Fields with a different requirement in formats v0 and v2, by composefs version. */
const otherFormats: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  0: { 'composefs header/composefs_version': 'EROFS-081' },
  2: {
    'composefs header/flags': 'EROFS-092',
    'composefs header/composefs_version': 'EROFS-092',
    'superblock/build_time': 'EROFS-092',
    'superblock/build_time_nsec': 'EROFS-092',
    'superblock/xattr_blkaddr': 'EROFS-092',
    'extended inode/i_ino': 'EROFS-090',
    'extended inode/i_mtime_nsec': 'EROFS-090',
    'attribute body/h_shared_count': 'EROFS-088',
    'attribute reference/shared xattr reference #': 'EROFS-088',
    'shared attribute name/name': 'EROFS-087',
    'shared attribute value/value': 'EROFS-087',
    'chunks/chunk #': 'EROFS-089',
  },
};

/** The structures of the format with this composefs version. */
export function structuresOf(composefsVersion: number): Readonly<Record<string, Structure>> {
  const requirements = otherFormats[composefsVersion] ?? {};
  const entries = Object.entries(structures).map(([name, fields]: [string, Structure]) => {
    const decided = fields.map(([at, size, field, requirement, shown]): StructureField => {
      return [at, size, field, requirements[`${name}/${field}`] ?? requirement, shown];
    });
    return [name, decided] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether a structure with this name exists. */
export function isStructure(name: string): name is StructureName {
  return Object.hasOwn(structures, name);
}

function structure(...rows: readonly Row[]): Structure {
  const fields: StructureField[] = [];
  let at = 0;
  for (const [size, name, requirement, shown = 'decimal'] of rows) {
    fields.push([at, size, name, requirement, shown]);
    at += size ?? 0;
  }
  return fields;
}

function decidedBy(requirement: string, rows: readonly Row[]): Row[] {
  return rows.map(row => {
    const [size, name, , ...shown] = row;
    return kindFields.includes(name) ? [size, name, requirement, ...shown] : row;
  });
}

function nameIs(requirement: string): Structure {
  return structure([null, 'name', requirement, 'text']);
}

function valueIs(requirement: string): Structure {
  return structure([null, 'value', requirement, 'bytes']);
}
