import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FlippingProxy } from './flipping-proxy.ts';

const BODY = 'content';
const DIGEST = 'sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73';

let registry: Server;
let proxy: FlippingProxy;
beforeEach(async () => {
  registry = createServer(({ url }, response) => {
    response.writeHead(url === '/v2/missing' ? 404 : 200, { 'X-Header': 'kept' }).end(BODY);
  });
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve));
  const address = registry.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await FlippingProxy.start(`127.0.0.1:${address.port}`);
});
afterEach(async () => {
  await proxy.stop();
  registry.closeAllConnections();
  await new Promise(resolve => registry.close(resolve));
});

async function answer(path: string, method = 'GET') {
  const response = await fetch(`http://${proxy.address}${path}`, { method });
  return { status: response.status, header: response.headers.get('x-header'), body: await response.text() };
}

test('an answer of the registry is passed on', async () => {
  expect(await answer('/v2/any')).toEqual({ status: 200, header: 'kept', body: BODY });
  expect(await answer('/v2/missing')).toMatchObject({ status: 404 });
  expect(await answer('/v2/any', 'PUT')).toMatchObject({ status: 405, header: null });
});

test('one bit of the bytes with the digest is flipped, and of no others', async () => {
  proxy.flip = DIGEST;
  expect(await answer('/v2/any')).toEqual({ status: 200, header: 'kept', body: 'conuent' });
  proxy.flip = DIGEST.replace('ed', 'ee');
  expect(await answer('/v2/any')).toMatchObject({ body: BODY });
});
