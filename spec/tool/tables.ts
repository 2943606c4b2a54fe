/**
 * The tables of the chapters, for the tests that hold them to the requirements, the code and the vectors.
 * @module
 */

/** A table: the cells of its header and of its rows, as Markdown. */
export interface Table {
  /** The heading above it. */
  readonly section: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Id of the requirement that it is a part of; undefined for a table outside requirements. */
  readonly requirement: string | undefined;
}

/** Every table of a chapter. */
export function tablesOf(source: string): Table[] {
  const tables: Table[] = [];
  let section = '';
  let requirement: string | undefined;
  let lines: string[] = [];
  for (const line of `${source}\n`.split('\n')) {
    if (/^ *\|/.test(line)) {
      lines.push(line);
      continue;
    }
    const [header, , ...rows] = lines.map(cells);
    if (header !== undefined) tables.push({ section, header, rows, requirement });
    lines = [];
    section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
    if (/^\S/.test(line)) requirement = /^- <a id="[^"]*"><\/a>\*\*([A-Z]+-[0-9]{3})\*\*/.exec(line)?.[1];
  }
  return tables;
}

/** The cells of a row; a pipe after a backslash belongs to its cell. */
function cells(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim());
}

/** Ids of requirements that a text links to; `[A-001](…) to [A-004](…)` is all of them. */
export function citedIds(text: string): string[] {
  const ids: string[] = [];
  const link = /(?:(\bto) )?\[(?:the number that )?([A-Z]+)-([0-9]{3})[^\]]*\]/g;
  for (const [, to, area, digits = ''] of text.matchAll(link)) {
    const last = Number(digits);
    const previous = Number(ids.at(-1)?.slice(-3));
    for (let number = to === undefined ? last : previous + 1; number <= last; number++) {
      ids.push(`${area}-${String(number).padStart(3, '0')}`);
    }
  }
  return ids;
}

/** Error codes that a text names. */
export function namedCodes(text: string): string[] {
  return [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)].map(([, code = '']) => code);
}

/** Codes of `text` that none of the requirements that `text` cites names, where it cites some. */
export function unexplainedCodes(text: string, requirements: ReadonlyMap<string, string>): string[] {
  const cited = citedIds(text);
  if (cited.length === 0) return [];
  return namedCodes(text).filter(code => !cited.some(id => requirements.get(id)?.includes(`\`${code}\``)));
}

/** The numbers of a text, as digits: `4,095`, `2^53 - 1` and `1024` with and without separators are the same. */
export function numbersIn(text: string): bigint[] {
  const plain = text.replace(/(?<=[0-9]),(?=[0-9]{3}\b)/g, '');
  const power = /\b(2|10)\^([0-9]+)( ?- ?1\b)?/g;
  const powers = [...plain.matchAll(power)].map(
    ([, base = '', exponent = '', less]) => BigInt(base) ** BigInt(exponent) - (less === undefined ? 0n : 1n),
  );
  // Without a boundary after the digits: the grammars write 1*9DIGIT.
  const others = [...plain.replace(power, '').matchAll(/(?<![0-9])([0-9]+)(?![0-9])( [KMGT]iB)?/g)];
  return [...powers, ...others.map(([, digits = '', unit]) => BigInt(digits) * 1024n ** unitPower(unit))];
}

function unitPower(unit: string | undefined): bigint {
  return unit === undefined ? 0n : BigInt(' KMGT'.indexOf(unit.trim().charAt(0)));
}
