/**
 * Requests the trees of layers (`layers.tree`) from an implementation, outside of the cases.
 * @module
 */

import type { HelloMessage } from '../protocol/messages.ts';
import { type Client, type ClientOptions, type NoResult, startClients } from './client.ts';
import type { LayerBytes } from './input-files.ts';

/** Parameters of `layers.tree`. */
export type BuilderParams = Readonly<Record<'role' | 'transform' | 'xattrs' | 'algorithm', string>>;

/** The result for some layers. */
export type Built = { readonly kind: 'built'; readonly dumpfile: Uint8Array } | NoResult;

/** One session that requests trees. */
export class TreeBuilder {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Requests the tree of `layers`, the base first. */
  async build(layers: readonly LayerBytes[], params: BuilderParams): Promise<Built> {
    const result = await this.#client.request({ op: 'layers.tree', params }, { layers }, 'dumpfile');
    return result.kind === 'answered' ? { kind: 'built', dumpfile: result.file } : result;
  }

  async end(): Promise<void> {
    await this.#client.end();
  }
}

/** Starts as many sessions as allowed, if hello declares all of `features`. Throws {@link CouldNotStart}. */
export async function startTreeBuilders(
  options: ClientOptions,
  features: readonly string[],
): Promise<{ readonly hello: HelloMessage; readonly builders: readonly TreeBuilder[] }> {
  const { hello, clients } = await startClients(options, { operation: 'layers.tree', features });
  return { hello, builders: clients.map(client => new TreeBuilder(client)) };
}
