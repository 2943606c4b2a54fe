#!/usr/bin/env node
/**
 * `npm run peers`: gets the tools of others that the suite can ask or be judged by.
 * @module
 */

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { obtain, Unavailable } from './obtain.ts';
import { packageVersions, peersFolder, type Versions } from './paths.ts';

/** The exit code of every command of this suite that lacks what it needs. */
const NOT_STARTED = 3;
const INTERRUPTED = 130;

function show(title: string, versions: Versions): void {
  console.log(title);
  for (const [name, version] of Object.entries(versions)) console.log(`  ${name} ${version}`);
}

// The first interrupt ends the tool that runs, and so what this one waits for: then it clears up, and ends too.
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});

const folder = peersFolder();
const present = packageVersions(folder);
if (present !== undefined) {
  show(`the peers are in ${folder} (remove it to get them anew):`, present);
} else {
  try {
    await mkdir(dirname(folder), { recursive: true });
    const versions = await obtain(folder, step => console.log(step));
    show(`the peers are now in ${folder}:`, versions);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(interrupted ? 'interrupted' : `can not get the peers: ${error.message}`);
    process.exitCode = interrupted ? INTERRUPTED : NOT_STARTED;
  }
}
