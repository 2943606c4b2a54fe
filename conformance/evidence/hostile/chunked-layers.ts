/**
 * Layers with a damaged table of contents, footer, tar-split data or annotations. The digests and positions that depend
 * on the damage are corrected: otherwise little but the digests would be looked at.
 * @module
 */

import { type Changes, type ChunkedLayer, chunkedLayer } from '../../generate/builder/chunked.ts';
import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { everything, few } from '../../generate/recipes/toc/parts.ts';
import { mutated, mutatedJson } from './mutate.ts';

type Damage = (random: RandomBytes) => Changes;

const damages: readonly Damage[] = [
  // Damage to the whole blob, or none.
  () => ({}),
  random => ({ toc: text => damagedText(text, random) }),
  random => ({ toc: text => withDamagedEntry(text, random) }),
  random => ({
    tarSplitText: text => {
      const lines = text.split('\n');
      const at = random.below(lines.length - 1);
      const damaged = Buffer.from(damagedText(lines[at] ?? '', random));
      return Buffer.concat([
        Buffer.from(
          lines
            .slice(0, at)
            .map(line => `${line}\n`)
            .join(''),
        ),
        damaged,
        Buffer.from(`\n${lines.slice(at + 1).join('\n')}`),
      ]);
    },
  }),
  random => ({ tarSplitText: text => mutated(Buffer.from(text), Buffer.from(text), random) }),
  random => ({ compressedToc: bytes => mutated(bytes, bytes, random) }),
  random => ({ compressedTarSplit: bytes => mutated(bytes, bytes, random) }),
  random => ({
    footer: numbers => {
      const at = random.below(numbers.length);
      return numbers.map((number, i) => (i === at ? random.pick([...values, number + 1]) : number));
    },
  }),
  random => ({
    annotations: all => {
      const at = random.pick(Object.keys(all));
      const text = Buffer.from(all[at] ?? '');
      return { ...all, [at]: Buffer.from(mutated(text, text, random)).toString('latin1') };
    },
  }),
  random => ({
    order: ({ content, toc, tarSplit, footer }) => {
      const frames = [content, toc, tarSplit, footer];
      const at = random.below(frames.length);
      const other = random.pick(frames);
      return frames.toSpliced(at, random.below(2), other);
    },
  }),
];

const values = [0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53];

/** A layer with one kind of damage, and at times with damage to the whole blob as well. */
export function hostileChunkedLayer(random: RandomBytes): Pick<ChunkedLayer, 'blob' | 'annotations'> {
  const parts = random.pick([everything, few]);
  const { blob, annotations } = chunkedLayer(parts, random.pick(damages)(random));
  return random.once(6) ? { blob: mutated(blob, blob, random), annotations } : { blob, annotations };
}

/** In place of the damaged entry, which can be nested deeper than `JSON.stringify` can go. */
const HERE = 'damaged entry';

function withDamagedEntry(text: string, random: RandomBytes): string {
  const toc = JSON.parse(text);
  const at = random.below(toc.entries.length);
  const damaged = Buffer.from(mutatedJson(toc.entries[at], random)).toString('utf8');
  toc.entries[at] = HERE;
  return JSON.stringify(toc).replace(`"${HERE}"`, () => damaged);
}

function damagedText(text: string, random: RandomBytes): Uint8Array {
  const bytes = Buffer.from(text);
  return random.once(2) ? mutated(bytes, bytes, random) : mutatedJson(JSON.parse(text), random);
}
