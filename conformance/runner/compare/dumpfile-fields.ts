/**
 * The requirements that can be at fault if a field of a dumpfile differs.
 * @module
 */

/** The parts of a dumpfile in which a difference is reported. */
export type DumpfilePart =
  | 'PATH'
  | 'SIZE'
  | 'MODE'
  | 'NLINK'
  | 'UID'
  | 'GID'
  | 'RDEV'
  | 'MTIME'
  | 'PAYLOAD'
  | 'CONTENT'
  | 'DIGEST'
  | 'xattr'
  | 'hard link'
  | 'spaces'
  | 'end of line'
  | 'line'
  | 'end of file';

/** The requirement that defines what the printer writes in each part. */
export const definingRequirement: Readonly<Record<DumpfilePart, string>> = {
  PATH: 'DUMP-001',
  SIZE: 'DUMP-007',
  MODE: 'DUMP-008',
  NLINK: 'DUMP-009',
  UID: 'DUMP-011',
  GID: 'DUMP-011',
  RDEV: 'DUMP-010',
  MTIME: 'DUMP-011',
  PAYLOAD: 'DUMP-012',
  CONTENT: 'DUMP-013',
  DIGEST: 'DUMP-014',
  xattr: 'DUMP-015',
  'hard link': 'DUMP-016',
  spaces: 'DUMP-002',
  'end of line': 'DUMP-002',
  line: 'DUMP-001',
  'end of file': 'DUMP-001',
};

const lines = ['PATH', 'line', 'end of file'] as const;
const texts = ['PATH', 'PAYLOAD', 'CONTENT', 'xattr', 'hard link'] as const;
const objects = ['SIZE', 'PAYLOAD', 'CONTENT', 'DIGEST'] as const;

/** The parts that each requirement on certain parts concerns. A requirement that is not listed concerns all of them. */
const partsOf: Readonly<Record<string, readonly DumpfilePart[]>> = {
  'DUMP-001': lines,
  'DUMP-002': ['spaces', 'end of line', 'xattr'],
  'DUMP-003': texts,
  'DUMP-004': [...objects, 'hard link'],
  'DUMP-005': texts,
  'DUMP-006': ['PATH', 'hard link'],
  'DUMP-007': ['SIZE'],
  'DUMP-008': ['MODE', 'hard link'],
  'DUMP-009': ['NLINK'],
  'DUMP-010': ['RDEV'],
  'DUMP-011': ['SIZE', 'NLINK', 'UID', 'GID', 'RDEV', 'MTIME'],
  'DUMP-012': ['PAYLOAD'],
  'DUMP-013': ['CONTENT'],
  'DUMP-014': ['DIGEST'],
  'DUMP-015': ['xattr'],
  'DUMP-016': ['hard link', ...lines],
  'DUMP-017': ['end of line', ...lines],
  'DUMP-022': texts,
  'DUMP-023': lines,
  'DUMP-029': ['MTIME'],
  'DUMP-030': ['MODE', 'hard link'],
  'DUMP-031': ['SIZE', 'NLINK'],
  'DUMP-039': objects,
  'DUMP-040': objects,
  'DUMP-046': ['DIGEST'],
  'DUMP-049': ['xattr'],
};

/**
 * Those of the requirements `cited` by a case that a difference in `part` can violate. If there are none, the
 * requirement that defines the part is at fault.
 */
export function violatedBy(part: DumpfilePart, cited: readonly string[]): readonly string[] {
  const found = cited.filter(id => partsOf[id]?.includes(part) ?? true);
  return found.length > 0 ? found : [definingRequirement[part]];
}
