/**
 * Finds the artifacts of an image in a registry, and lists new ones, as the OCI distribution specification describes:
 * with the referrers API, or with the referrers tag if a registry does not have the API.
 * @module
 */

import { createHash } from 'node:crypto';

/** How a registry lists referrers. */
export type ReferrersMethod = 'referrers API' | 'referrers tag';

/** An entry of a list of referrers. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
}

/** The referrers of a manifest. */
export interface Referrers {
  readonly method: ReferrersMethod;
  readonly entries: readonly Referrer[];
}

/** A repository in a registry. */
export interface RegistryRepository {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  readonly name: string;
}

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Everything that refers to the manifest `digest`, of any type. */
export async function referrersOf(repository: RegistryRepository, digest: string): Promise<Referrers> {
  const entries: Referrer[] = [];
  let url: URL | undefined = urlOf(repository, 'referrers', digest);
  while (url !== undefined) {
    const response = await fetchIfFound(url, INDEX);
    // A registry with the API answers with an empty list instead of 404.
    if (response === undefined) return { method: 'referrers tag', entries: await tagged(repository, digest) };
    entries.push(...entriesOf(await response.json()));
    url = nextPage(response);
  }
  return { method: 'referrers API', entries };
}

/** The artifacts of type `artifactType` that refer to the manifest `digest`. VERIFY-019 */
export async function artifactsOf(
  repository: RegistryRepository,
  digest: string,
  artifactType: string,
): Promise<{ readonly method: ReferrersMethod; readonly digests: readonly string[] }> {
  const { method, entries } = await referrersOf(repository, digest);
  const digests: string[] = [];
  for (const entry of entries.filter(({ mediaType }) => mediaType === MANIFEST)) {
    // The manifest decides, not the list: some registries list the type of its config instead.
    const manifest = await manifestOf(repository, entry.digest);
    const { subject, artifactType: type } = JSON.parse(manifest.toString()) as {
      readonly subject?: { readonly digest?: string };
      readonly artifactType?: string;
    };
    if (type === artifactType && subject?.digest === digest) digests.push(entry.digest);
  }
  return { method, digests };
}

/**
 * Adds manifests in the registry that refer to the manifest `digest` to the list of its referrers, unless the registry
 * does so itself. SEAL-038, SEAL-090
 */
export async function addReferrers(
  repository: RegistryRepository,
  digest: string,
  added: readonly Referrer[],
): Promise<void> {
  const { method, entries } = await referrersOf(repository, digest);
  if (method === 'referrers API') return;
  const missing = added.filter(entry => !entries.some(listed => listed.digest === entry.digest));
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [...entries, ...missing] };
  const response = await fetch(urlOf(repository, 'manifests', tagOf(digest)), {
    method: 'PUT',
    headers: { 'Content-Type': INDEX },
    body: JSON.stringify(index),
  });
  if (!response.ok) throw new Error(`PUT ${response.url}: ${response.status} ${await response.text()}`);
}

/** The bytes of a manifest, which are checked against the digest. */
async function manifestOf(repository: RegistryRepository, digest: string): Promise<Buffer> {
  const response = await fetchIfFound(urlOf(repository, 'manifests', digest), MANIFEST);
  if (response === undefined) throw new Error(`${digest} is listed, but the registry does not have it`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const [hash = '', hex] = digest.split(':');
  if (createHash(hash).update(bytes).digest('hex') !== hex)
    throw new Error(`the manifest ${digest} does not match its digest`);
  return bytes;
}

async function tagged(repository: RegistryRepository, digest: string): Promise<readonly Referrer[]> {
  const response = await fetchIfFound(urlOf(repository, 'manifests', tagOf(digest)), INDEX);
  return response === undefined ? [] : entriesOf(await response.json());
}

/** `sha256-…`: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
function tagOf(digest: string): string {
  const [hash = '', hex = ''] = digest.split(':');
  return `${hash.slice(0, 32)}-${hex.slice(0, 64)}`;
}

function urlOf(
  { address, name }: RegistryRepository,
  kind: 'referrers' | 'manifests',
  reference: string,
): URL {
  return new URL(`http://${address}/v2/${name}/${kind}/${reference}`);
}

/** The response, or undefined if it is 404. */
async function fetchIfFound(url: URL, accept: string): Promise<Response | undefined> {
  const response = await fetch(url, { headers: { Accept: accept } });
  if (response.ok) return response;
  const body = await response.text();
  if (response.status === 404) return undefined;
  throw new Error(`GET ${url}: ${response.status} ${body}`);
}

function entriesOf(index: unknown): readonly Referrer[] {
  // Some registries answer null instead of an empty list.
  return (index as { readonly manifests: readonly Referrer[] | null }).manifests ?? [];
}

function nextPage(response: Response): URL | undefined {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(response.headers.get('Link') ?? '')?.[1];
  return next === undefined ? undefined : new URL(next, response.url);
}
