/**
 * Finds the artifacts of an image in a registry, and makes them found, as the OCI distribution specification says:
 * with the referrers API, and with the referrers tag where a registry has none.
 * @module
 */

import { createHash } from 'node:crypto';

/** How referrers are told. */
export type Way = 'referrers API' | 'referrers tag';

/** An entry of a list of referrers. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

/** What refers to a manifest. */
export interface Referrers {
  readonly way: Way;
  readonly entries: readonly Referrer[];
}

/** A name in a registry. */
export interface Place {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  readonly name: string;
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Everything that refers to the manifest `digest`, of whatever type. */
export async function referrersOf(place: Place, digest: string): Promise<Referrers> {
  const entries: Referrer[] = [];
  let url: URL | undefined = urlOf(place, 'referrers', digest);
  while (url !== undefined) {
    const response = await ask(url, INDEX);
    // A registry that has the API answers with an empty list, and never so.
    if (response === undefined) return { way: 'referrers tag', entries: await tagged(place, digest) };
    entries.push(...entriesOf(await response.json()));
    url = nextPage(response);
  }
  return { way: 'referrers API', entries };
}

/** The artifacts of type `artifactType` among what refers to the manifest `digest`. VERIFY-019 */
export async function artifactsOf(
  place: Place,
  digest: string,
  artifactType: string,
): Promise<{ readonly way: Way; readonly digests: readonly string[] }> {
  const { way, entries } = await referrersOf(place, digest);
  const digests: string[] = [];
  for (const entry of entries.filter(({ mediaType }) => mediaType === MANIFEST)) {
    // The manifest has the last word: some registries put the type of its config into the list.
    const manifest = await manifestOf(place, entry.digest);
    const { subject, artifactType: type } = JSON.parse(manifest.toString()) as {
      readonly subject?: { readonly digest?: string };
      readonly artifactType?: string;
    };
    if (type === artifactType && subject?.digest === digest) digests.push(entry.digest);
  }
  return { way, digests };
}

/**
 * Puts manifests that are in the registry, and refer to the manifest `digest`, on its list, if the registry does not
 * do so by itself. SEAL-038
 */
export async function announce(place: Place, digest: string, added: readonly Referrer[]): Promise<void> {
  const { way, entries } = await referrersOf(place, digest);
  if (way === 'referrers API') return;
  const news = added.filter(entry => !entries.some(known => known.digest === entry.digest));
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [...entries, ...news] };
  const response = await fetch(urlOf(place, 'manifests', tagOf(digest)), {
    method: 'PUT',
    headers: { 'Content-Type': INDEX },
    body: JSON.stringify(index),
  });
  if (!response.ok) throw new Error(`PUT ${response.url}: ${response.status} ${await response.text()}`);
}

/** The bytes of a manifest, of which only those that have the digest are believed. */
async function manifestOf(place: Place, digest: string): Promise<Buffer> {
  const response = await ask(urlOf(place, 'manifests', digest), MANIFEST);
  if (response === undefined) throw new Error(`${digest} is listed, and not there`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const [hash = '', hex] = digest.split(':');
  if (createHash(hash).update(bytes).digest('hex') !== hex) throw new Error(`${digest} is not what it says`);
  return bytes;
}

async function tagged(place: Place, digest: string): Promise<readonly Referrer[]> {
  const response = await ask(urlOf(place, 'manifests', tagOf(digest)), INDEX);
  return response === undefined ? [] : entriesOf(await response.json());
}

/** `sha256-…`: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
function tagOf(digest: string): string {
  const [hash = '', hex = ''] = digest.split(':');
  return `${hash.slice(0, 32)}-${hex.slice(0, 64)}`;
}

function urlOf({ address, name }: Place, kind: 'referrers' | 'manifests', reference: string): URL {
  return new URL(`http://${address}/v2/${name}/${kind}/${reference}`);
}

/** Undefined where there is no such thing. */
async function ask(url: URL, accept: string): Promise<Response | undefined> {
  const response = await fetch(url, { headers: { Accept: accept } });
  if (response.ok) return response;
  const said = await response.text();
  if (response.status === 404) return undefined;
  throw new Error(`GET ${url}: ${response.status} ${said}`);
}

function entriesOf(index: unknown): readonly Referrer[] {
  // Some registries say null where they have none.
  return (index as { readonly manifests: readonly Referrer[] | null }).manifests ?? [];
}

function nextPage(response: Response): URL | undefined {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(response.headers.get('Link') ?? '')?.[1];
  return next === undefined ? undefined : new URL(next, response.url);
}
