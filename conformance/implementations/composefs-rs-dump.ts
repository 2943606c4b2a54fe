/**
 * Turns the output of composefs-rs' `composefs-info dump` into a canonical dumpfile.
 *
 * The output is canonical except for one thing: a hard link line always has the mode `@120000`. The canonical mode is
 * that of the inode, which the line of the hard link's target has.
 *
 * Nothing else is changed: a digest that is printed for a file without one stays, and so does a wrong tree.
 * @module
 */

/** Throws an Error if a line is not a line of a dumpfile: the output of the tool cannot be compared then. */
export function toCanonicalDumpfile(dump: string): string {
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
    throw new Error(`line ${number} of the dump is not a dumpfile line: ${line.slice(0, 200)}`);
  }
  if (mode === undefined || !mode.startsWith('@')) {
    modes.set(path, mode ?? '');
    return line;
  }
  const known = modes.get(payload);
  if (known === undefined)
    throw new Error(`line ${number} of the dump is a hard link to ${payload}, which no earlier line has`);
  return [...fields.slice(0, 2), `@${known}`, ...fields.slice(3)].join(' ');
}
