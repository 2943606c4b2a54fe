#!/usr/bin/env node
/**
 * `npm run peers`: installs the other implementations and tools that the suite compares with.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Argument, Command } from 'commander';
import { buildComposefsRs } from './composefs-rs.ts';
import { buildCosign } from './cosign.ts';
import { installDebianPrograms } from './debian-programs.ts';
import { installLibselinux } from './libselinux.ts';
import {
  cfsctlPath,
  composefsRsFolder,
  cosignFolder,
  cosignPath,
  debianProgramsFolder,
  hasAllDebianPrograms,
  libselinuxFolder,
  type PackageVersions,
  packageVersions,
  registryFolder,
  registryToolPath,
} from './paths.ts';
import { buildRegistry } from './registry.ts';
import { Unavailable } from './unavailable.ts';

/** The exit code of every command of this suite if something that it needs is missing. */
const NOT_STARTED = 3;
const INTERRUPTED = 130;

const help = `
Sets of programs:
  debian        mkcomposefs and composefs-info (C), fsverity, fsck.erofs, dump.erofs, veritysetup, sfdisk,
                systemd-repart and systemd-dissect: Debian packages, unpacked into a folder in the cache of this user.
                Takes seconds; needs Debian.
  composefs-rs  cfsctl, built with cargo. Takes minutes; needs cargo, a C compiler and the OpenSSL headers.
  registry      a registry with the referrers API, and oras, built with go. Takes half a minute; needs go.
  cosign        cosign, which signs manifests, built with go. Takes minutes; needs go.
  libselinux    a program that looks up labels, with the libselinux of this Debian release and with the newest one.
                Takes a minute; needs Debian and a C compiler.

A set that is already in the cache is left alone. Nothing is installed system-wide, and nothing needs root.

Exit code:
  0  the programs are in the cache
  3  this machine cannot install them; the message says what is missing`;

function show(title: string, versions: PackageVersions): void {
  console.log(title);
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name} ${version}`);
}

/** Fills `folder`, unless it is there and complete. */
async function fill(
  folder: string,
  install: (folder: string, log: (step: string) => void) => Promise<PackageVersions>,
  isComplete: () => boolean = () => true,
): Promise<void> {
  const present = packageVersions(folder);
  if (present !== undefined && isComplete()) {
    show(`already installed in ${folder} (remove it to install again):`, present);
    return;
  }
  await mkdir(dirname(folder), { recursive: true });
  const versions = await install(folder, step => console.log(step));
  show(`installed in ${folder}:`, versions);
}

async function composefsRs(): Promise<void> {
  const present = cfsctlPath();
  if (present !== undefined) {
    console.log(`composefs-rs is already built (remove it to build it again): ${present}`);
    return;
  }
  const folder = composefsRsFolder();
  await mkdir(dirname(folder), { recursive: true });
  await buildComposefsRs(folder, step => console.log(step));
  console.log(`composefs-rs was built in ${folder}`);
}

async function registry(): Promise<void> {
  const folder = registryFolder();
  if (registryToolPath('registry') !== undefined) {
    console.log(`the registry and oras are already built (remove them to build them again): ${folder}`);
    return;
  }
  await mkdir(dirname(folder), { recursive: true });
  await buildRegistry(folder, step => console.log(step));
  console.log(`the registry and oras were built in ${folder}`);
}

async function cosign(): Promise<void> {
  const folder = cosignFolder();
  if (cosignPath() !== undefined) {
    console.log(`cosign is already built (remove it to build it again): ${folder}`);
    return;
  }
  await mkdir(dirname(folder), { recursive: true });
  await buildCosign(folder, step => console.log(step));
  console.log(`cosign was built in ${folder}`);
}

// An interrupt also ends the child process that this one waits for; this one then cleans up and ends.
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});

const installers = {
  debian: () => fill(debianProgramsFolder(), installDebianPrograms, hasAllDebianPrograms),
  'composefs-rs': composefsRs,
  registry,
  cosign,
  libselinux: () => fill(libselinuxFolder(), installLibselinux),
} as const;
type ProgramSet = keyof typeof installers;

const program = new Command('peers')
  .description('Install the other implementations and tools that the suite compares with.')
  .addArgument(
    new Argument('[set]', 'which programs to install').choices(Object.keys(installers)).default('debian'),
  )
  .addHelpText('after', help)
  .action(async (set: ProgramSet) => {
    try {
      await installers[set]();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      console.error(interrupted ? 'interrupted' : `cannot install ${set}: ${error.message}`);
      process.exitCode = interrupted ? INTERRUPTED : NOT_STARTED;
    }
  });

await program.parseAsync();
