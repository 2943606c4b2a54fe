/**
 * An implementation that is asked for the trees of layers, one after another, outside of any case.
 * @module
 */

import type { Hello } from '../protocol/messages.ts';
import { type Asker, type AskerOptions, type Refused, startAskers } from './client.ts';
import type { LayerBytes } from './work-directory.ts';

/** Parameters of `layers.tree`. */
export type BuilderParams = Readonly<Record<'role' | 'transform' | 'xattrs' | 'algorithm', string>>;

/** What came of some layers. */
export type Built = { readonly kind: 'built'; readonly dumpfile: Uint8Array } | Refused;

/** One process that builds trees. */
export class TreeBuilder {
  readonly #asker: Asker;

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Asks for the tree of `layers`, the base first. */
  async build(layers: readonly LayerBytes[], params: BuilderParams): Promise<Built> {
    const asked = await this.#asker.ask({ op: 'layers.tree', params }, { layers }, 'dumpfile');
    return asked.kind === 'answered' ? { kind: 'built', dumpfile: asked.file } : asked;
  }

  async end(): Promise<void> {
    await this.#asker.end();
  }
}

/** Starts as many as are allowed, if they have all of `features`. Throws {@link CouldNotStart}. */
export async function startTreeBuilders(
  options: AskerOptions,
  features: readonly string[],
): Promise<{ readonly hello: Hello; readonly builders: readonly TreeBuilder[] }> {
  const { hello, askers } = await startAskers(options, { operation: 'layers.tree', features });
  return { hello, builders: askers.map(asker => new TreeBuilder(asker)) };
}
