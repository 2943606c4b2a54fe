#!/usr/bin/env node
/**
 * `npm run peers`: gets the tools of others that the suite can ask or be judged by.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Argument, Command } from 'commander';
import { buildComposefsRs } from './composefs-rs.ts';
import { obtain } from './obtain.ts';
import {
  cfsctlPath,
  composefsRsFolder,
  packageVersions,
  peersFolder,
  registryFolder,
  registryToolPath,
  type Versions,
} from './paths.ts';
import { buildRegistry } from './registry.ts';
import { Unavailable } from './unavailable.ts';

/** The exit code of every command of this suite that lacks what it needs. */
const NOT_STARTED = 3;
const INTERRUPTED = 130;

const help = `
Which:
  debian        packages of Debian, unpacked into a folder of this user: mkcomposefs and composefs-info (C),
                fsverity, fsck.erofs, dump.erofs. Seconds; needs Debian.
  composefs-rs  cfsctl, built with cargo. Minutes; needs cargo, a C compiler and the headers of OpenSSL.
  registry      a registry with the referrers API, and oras, built with go. Half a minute; needs go.

What is there already is not got again. Nothing is installed, and nothing needs root.

Exit code:
  0  it is there
  3  this machine can not get it; the message says what is missing`;

function show(title: string, versions: Versions): void {
  console.log(title);
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name} ${version}`);
}

async function debian(): Promise<void> {
  const folder = peersFolder();
  const present = packageVersions(folder);
  if (present !== undefined) {
    show(`the peers are in ${folder} (remove it to get them anew):`, present);
    return;
  }
  await mkdir(dirname(folder), { recursive: true });
  const versions = await obtain(folder, step => console.log(step));
  show(`the peers are now in ${folder}:`, versions);
}

async function composefsRs(): Promise<void> {
  const present = cfsctlPath();
  if (present !== undefined) {
    console.log(`composefs-rs is there (remove it to build it anew): ${present}`);
    return;
  }
  const folder = composefsRsFolder();
  await mkdir(dirname(folder), { recursive: true });
  await buildComposefsRs(folder, step => console.log(step));
  console.log(`composefs-rs is now in ${folder}`);
}

async function registry(): Promise<void> {
  const folder = registryFolder();
  if (registryToolPath('registry') !== undefined) {
    console.log(`the registry and oras are there (remove them to build them anew): ${folder}`);
    return;
  }
  await mkdir(dirname(folder), { recursive: true });
  await buildRegistry(folder, step => console.log(step));
  console.log(`the registry and oras are now in ${folder}`);
}

// The first interrupt ends the tool that runs, and so what this one waits for: then it clears up, and ends too.
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});

const gettable = { debian, 'composefs-rs': composefsRs, registry } as const;
type Which = keyof typeof gettable;

const program = new Command('peers')
  .description('Get the tools of others that the suite can ask or be judged by.')
  .addArgument(new Argument('[which]', 'which ones').choices(Object.keys(gettable)).default('debian'))
  .addHelpText('after', help)
  .action(async (which: Which) => {
    try {
      await gettable[which]();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      console.error(interrupted ? 'interrupted' : `can not get ${which}: ${error.message}`);
      process.exitCode = interrupted ? INTERRUPTED : NOT_STARTED;
    }
  });

await program.parseAsync();
