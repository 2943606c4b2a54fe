/**
 * The text of `composefs-info dump` in the spelling of the canonical dumpfile.
 *
 * The tool prints the tree that it read, one line a name in the canonical order, with the canonical escapes. It
 * spells three things otherwise, and each is put right from the line alone, without a look at any other:
 *
 * - SIZE of a directory is what the directory takes in the image; canonical is 0;
 * - a hard link line repeats all fields of the inode; canonical are its names and its mode;
 * - extended attributes stand in the order of the image; canonical is the order of their names.
 *
 * Nothing is added, dropped, counted or looked up: a wrong tree stays wrong.
 * @module
 */

/** Throws an Error where a line is not one of the format: then the tool's output is nothing to be judged. */
export function canonicalSpelling(dump: string): string {
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
    throw new Error(`line ${number} of the dump has not the fields of a dumpfile: ${line.slice(0, 200)}`);
  }
  if (mode.startsWith('@')) return `${path} 0 ${mode} - - - - 0.0 ${payload} - -`;
  const isDirectory = (Number.parseInt(mode, 8) & 0o170000) === 0o040000;
  const xattrs = fields.slice(11).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return [path, isDirectory ? '0' : size, ...fields.slice(2, 11), ...xattrs].join(' ');
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The name of an extended attribute, one character a byte. */
function nameOf(xattr: string): string {
  const [key = ''] = xattr.split('=');
  return key.replace(/\\(?:x(..)|(.))/g, (_, hex: string | undefined, letter: string) => {
    return hex === undefined ? (controls[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16));
  });
}
