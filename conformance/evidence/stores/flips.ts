/**
 * Flips every bit of a small store, one at a time, and checks the store: every flip in an object and in the target of a
 * link has to be found.
 * @module
 */

import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { ComposefsError } from '../../../reference/errors.ts';
import { checkLockedStore } from '../../../reference/store/fsck.ts';
import { openStore } from '../../../reference/store/store.ts';
import { type Examined, inFolder, unpackStore } from './parts.ts';

/** The part of the bits that this process flips: number `share` of `shares`, counted from 0. */
export interface Share {
  readonly share: number;
  readonly shares: number;
}

/** Flips the bits of the store in `archive`. */
export function flipBits(archive: Uint8Array, { share, shares }: Share): Promise<Examined> {
  return inFolder(async folder => {
    const store = join(folder, 'store');
    unpackStore(archive, store);
    const before = await outcomeOf(store);
    if (before !== 'sound') return { summary: 'no bit was flipped', problems: [`before: ${before}`] };
    const problems: string[] = [];
    const counts = { objects: 0, links: 0, description: 0, unnoticed: 0 };
    let number = 0;
    const isMine = () => number++ % shares === share;
    for (const path of filesOf(store)) {
      const name = relative(store, path);
      const isLink = lstatSync(path).isSymbolicLink();
      const content = isLink ? Buffer.from(readlinkSync(path, 'latin1'), 'latin1') : readFileSync(path);
      for (let bit = 0; bit < 8 * content.length; bit++) {
        if (!isMine()) continue;
        const flipped = Buffer.from(content);
        flipped[bit >> 3] = (content[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        // A target has no NUL.
        if (isLink && flipped.includes(0)) continue;
        put(path, isLink, flipped);
        const outcome = await outcomeOf(store);
        if (name === 'meta.json') {
          counts.description++;
          // Members that are unknown are ignored (STORE-082), and white space is not a part of JSON.
          if (outcome === 'sound') counts.unnoticed++;
        } else {
          counts[isLink ? 'links' : 'objects']++;
          if (outcome === 'sound') problems.push(`${name}: bit ${bit} was not found`);
        }
      }
      put(path, isLink, content);
    }
    const after = await outcomeOf(store);
    if (after !== 'sound') problems.push(`after: ${after}`);
    const { objects, links, description, unnoticed } = counts;
    const summary = `${objects} bits of objects, ${links} of targets of links, ${description} of the description, of which ${unnoticed} change nothing that a store reads`;
    return { summary, problems };
  });
}

function put(path: string, isLink: boolean, content: Buffer): void {
  if (isLink) {
    rmSync(path);
    symlinkSync(content, path);
    return;
  }
  const file = openSync(path, 'r+');
  try {
    writeSync(file, content, 0, content.length, 0);
  } finally {
    closeSync(file);
  }
}

/** `sound`, a rejection, or the first finding. Nothing else uses the store, so it is not locked. */
async function outcomeOf(directory: string): Promise<string> {
  try {
    const { findings } = await checkLockedStore(openStore(directory));
    const [first] = findings;
    return first === undefined ? 'sound' : `${first.code} ${first.path}`;
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
