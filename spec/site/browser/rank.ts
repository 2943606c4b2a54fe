/**
 * Ranks what was found. It has no access to the page, so that it can be tested on its own.
 * @module
 */

import { relatedTo, wordsOf, wordsOfQuery, wordsToFind } from './words.ts';

/** What `search-index.ts` writes: kind, title, address, text, and other words. */
export type Entry = readonly [kind: string, title: string, address: string, text: string, more?: string];

/** What an entry of a kind is worth, and what a word in its title is; a word in its text is worth 1. */
interface Kind {
  readonly worth: number;
  readonly inTitle: number;
  /** How many entries of this kind may come before others that also have a word of the query. */
  readonly most?: number;
}

/**
 * What the standard says comes before its background, and before examples of it.
 * For equal scores, their order decides.
 */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ['requirement', { worth: 1.2, inTitle: 2 }],
  ['term', { worth: 1.2, inTitle: 2 }],
  ['code', { worth: 0.8, inTitle: 2 }],
  ['field', { worth: 0.5, inTitle: 2 }],
  ['section', { worth: 1, inTitle: 2 }],
  // The title of a section is that of all its paragraphs.
  ['paragraph', { worth: 1, inTitle: 0.5 }],
  ['background', { worth: 0.7, inTitle: 0.5, most: 3 }],
  ['case', { worth: 0.4, inTitle: 1, most: 3 }],
]);
const unknownKind: Kind = { worth: 0, inTitle: 0 };

/** What a word that is not shown is worth. */
const IN_MORE = 0.5;

/** What a word that is only related, or only begins like the one that is typed, is worth. */
const RELATED = 0.4;
const BEGINS = 0.7;

/** From this length on, in characters, the length of a text weighs more than its content. */
const LONG = 600;

/** The entries, and for each word how much it is worth in which of them. */
export interface Searchable {
  readonly entries: readonly Entry[];
  readonly words: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Entries for {@link rank}: their words are found once, and not with each letter that is typed. */
export function searchable(entries: readonly Entry[]): Searchable {
  const words = new Map<string, Map<number, number>>();
  for (const [i, [kind, title, , text, more = '']] of entries.entries()) {
    const { inTitle } = kinds.get(kind) ?? unknownKind;
    for (const [part, worth] of [
      [title, inTitle],
      [text, 1],
      [more, IN_MORE],
    ] as const) {
      for (const word of wordsToFind(part)) {
        const places = words.get(word) ?? new Map<number, number>();
        words.set(word, places.set(i, Math.max(places.get(i) ?? 0, worth)));
      }
    }
  }
  return { entries, words };
}

/** The best entries for `query`, the best one first, and one for each address. */
export function rank({ entries, words }: Searchable, query: string, most: number): Entry[] {
  const wanted = query.trim().toLowerCase();
  const matches = wordsOfQuery(wanted).map(word => matchesOf(word, words, entries.length));
  const total = matches.reduce((sum, { weight }) => sum + weight, 0);
  const scores = new Map<number, { sum: number; found: number }>();
  for (const { weight, places } of matches) {
    for (const [i, worth] of places) {
      const { sum, found } = scores.get(i) ?? { sum: 0, found: 0 };
      scores.set(i, { sum: sum + weight * worth, found: found + weight * Math.min(worth, 1) });
    }
  }
  const scored = [...scores].map(([i, { sum, found }]) => {
    const entry = entries[i] as Entry;
    const [kind, title, , text] = entry;
    // A term can have several names.
    if (title.toLowerCase().split(', ').includes(wanted)) return { entry, score: Number.POSITIVE_INFINITY };
    // One entry with all words is better than one that has the rarest of them often.
    const share = found / total;
    return {
      entry,
      score: (sum * share * share * (kinds.get(kind) ?? unknownKind).worth) / (1 + text.length / LONG),
    };
  });
  const order = [...kinds.keys()];
  scored.sort((a, b) => b.score - a.score || order.indexOf(a.entry[0]) - order.indexOf(b.entry[0]));
  return mixed(
    scored.map(({ entry }) => entry),
    most,
  );
}

/** The first `most` entries, one for each address, of which no kind has more than its share if there are others. */
function mixed(sorted: readonly Entry[], most: number): Entry[] {
  const addresses = new Set<string>();
  const counts = new Map<string, number>();
  const first: Entry[] = [];
  const others: Entry[] = [];
  for (const entry of sorted) {
    const [kind, , address] = entry;
    if (addresses.has(address)) continue;
    addresses.add(address);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const { most: share = Number.POSITIVE_INFINITY } = kinds.get(kind) ?? unknownKind;
    (count <= share ? first : others).push(entry);
    if (first.length === most) break;
  }
  return [...first, ...others].slice(0, most);
}

/** Where a word is, and what it is worth there; a word weighs more if it is in few entries. */
function matchesOf(
  word: string,
  words: Searchable['words'],
  count: number,
): { readonly weight: number; readonly places: ReadonlyMap<number, number> } {
  const places = new Map<number, number>();
  const add = (other: string, share: number) => {
    for (const [i, worth] of words.get(other) ?? [])
      places.set(i, Math.max(places.get(i) ?? 0, worth * share));
  };
  add(word, 1);
  for (const other of relatedTo(word)) add(other, RELATED);
  // The last letters may not have been typed yet, and compound words begin with what people type.
  if (word.length > 2) for (const other of words.keys()) if (other.startsWith(word)) add(other, BEGINS);
  // A word that the standard does not have may be one that it has, done again: "recompress".
  if (!words.has(word) && word.startsWith('re')) add(word.slice(2), RELATED);
  return { weight: Math.log(1 + count / Math.max(places.size, 1)), places };
}

/** The part of a text that has most of the words of `query`: from a sentence on, `length` characters. */
export function excerpt(text: string, query: string, length: number): string {
  const wanted = new Set(wordsOfQuery(query).flatMap(word => [word, ...relatedTo(word)]));
  let best = { start: 0, count: -1 };
  for (const { index: start } of text.matchAll(/(?<=^|[.;:] )\S/g)) {
    const here = new Set(wordsOf(text.slice(start, start + length)));
    const count = [...wanted].filter(word => here.has(word)).length;
    if (count > best.count) best = { start, count };
  }
  return text.slice(best.start, best.start + length);
}

/** How many words lead to a text. */
const LEADING = 8;

/**
 * A text fragment, with which a browser scrolls to the first words of a text; one that cannot, or that does not find
 * them, goes to the anchor before it. It cannot find words of several cells.
 */
export function fragmentOf(text: string): string {
  const [cell = ''] = text.split('\t');
  const words = cell.split(' ').slice(0, LEADING).join(' ');
  return words === '' ? '' : `:~:text=${encodeURIComponent(words).replaceAll('-', '%2D')}`;
}
