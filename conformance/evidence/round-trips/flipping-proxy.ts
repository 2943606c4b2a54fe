/**
 * A registry that lies: a proxy that flips one bit of one blob or manifest.
 * @module
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { flipped } from './layouts.ts';

/** Headers that the answer of the proxy gets from its own connection. */
const CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** A proxy in front of a registry, on a free port of the loopback interface. It only reads. */
export class FlippingProxy {
  /** The digest of the bytes to damage, whatever they are asked for by; nothing is damaged without it. */
  flip: string | undefined;
  readonly #server: Server;
  readonly #registry: string;

  private constructor(registry: string) {
    this.#registry = registry;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts a proxy of the registry at this address. */
  static async start(registry: string): Promise<FlippingProxy> {
    const proxy = new FlippingProxy(registry);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #answer(
    { method = '', url = '', headers }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405).end();
      return;
    }
    const { accept = '*/*' } = headers;
    const answer = await fetch(`http://${this.#registry}${url}`, { method, headers: { accept } });
    const body = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, [...answer.headers].filter(([name]) => !CONNECTION.has(name)).flat());
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    response.end(digest === this.flip ? flipped(body) : body);
  }
}
