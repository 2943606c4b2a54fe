/**
 * Shrinks the inputs of a request without regard to their format: removes layers, then blocks or lines, then bytes.
 * @module
 */

import type { InputBytes } from '../run/input-files.ts';
import { Shrinking, type Test } from './shrinking.ts';

/** One input, or one layer of the input `layers`. */
export interface InputPart {
  readonly name: string;
  /** Only of a layer. */
  readonly mediaType?: string;
  bytes: Uint8Array;
}

/** Inputs that are not shrunk: a smaller key or certificate is only a damaged one. */
const fixed = ['key', 'certificate', 'certificates', 'annotations'];

/** Archives and images consist of blocks of this size. */
const BLOCK = 512;
/** Up to this size, single bytes are removed. */
const FEW_BYTES = 2048;

/** Makes `parts`, which pass `test`, smaller, until no further change passes. */
export function shrinkInput(parts: readonly InputPart[], test: Test<InputPart[]>): Promise<InputPart[]> {
  const shrinker = new InputShrinker(copied(parts), copied, test);
  return shrinker.exhaust([
    () => shrinker.fewerLayers(),
    () => shrinker.fewerPieces(),
    () => shrinker.fewerBytes(),
  ]);
}

/** `parts` as the inputs of a request. */
export function inputBytes(parts: readonly InputPart[]): InputBytes {
  const inputs: Record<string, InputBytes[string]> = {};
  const layers: { bytes: Uint8Array; mediaType: string }[] = [];
  for (const { name, mediaType, bytes } of parts) {
    if (mediaType === undefined) inputs[name] = bytes;
    else layers.push({ bytes, mediaType });
  }
  return layers.length === 0 ? inputs : { ...inputs, layers };
}

function copied(parts: readonly InputPart[]): InputPart[] {
  return parts.map(part => ({ ...part }));
}

class InputShrinker extends Shrinking<InputPart[]> {
  async fewerLayers(): Promise<void> {
    // A request has at least one layer.
    const others = () => this.subject.filter(({ mediaType }) => mediaType !== undefined).length - 1;
    for (let i = 0; i < this.subject.length; ) {
      const isLayer = this.subject[i]?.mediaType !== undefined && others() > 0;
      const removed = isLayer && (await this.try(parts => parts.splice(i, 1).length > 0));
      if (!removed) i++;
    }
  }

  async fewerPieces(): Promise<void> {
    await this.#fewer(pieces);
  }

  async fewerBytes(): Promise<void> {
    await this.#fewer(bytes =>
      bytes.length > FEW_BYTES ? [bytes] : [...bytes].map(byte => Uint8Array.of(byte)),
    );
  }

  /** Removes ranges of the pieces into which `split` divides each part. */
  async #fewer(split: (bytes: Uint8Array) => readonly Uint8Array[]): Promise<void> {
    for (const [i, { name }] of this.subject.entries()) {
      if (fixed.includes(name)) continue;
      const ofPart = (parts: InputPart[]) => split(parts[i]?.bytes ?? new Uint8Array());
      await this.runs(
        () => ofPart(this.subject).length,
        (parts, from, to) => {
          const part = parts[i];
          const left = ofPart(parts).filter((_, at) => at < from || at >= to);
          if (part !== undefined) part.bytes = Buffer.concat(left);
        },
      );
    }
  }
}

/** Blocks if the bytes consist of whole ones, and lines otherwise. */
function pieces(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  if (bytes.length % BLOCK === 0) {
    for (let at = 0; at < bytes.length; at += BLOCK) found.push(bytes.subarray(at, at + BLOCK));
    return found;
  }
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}
