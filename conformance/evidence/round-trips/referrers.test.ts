import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addReferrers,
  artifactsOf,
  type Referrer,
  type RegistryRepository,
  referrersOf,
} from './referrers.ts';

const TYPE = 'application/vnd.example';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const image = `sha256:${'1'.repeat(64)}`;
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

let answers: Map<string, { body: string; headers?: Record<string, string> }>;
let requests: string[];
let server: Server;
let repository: RegistryRepository;

beforeEach(async () => {
  answers = new Map();
  requests = [];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  repository = { address: `127.0.0.1:${address.port}`, name: 'a/b' };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  requests.push(`${method} ${url}`);
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

/** Stores a manifest, and returns its entry for a list. */
function put(manifest: object, listed: Partial<Referrer> = {}): Referrer {
  const body = JSON.stringify(manifest);
  answers.set(`/v2/a/b/manifests/${digestOf(body)}`, { body });
  return { mediaType: MANIFEST, digest: digestOf(body), size: body.length, ...listed };
}

const list = (...manifests: readonly Referrer[]) => JSON.stringify({ schemaVersion: 2, manifests });
const artifact = (more: object = {}) => ({ artifactType: TYPE, subject: { digest: image }, ...more });

test('the manifest decides whether it is an artifact, not the list', async () => {
  const mislabelled = put(artifact(), { artifactType: 'application/vnd.oci.empty.v1+json' });
  const another = put(artifact({ artifactType: 'application/vnd.other' }), { artifactType: TYPE });
  const elsewhere = put(artifact({ subject: { digest: digestOf('') } }));
  const nested = put(artifact({ manifests: [] }), { mediaType: 'application/vnd.oci.image.index.v1+json' });
  answers.set(api, { body: list(mislabelled, another, elsewhere, nested) });
  expect(await artifactsOf(repository, image, TYPE)).toEqual({
    method: 'referrers API',
    digests: [mislabelled.digest],
  });
});

test('all pages of a list are read', async () => {
  const [first, second] = [put(artifact({ n: 1 })), put(artifact({ n: 2 }))];
  answers.set(api, { body: list(first), headers: { Link: `<${api}?next=x>; rel="next"` } });
  answers.set(`${api}?next=x`, { body: list(second) });
  expect(await referrersOf(repository, image)).toEqual({ method: 'referrers API', entries: [first, second] });
});

test('the tag is read only if there is no API', async () => {
  const tagged = put(artifact());
  answers.set(tag, { body: list(tagged) });
  expect(await referrersOf(repository, image)).toEqual({ method: 'referrers tag', entries: [tagged] });
  answers.set(api, { body: '{"schemaVersion":2,"manifests":null}' });
  expect(await referrersOf(repository, image)).toEqual({ method: 'referrers API', entries: [] });
});

test('a manifest that does not match its digest is rejected', async () => {
  const listed = put(artifact());
  answers.set(api, { body: list(listed) });
  answers.set(`/v2/a/b/manifests/${listed.digest}`, { body: JSON.stringify(artifact({ x: 1 })) });
  await expect(artifactsOf(repository, image, TYPE)).rejects.toThrow('does not match its digest');
});

test('a list under the tag keeps its entries, and nothing is written if there is an API', async () => {
  const [first, added] = [put(artifact({ n: 1 })), put(artifact({ n: 2 }))];
  await addReferrers(repository, image, [first]);
  await addReferrers(repository, image, [first, added]);
  expect(JSON.parse(answers.get(tag)?.body ?? '')).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [first, added],
  });
  answers.set(api, { body: list() });
  requests = [];
  await addReferrers(repository, image, [added]);
  expect(requests).toEqual([`GET ${api}`]);
});
