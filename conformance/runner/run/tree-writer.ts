/**
 * Requests the images of trees (`erofs.write`) from an implementation, outside of the cases.
 * @module
 */

import type { HelloMessage } from '../protocol/messages.ts';
import { type Client, type ClientOptions, type NoResult, startClients } from './client.ts';

/** Parameters of `erofs.write`. */
export type WriterParams = Readonly<Record<'format' | 'algorithm', string>>;

/** How to start the adapter, and the parameters of its requests. */
export interface TreeWriterOptions extends ClientOptions {
  readonly params: WriterParams;
}

/** The result for one tree. */
export type Written =
  | { readonly kind: 'written'; readonly digest: string; readonly image: Uint8Array }
  | NoResult;

/** One session that requests images. */
export class TreeWriter {
  readonly #client: Client;
  readonly #params: WriterParams;

  constructor(client: Client, params: WriterParams) {
    this.#client = client;
    this.#params = params;
  }

  /** Requests the image of a dumpfile. */
  async write(dumpfile: Uint8Array): Promise<Written> {
    const operation = { op: 'erofs.write', params: this.#params } as const;
    const result = await this.#client.request(operation, { dumpfile }, 'image');
    if (result.kind !== 'answered') return result;
    const { digest } = result.values;
    if (digest === undefined) return { kind: 'failed', problem: 'protocol: the answer has no value digest' };
    return { kind: 'written', digest, image: result.file };
  }

  async end(): Promise<void> {
    await this.#client.end();
  }
}

/** Starts as many sessions as allowed. Throws {@link CouldNotStart}. */
export async function startTreeWriters(
  options: TreeWriterOptions,
): Promise<{ readonly hello: HelloMessage; readonly writers: readonly TreeWriter[] }> {
  const { params } = options;
  const needs = { operation: 'erofs.write', features: [`format.${params.format}`] };
  const { hello, clients } = await startClients(options, needs);
  return { hello, writers: clients.map(client => new TreeWriter(client, params)) };
}
