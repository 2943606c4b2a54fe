/**
 * Ranks what was found. It has no access to the page, so that it can be tested on its own.
 * @module
 */

/** What `search-index.ts` writes: kind, title, address, text. */
export type Entry = readonly [kind: string, title: string, address: string, text: string];

const order = ['requirement', 'code', 'term', 'field', 'section', 'case'];
/** Words that say nothing about what is looked for. */
const commonWords = new Set(
  'a an and are be by can do does for from has have how if in is it its of on or that the this to was what when which who why with'.split(
    ' ',
  ),
);

/** An entry whose words can be compared. */
export interface Searchable {
  readonly entry: Entry;
  /** Title and text in lower case. */
  readonly name: string;
  readonly text: string;
}

/** Entries for {@link rank}: their case is changed once, and not with each letter that is typed. */
export function searchable(entries: readonly Entry[]): Searchable[] {
  return entries.map(entry => ({ entry, name: entry[1].toLowerCase(), text: entry[3].toLowerCase() }));
}

/** The best entries for `query`, the best one first. */
export function rank(all: readonly Searchable[], query: string, most: number): Entry[] {
  const wanted = query.trim().toLowerCase();
  const words = wordsOf(wanted);
  if (words.length === 0) return [];
  const weights = words.map(word => weightOf(word, all));
  return all
    .map(each => ({ entry: each.entry, score: scoreOf(each, wanted, words, weights) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || order.indexOf(a.entry[0]) - order.indexOf(b.entry[0]))
    .slice(0, most)
    .map(({ entry }) => entry);
}

function wordsOf(text: string): string[] {
  const all = text.split(/[^\p{L}\p{N}_.-]+/u).filter(word => word !== '');
  const telling = all.filter(word => !commonWords.has(word));
  return [...new Set(telling.length > 0 ? telling : all)].map(stem);
}

/** Without the endings of the plural and of verbs, so that "images" finds "image". */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|es|s|ed|ing)$/, '') : word;
}

/** A word weighs more if it is in few entries. */
function weightOf(word: string, all: readonly Searchable[]): number {
  const containing = all.filter(({ name, text }) => name.includes(word) || text.includes(word)).length;
  return containing === 0 ? 0 : Math.log(1 + all.length / containing);
}

function scoreOf(
  { entry: [kind], name, text }: Searchable,
  wanted: string,
  words: readonly string[],
  weights: readonly number[],
): number {
  // A term can have several names.
  if (name.split(', ').includes(wanted)) return 1000;
  let score = 0;
  for (const [i, word] of words.entries()) {
    const weight = weights[i] ?? 0;
    if (name.includes(word)) score += 3 * weight;
    else if (text.includes(word)) score += weight;
  }
  const together = text.includes(wanted) ? 1.5 : 1;
  // A short text is more about its words than a long one; cases and fields are about one detail.
  const share = kind === 'case' || kind === 'field' ? 0.4 : 1;
  return ((score * together) / (1 + text.length / 4000)) * share;
}
