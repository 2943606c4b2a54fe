/**
 * The labels that a dumpfile has, and their comparison with those of libselinux. The dumpfile is parsed here and not by
 * the reference, whose dumpfiles it judges.
 * @module
 */

import type { LabelAnswer, LabelRequest, TypeLetter } from './look-up-labels.ts';

/** A path of a dumpfile, with its type and its label. */
export interface LabelledPath extends LabelRequest {
  /** Absent if it has no label. */
  readonly label?: string;
}

const LABEL = 'security.selinux=';

/** File types by the digits of the mode above the permissions. */
const letters: Readonly<Record<string, TypeLetter>> = {
  '1': 'p',
  '2': 'c',
  '4': 'd',
  '6': 'b',
  '10': '-',
  '12': 'l',
};

/** The paths of a canonical dumpfile in its order; a hard link has the label of its target. */
export function labelledPaths(dumpfile: string): LabelledPath[] {
  const labels = new Map<string, string | undefined>();
  return dumpfile
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [path = '', , mode = '', , , , , , payload = '', , , ...xattrs] = line.split(' ');
      const own = xattrs.find(xattr => xattr.startsWith(LABEL))?.slice(LABEL.length);
      const escaped = mode.startsWith('@') ? labels.get(payload) : own;
      labels.set(path, escaped);
      const type = letters[mode.replace(/^@/, '').slice(0, -4)];
      if (type === undefined) throw new Error(`${path} has the mode ${mode}`);
      return { path: unescaped(path), type, ...(escaped !== undefined && { label: unescaped(escaped) }) };
    });
}

/** The bytes of a field of a canonical dumpfile, one in each character. */
function unescaped(field: string): string {
  const names: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\' };
  return field.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex?: string, name = '') =>
    hex === undefined ? (names[name] ?? name) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** One line for each path to which libselinux gives another label than `paths` have. */
export function labelDifferences(
  paths: readonly LabelledPath[],
  answers: readonly LabelAnswer[],
  lookup: string,
): string[] {
  return paths.flatMap(({ path, type, label }, i) => {
    const answer = answers[i] ?? { kind: 'failed', why: 'no answer' };
    if (answer.kind === 'failed') return [`${shown(path, type)}: ${lookup} fails: ${answer.why}`];
    const other = answer.kind === 'label' ? answer.label : undefined;
    return label === other
      ? []
      : [`${shown(path, type)}: expected ${labelText(label)}, ${lookup} gives ${labelText(other)}`];
  });
}

function shown(path: string, type: TypeLetter): string {
  return `${JSON.stringify(path)} (${type})`;
}

function labelText(label: string | undefined): string {
  return label === undefined ? 'no label' : `the label ${JSON.stringify(label)}`;
}
