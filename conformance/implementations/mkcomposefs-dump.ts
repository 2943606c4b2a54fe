/**
 * Turns the output of the C tool `composefs-info dump` into a canonical dumpfile.
 *
 * The tool prints the tree that it read, one line per name in canonical order, with canonical escapes. Three things
 * differ from the canonical form, and each is corrected line by line, without looking at other lines:
 *
 * - SIZE of a directory is the number of bytes that it takes in the image; the canonical SIZE is 0;
 * - a hard link line repeats all fields of the inode; the canonical line has only the path, the mode and the target;
 * - extended attributes are in the order of the image; the canonical order is that of their names.
 *
 * Nothing is added, dropped, counted or looked up: a wrong tree stays wrong.
 * @module
 */

/** Throws an Error if a line is not a line of a dumpfile: the output of the tool cannot be compared then. */
export function toCanonicalDumpfile(dump: string): string {
  return dump
    .split('\n')
    .slice(0, -1)
    .map((line, i) => `${canonicalLine(line, i + 1)}\n`)
    .join('');
}

function canonicalLine(line: string, number: number): string {
  const fields = line.split(' ');
  const [path, size, mode, , , , , , payload] = fields;
  if (fields.length < 11 || path === undefined || mode === undefined || !/^@?[0-7]+$/.test(mode)) {
    throw new Error(`line ${number} of the dump is not a dumpfile line: ${line.slice(0, 200)}`);
  }
  if (mode.startsWith('@')) return `${path} 0 ${mode} - - - - 0.0 ${payload} - -`;
  const isDirectory = (Number.parseInt(mode, 8) & 0o170000) === 0o040000;
  const xattrs = fields.slice(11).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return [path, isDirectory ? '0' : size, ...fields.slice(2, 11), ...xattrs].join(' ');
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The name of an extended attribute, one character per byte. */
function nameOf(xattr: string): string {
  const [key = ''] = xattr.split('=');
  return key.replace(/\\(?:x(..)|(.))/g, (_, hex: string | undefined, letter: string) => {
    return hex === undefined ? (controls[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16));
  });
}
