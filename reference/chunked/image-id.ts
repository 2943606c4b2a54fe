/**
 * The ids that containers-storage gives to an image and its layers on one machine (spec/chunked.md, "Local ids").
 * @module
 */

import { ascii, bytesOf, hex } from '../bytes.ts';
import type { Sha2 } from '../hash/sha2.ts';

/** A layer as it is identified: by the digest of its archive, or by the digest of its table of contents. */
export interface LayerIdentity {
  readonly by: 'diff-id' | 'toc';
  /** An OCI digest. */
  readonly digest: string;
}

/** Which formula: with the digest of the config in it, or the older one without it. */
export type IdFormula = 'with-config' | 'without-config';

export interface LocalIds {
  readonly image: string;
  readonly layers: readonly string[];
}

/** The local ids of an image with the config digest `config` (TOC-050, TOC-051). */
export function localIds(
  config: string,
  layers: readonly LayerIdentity[],
  formula: IdFormula,
  sha2: Sha2,
): LocalIds {
  const sha256 = (text: string) => hex(sha2.hash('sha256', bytesOf(ascii(text))));
  const list = layers.map(({ by, digest }) => `${by === 'toc' ? digest : ''}|`).join('');
  const configHex = hexOf(config);
  const text = `@With TOC:${formula === 'with-config' ? `${configHex}|` : ''}${list}`;
  const chain: string[] = [];
  for (const { by, digest } of layers) {
    const parent = chain.at(-1) ?? '';
    const component = `${by === 'toc' ? '@TOC=' : ''}${hexOf(digest)}`;
    chain.push(parent === '' && by === 'diff-id' ? component : sha256(`${parent}+${component}`));
  }
  return { image: layers.some(({ by }) => by === 'toc') ? sha256(text) : configHex, layers: chain };
}

function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}
