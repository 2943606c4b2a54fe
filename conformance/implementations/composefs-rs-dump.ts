/**
 * The text of composefs-rs' `composefs-info dump` in the spelling of the canonical dumpfile.
 *
 * It is canonical but for one thing: a hard link line has the mode `@120000`, whatever the inode is. Canonical is the
 * mode of the inode, which is that of the line with the name that the hard link names.
 *
 * Nothing else is changed: a digest that it prints for a file that has none stays, and so does a wrong tree.
 * @module
 */

/** Throws an Error where a line is not one of the format: then the tool's output is nothing to be judged. */
export function canonicalSpelling(dump: string): string {
  const modes = new Map<string, string>();
  return dump
    .split('\n')
    .slice(0, -1)
    .map((line, i) => `${canonicalLine(line, i + 1, modes)}\n`)
    .join('');
}

function canonicalLine(line: string, number: number, modes: Map<string, string>): string {
  const fields = line.split(' ');
  const [path, , mode, , , , , , payload] = fields;
  if (fields.length < 11 || path === undefined || payload === undefined || !/^@?[0-7]+$/.test(mode ?? '')) {
    throw new Error(`line ${number} of the dump has not the fields of a dumpfile: ${line.slice(0, 200)}`);
  }
  if (mode === undefined || !mode.startsWith('@')) {
    modes.set(path, mode ?? '');
    return line;
  }
  const known = modes.get(payload);
  if (known === undefined) throw new Error(`line ${number} of the dump is a link to nothing: ${payload}`);
  return [...fields.slice(0, 2), `@${known}`, ...fields.slice(3)].join(' ');
}
