/**
 * Where the peers are: other people's tools that `npm run peers` has put into the cache of this user.
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';

/** The programs that can be asked for, and the package that each comes from. */
export const peerPackages = {
  mkcomposefs: 'composefs',
  'composefs-info': 'composefs',
  fsverity: 'fsverity',
  'fsck.erofs': 'erofs-utils',
  'dump.erofs': 'erofs-utils',
} as const;

/** A program of somebody else's. */
export type Peer = keyof typeof peerPackages;

/** All of them. */
export const peers = Object.keys(peerPackages) as readonly Peer[];

/** Packages and their versions, as the file beside the programs lists them. */
export type Versions = Readonly<Record<string, string>>;

/** The folder that holds everything `npm run peers` gets; it exists only when all of it is there. */
export function peersFolder(): string {
  return join(cacheFolder(), 'peers');
}

/** The version of composefs-rs that `npm run peers -- composefs-rs` builds. */
export const composefsRsVersion = '0.9.4';

/** The folder that it is built into; it exists only when it was built. */
export function composefsRsFolder(): string {
  return join(cacheFolder(), `composefs-rs-${composefsRsVersion}`);
}

/** The program of composefs-rs, or undefined where it is not there. */
export function cfsctlPath(): string | undefined {
  const path = join(composefsRsFolder(), 'bin/cfsctl');
  return existsSync(path) ? path : undefined;
}

/** The version of oras that `npm run peers -- registry` builds. */
export const orasVersion = '1.3.6';

/** The folder that oras and the registry are built into; it exists only when both were built. */
export function registryFolder(): string {
  return join(cacheFolder(), `registry-${registryVersion()}-oras-${orasVersion}`);
}

/** One of them, or undefined where it is not there. */
export function registryToolPath(tool: 'oras' | 'registry'): string | undefined {
  const path = join(registryFolder(), tool);
  return existsSync(path) ? path : undefined;
}

/** The source of the registry, a Go module. */
export const registrySource = join(packageRoot, 'conformance/implementations/install/registry');

/** The day and commit of the library that it is made of: `20251212-3adeb8663819`. */
export function registryVersion(): string {
  const module = readFileSync(join(registrySource, 'go.mod'), 'utf8');
  const [, day, commit] = /^require \S+ v0\.0\.0-(\d{8})\d{6}-(\w+)$/m.exec(module) ?? [];
  return `${day}-${commit}`;
}

function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'composefs-oci');
}

/** The program to run for a peer, or undefined where it is not there. */
export function peerPath(peer: Peer): string | undefined {
  const path = join(peersFolder(), 'bin', peer);
  return existsSync(path) ? path : undefined;
}

/** Name to version of every package in the folder, or undefined where there is none. */
export function packageVersions(folder = peersFolder()): Versions | undefined {
  const path = join(folder, 'versions.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Versions) : undefined;
}

/** Upstream's version of a peer, without what Debian adds: `1.0.8`. Undefined where it is not there. */
export function peerVersion(peer: Peer): string | undefined {
  return packageVersions()
    ?.[peerPackages[peer]]?.replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '');
}
