/**
 * The programs that push a sealed image to a registry, and pull it.
 * @module
 */

import { join } from 'node:path';
import { orasVersion, registryToolPath } from '../../implementations/install/paths.ts';
import type { Processes } from '../processes.ts';
import { type OptionalTool, skopeo } from '../tools.ts';
import { entriesOf, variantOf } from './layouts.ts';
import { announce, artifactsOf, type Place } from './referrers.ts';

/** The type of the artifacts of sealing. */
export const ARTIFACT_TYPE = 'application/vnd.composefs.metadata.v1';

/** The image of one platform, and its artifacts, by their digests. */
export interface Image {
  readonly manifest: string;
  readonly artifacts: readonly string[];
}

/** A layout, and what its tag `latest` leads to: images of one platform each. */
export interface Tagged {
  readonly layout: string;
  readonly images: readonly Image[];
}

/** What a client works with. */
export interface Tools {
  /** The program. */
  readonly path: string;
  readonly processes: Processes;
  /** A folder of its own, which is not there yet. */
  readonly scratch: string;
}

/** A client that can be asked where it is there. */
export interface Client extends OptionalTool {
  readonly slug: string;
  /** What to do where it is not there. */
  readonly how: string;
  /** Pushes what the tag leads to, and the artifacts. */
  readonly push: (tagged: Tagged, place: Place, tools: Tools) => Promise<void>;
  /** Pulls what the tag leads to, which are these manifests, and their artifacts, into a new layout. */
  readonly pull: (place: Place, manifests: readonly string[], layout: string, tools: Tools) => Promise<void>;
}

/** All of them. */
export function clients(): readonly Client[] {
  return [
    { ...skopeo(), slug: 'skopeo', how: 'apt install skopeo', push: pushBySkopeo, pull: pullBySkopeo },
    { ...oras(), slug: 'oras', how: 'npm run peers -- registry', push: pushByOras, pull: pullByOras },
  ];
}

function oras(): OptionalTool {
  const path = registryToolPath('oras');
  return path === undefined ? { name: 'oras' } : { path, name: `oras ${orasVersion}` };
}

/** skopeo copies one manifest, so each artifact goes by itself, out of a layout that has nothing else. */
async function pushBySkopeo({ layout, images }: Tagged, place: Place, tools: Tools): Promise<void> {
  const { path, processes, scratch } = tools;
  const how = ['copy', '--all', '--quiet', '--dest-tls-verify=false'];
  const copy = (from: string, to: string) => processes.run(path, ...how, `oci:${from}`, `docker://${to}`);
  const to = nameOf(place);
  await copy(`${layout}:latest`, `${to}:latest`);
  for (const { manifest, artifacts } of images) {
    const entries = entriesOf(layout).filter(({ digest }) => artifacts.includes(digest));
    for (const entry of entries) {
      const alone = join(scratch, entry.digest.replace(':', '-'));
      variantOf(layout, alone, { entries: [entry] });
      await copy(alone, `${to}@${entry.digest}`);
    }
    if (entries.length > 0) await announce(place, manifest, entries);
  }
}

async function pullBySkopeo(
  place: Place,
  manifests: readonly string[],
  layout: string,
  { path, processes }: Tools,
): Promise<void> {
  const how = ['copy', '--all', '--quiet', '--src-tls-verify=false'];
  const copy = (from: string, to: string) => processes.run(path, ...how, `docker://${from}`, `oci:${to}`);
  await copy(`${nameOf(place)}:latest`, `${layout}:latest`);
  for (const manifest of manifests) {
    const { digests } = await artifactsOf(place, manifest, ARTIFACT_TYPE);
    for (const digest of digests) await copy(`${nameOf(place)}@${digest}`, layout);
  }
}

/** oras takes everything that refers to an image along, and keeps the referrers tag where it is needed. */
async function pushByOras({ layout }: Tagged, place: Place, { path, processes }: Tools): Promise<void> {
  const how = ['cp', '--recursive', '--from-oci-layout', '--to-plain-http'];
  await processes.run(path, ...how, `${layout}:latest`, `${nameOf(place)}:latest`);
}

async function pullByOras(
  place: Place,
  _manifests: readonly string[],
  layout: string,
  { path, processes }: Tools,
): Promise<void> {
  const how = ['cp', '--recursive', '--from-plain-http', '--to-oci-layout'];
  await processes.run(path, ...how, `${nameOf(place)}:latest`, `${layout}:latest`);
}

function nameOf({ address, name }: Place): string {
  return `${address}/${name}`;
}
