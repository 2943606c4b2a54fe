import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { announce, artifactsOf, type Place, type Referrer, referrersOf } from './referrers.ts';

const TYPE = 'application/vnd.example';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const image = `sha256:${'1'.repeat(64)}`;
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

let answers: Map<string, { body: string; headers?: Record<string, string> }>;
let asked: string[];
let server: Server;
let place: Place;

beforeEach(async () => {
  answers = new Map();
  asked = [];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  place = { address: `127.0.0.1:${address.port}`, name: 'a/b' };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  asked.push(`${method} ${url}`);
  if (method === 'PUT') {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    answers.set(url, { body });
    response.writeHead(201).end();
    return;
  }
  const known = answers.get(url);
  if (known === undefined) response.writeHead(404).end('{"errors":[]}');
  else response.writeHead(200, known.headers).end(known.body);
}

const api = `/v2/a/b/referrers/${image}`;
const tag = `/v2/a/b/manifests/sha256-${'1'.repeat(64)}`;

/** Puts a manifest, and gives what a list says of it. */
function put(manifest: object, listed: Partial<Referrer> = {}): Referrer {
  const body = JSON.stringify(manifest);
  answers.set(`/v2/a/b/manifests/${digestOf(body)}`, { body });
  return { mediaType: MANIFEST, digest: digestOf(body), size: body.length, ...listed };
}

const list = (...manifests: readonly Referrer[]) => JSON.stringify({ schemaVersion: 2, manifests });
const artifact = (more: object = {}) => ({ artifactType: TYPE, subject: { digest: image }, ...more });

test('the manifest says what an artifact is, whatever a list says', async () => {
  const mislabelled = put(artifact(), { artifactType: 'application/vnd.oci.empty.v1+json' });
  const another = put(artifact({ artifactType: 'application/vnd.other' }), { artifactType: TYPE });
  const elsewhere = put(artifact({ subject: { digest: digestOf('') } }));
  const nested = put(artifact({ manifests: [] }), { mediaType: 'application/vnd.oci.image.index.v1+json' });
  answers.set(api, { body: list(mislabelled, another, elsewhere, nested) });
  expect(await artifactsOf(place, image, TYPE)).toEqual({
    way: 'referrers API',
    digests: [mislabelled.digest],
  });
});

test('all pages are read', async () => {
  const [first, second] = [put(artifact({ n: 1 })), put(artifact({ n: 2 }))];
  answers.set(api, { body: list(first), headers: { Link: `<${api}?next=x>; rel="next"` } });
  answers.set(`${api}?next=x`, { body: list(second) });
  expect(await referrersOf(place, image)).toEqual({ way: 'referrers API', entries: [first, second] });
});

test('the tag is read only where there is no API', async () => {
  const tagged = put(artifact());
  answers.set(tag, { body: list(tagged) });
  expect(await referrersOf(place, image)).toEqual({ way: 'referrers tag', entries: [tagged] });
  answers.set(api, { body: '{"schemaVersion":2,"manifests":null}' });
  expect(await referrersOf(place, image)).toEqual({ way: 'referrers API', entries: [] });
});

test('a manifest that is not what it says is not believed', async () => {
  const listed = put(artifact());
  answers.set(api, { body: list(listed) });
  answers.set(`/v2/a/b/manifests/${listed.digest}`, { body: JSON.stringify(artifact({ x: 1 })) });
  await expect(artifactsOf(place, image, TYPE)).rejects.toThrow('is not what it says');
});

test('a list under the tag keeps what it has, and nothing is announced where there is an API', async () => {
  const [there, added] = [put(artifact({ n: 1 })), put(artifact({ n: 2 }))];
  await announce(place, image, [there]);
  await announce(place, image, [there, added]);
  expect(JSON.parse(answers.get(tag)?.body ?? '')).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [there, added],
  });
  answers.set(api, { body: list() });
  asked = [];
  await announce(place, image, [added]);
  expect(asked).toEqual([`GET ${api}`]);
});
