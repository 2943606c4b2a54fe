/**
 * Where other implementations and tools are: the programs that `npm run peers` has put into the cache of this user.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';

/** The programs from Debian, and the package of each. */
export const packageOfProgram = {
  mkcomposefs: 'composefs',
  'composefs-info': 'composefs',
  fsverity: 'fsverity',
  'fsck.erofs': 'erofs-utils',
  'dump.erofs': 'erofs-utils',
  veritysetup: 'cryptsetup-bin',
  sfdisk: 'fdisk',
  'systemd-dissect': 'systemd-container',
  'systemd-repart': 'systemd-repart',
} as const;

/** The name of a program from Debian. */
export type DebianProgram = keyof typeof packageOfProgram;

/** All of them. */
export const debianPrograms = Object.keys(packageOfProgram) as readonly DebianProgram[];

/** Package names and versions, as `versions.json` beside the programs lists them. */
export type PackageVersions = Readonly<Record<string, string>>;

/** The folder that holds everything this package caches. */
export function cacheFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'composefs-oci');
}

/** The folder of the programs from Debian; it exists only when the installation is complete. */
export function debianProgramsFolder(): string {
  return join(cacheFolder(), 'peers');
}

/** The version of composefs-rs that `npm run peers -- composefs-rs` builds. */
export const composefsRsVersion = '0.9.4';

/** The folder that composefs-rs is built into; it exists only when the build is complete. */
export function composefsRsFolder(): string {
  return join(cacheFolder(), `composefs-rs-${composefsRsVersion}`);
}

/** The program of composefs-rs, or undefined if it was not built. */
export function cfsctlPath(): string | undefined {
  const path = join(composefsRsFolder(), 'bin/cfsctl');
  return existsSync(path) ? path : undefined;
}

/** The version of oras that `npm run peers -- registry` builds. */
export const orasVersion = '1.3.6';

/** The folder that oras and the registry are built into; it exists only when both builds are complete. */
export function registryFolder(): string {
  return join(cacheFolder(), `registry-${registryVersion()}-oras-${orasVersion}`);
}

/** The path of oras or of the registry, or undefined if it was not built. */
export function registryToolPath(tool: 'oras' | 'registry'): string | undefined {
  const path = join(registryFolder(), tool);
  return existsSync(path) ? path : undefined;
}

/** The version of cosign that `npm run peers -- cosign` builds. */
export const cosignVersion = '3.1.3';

/** The folder that cosign is built into; it exists only when the build is complete. */
export function cosignFolder(): string {
  return join(cacheFolder(), `cosign-${cosignVersion}`);
}

/** The path of cosign, or undefined if it was not built. */
export function cosignPath(): string | undefined {
  const path = join(cosignFolder(), 'cosign');
  return existsSync(path) ? path : undefined;
}

/** The source of the registry, a Go module. */
export const registrySource = join(packageRoot, 'conformance/implementations/install/registry');

/** The date and commit of the library that the registry is built from: `20251212-3adeb8663819`. */
export function registryVersion(): string {
  const module = readFileSync(join(registrySource, 'go.mod'), 'utf8');
  const [, day, commit] = /^require \S+ v0\.0\.0-(\d{8})\d{6}-(\w+)$/m.exec(module) ?? [];
  return `${day}-${commit}`;
}

/** The source of the program that looks up labels with libselinux. */
export const labelLookupSource = join(
  packageRoot,
  'conformance/implementations/install/libselinux/look_up_labels.c',
);

/** The folder of the programs that are built from this source; it exists only when they are complete. */
export function libselinuxFolder(): string {
  const hash = createHash('sha256').update(readFileSync(labelLookupSource)).digest('hex');
  return join(cacheFolder(), `libselinux-${hash.slice(0, 12)}`);
}

/** A lookup of labels with one version of libselinux. */
export interface LabelLookup {
  /** The version of libselinux, without Debian's revision: `3.11`. */
  readonly version: string;
  readonly program: string;
}

/** The lookups that `npm run peers -- libselinux` built, the newest version last; empty if it did not run. */
export function labelLookups(): readonly LabelLookup[] {
  const folder = libselinuxFolder();
  return Object.entries(packageVersions(folder) ?? {}).map(([suite, version]) => ({
    version: upstreamVersion(version),
    program: join(folder, suite, 'bin/look_up_labels'),
  }));
}

/** Whether all programs from Debian are installed: an older version of this package knew fewer. */
export function hasAllDebianPrograms(): boolean {
  return debianPrograms.every(program => programPath(program) !== undefined);
}

/** The path of a program from Debian, or undefined if it is not installed. */
export function programPath(program: DebianProgram): string | undefined {
  const path = join(debianProgramsFolder(), 'bin', program);
  return existsSync(path) ? path : undefined;
}

/** The version of every package in the folder, or undefined if nothing is installed there. */
export function packageVersions(folder = debianProgramsFolder()): PackageVersions | undefined {
  const path = join(folder, 'versions.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PackageVersions) : undefined;
}

/**
 * The upstream version of a program, without Debian's epoch and revision: `1.0.8`. Undefined if it is not installed.
 */
export function programVersion(program: DebianProgram): string | undefined {
  const version = packageVersions()?.[packageOfProgram[program]];
  return version === undefined ? undefined : upstreamVersion(version);
}

function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
