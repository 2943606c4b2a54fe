/**
 * An implementation that is asked for the images of trees, one after another, outside of any case.
 * @module
 */

import type { Hello } from '../protocol/messages.ts';
import { type Asker, type AskerOptions, type Refused, startAskers } from './client.ts';

/** Parameters of `erofs.write`. */
export type WriterParams = Readonly<Record<'format' | 'algorithm', string>>;

/** Who is asked, and how. */
export interface TreeWriterOptions extends AskerOptions {
  readonly params: WriterParams;
}

/** What came of one tree. */
export type Written =
  | { readonly kind: 'written'; readonly digest: string; readonly image: Uint8Array }
  | Refused;

/** One process that writes trees. */
export class TreeWriter {
  readonly #asker: Asker;
  readonly #params: WriterParams;

  constructor(asker: Asker, params: WriterParams) {
    this.#asker = asker;
    this.#params = params;
  }

  /** Asks for the image of a dumpfile. */
  async write(dumpfile: Uint8Array): Promise<Written> {
    const question = { op: 'erofs.write', params: this.#params } as const;
    const asked = await this.#asker.ask(question, { dumpfile }, 'image');
    if (asked.kind !== 'answered') return asked;
    const { digest } = asked.values;
    if (digest === undefined) return { kind: 'failed', problem: 'protocol: the answer lacks the digest' };
    return { kind: 'written', digest, image: asked.file };
  }

  async end(): Promise<void> {
    await this.#asker.end();
  }
}

/** Starts as many as are allowed. Throws {@link CouldNotStart}. */
export async function startTreeWriters(
  options: TreeWriterOptions,
): Promise<{ readonly hello: Hello; readonly writers: readonly TreeWriter[] }> {
  const { params } = options;
  const needs = { operation: 'erofs.write', features: [`format.${params.format}`] };
  const { hello, askers } = await startAskers(options, needs);
  return { hello, writers: askers.map(asker => new TreeWriter(asker, params)) };
}
