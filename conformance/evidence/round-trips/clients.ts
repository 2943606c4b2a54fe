/**
 * The programs that push a sealed image to a registry and pull it.
 * @module
 */

import { join } from 'node:path';
import { orasVersion, registryToolPath } from '../../implementations/install/paths.ts';
import type { Processes } from '../processes.ts';
import { type OptionalTool, skopeo } from '../tools.ts';
import { entriesOf, variantOf } from './layouts.ts';
import { addReferrers, artifactsOf, type RegistryRepository } from './referrers.ts';

/** The artifact type of sealing artifacts. */
export const ARTIFACT_TYPE = 'application/vnd.composefs.metadata.v1';

/** The digests of the image of one platform and of its artifacts. */
export interface TaggedImage {
  readonly manifest: string;
  readonly artifacts: readonly string[];
}

/** A layout, and the images that its tag `latest` leads to, one per platform. */
export interface TaggedLayout {
  readonly layout: string;
  readonly images: readonly TaggedImage[];
}

/** The program of a client, and what it runs with. */
export interface ClientTools {
  /** The path of the program. */
  readonly path: string;
  readonly processes: Processes;
  /** A folder for temporary files, which does not exist yet. */
  readonly scratch: string;
}

/** A client that may be installed. */
export interface RegistryClient extends OptionalTool {
  readonly slug: string;
  /** The command that installs it. */
  readonly installHint: string;
  /** Pushes the images that the tag leads to, and their artifacts. */
  readonly push: (tagged: TaggedLayout, repository: RegistryRepository, tools: ClientTools) => Promise<void>;
  /** Pulls the images that the tag leads to, which have these manifests, and their artifacts, into a new layout. */
  readonly pull: (
    repository: RegistryRepository,
    manifests: readonly string[],
    layout: string,
    tools: ClientTools,
  ) => Promise<void>;
}

/** All of them. */
export function clients(): readonly RegistryClient[] {
  return [
    {
      ...skopeo(),
      slug: 'skopeo',
      installHint: 'apt install skopeo',
      push: pushBySkopeo,
      pull: pullBySkopeo,
    },
    oras(),
  ];
}

/** oras, which copies everything that refers to an image, too. */
export function oras(): RegistryClient {
  const path = registryToolPath('oras');
  return {
    ...(path === undefined ? { name: 'oras' } : { path, name: `oras ${orasVersion}` }),
    slug: 'oras',
    installHint: 'npm run peers -- registry',
    push: pushByOras,
    pull: pullByOras,
  };
}

/** skopeo copies one manifest at a time, so each artifact is copied from a layout that contains only this artifact. */
async function pushBySkopeo(
  { layout, images }: TaggedLayout,
  repository: RegistryRepository,
  tools: ClientTools,
): Promise<void> {
  const { path, processes, scratch } = tools;
  const args = ['copy', '--all', '--quiet', '--dest-tls-verify=false'];
  const copy = (from: string, to: string) => processes.run(path, ...args, `oci:${from}`, `docker://${to}`);
  const to = nameOf(repository);
  await copy(`${layout}:latest`, `${to}:latest`);
  for (const { manifest, artifacts } of images) {
    const entries = entriesOf(layout).filter(({ digest }) => artifacts.includes(digest));
    for (const entry of entries) {
      const artifactOnly = join(scratch, entry.digest.replace(':', '-'));
      variantOf(layout, artifactOnly, { entries: [entry] });
      await copy(artifactOnly, `${to}@${entry.digest}`);
    }
    if (entries.length > 0) await addReferrers(repository, manifest, entries);
  }
}

async function pullBySkopeo(
  repository: RegistryRepository,
  manifests: readonly string[],
  layout: string,
  { path, processes }: ClientTools,
): Promise<void> {
  const args = ['copy', '--all', '--quiet', '--src-tls-verify=false'];
  const copy = (from: string, to: string) => processes.run(path, ...args, `docker://${from}`, `oci:${to}`);
  await copy(`${nameOf(repository)}:latest`, `${layout}:latest`);
  for (const manifest of manifests) {
    const { digests } = await artifactsOf(repository, manifest, ARTIFACT_TYPE);
    for (const digest of digests) await copy(`${nameOf(repository)}@${digest}`, layout);
  }
}

/** oras also copies everything that refers to an image, and updates the referrers tag if the registry needs it. */
async function pushByOras(
  { layout }: TaggedLayout,
  repository: RegistryRepository,
  { path, processes }: ClientTools,
): Promise<void> {
  const args = ['cp', '--recursive', '--from-oci-layout', '--to-plain-http'];
  await processes.run(path, ...args, `${layout}:latest`, `${nameOf(repository)}:latest`);
}

async function pullByOras(
  repository: RegistryRepository,
  _manifests: readonly string[],
  layout: string,
  { path, processes }: ClientTools,
): Promise<void> {
  const args = ['cp', '--recursive', '--from-plain-http', '--to-oci-layout'];
  await processes.run(path, ...args, `${nameOf(repository)}:latest`, `${layout}:latest`);
}

function nameOf({ address, name }: RegistryRepository): string {
  return `${address}/${name}`;
}
