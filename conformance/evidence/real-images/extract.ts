/**
 * The layers of an image, unpacked one over the other by GNU tar. What tar knows nothing about is done here: the
 * whiteouts and opaque directories of a layer are applied to what lies below before the layer is unpacked.
 * @module
 */

import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { Processes } from '../processes.ts';
import type { Blob } from './cache.ts';

/** Unpacks into the folder `root`. Returns the seconds that tar took. Throws what the processes throw. */
export async function extractWithTar(
  layers: readonly Blob[],
  root: string,
  processes: Processes,
): Promise<number> {
  mkdirSync(root);
  let seconds = 0;
  for (const { path } of layers) {
    const list = await processes.run('tar', '--list', '--quoting-style=escape', '--file', path);
    makeWay(root, list.stdout.split('\n').map(unescaped));
    const how = ['--numeric-owner', '--same-permissions', '--xattrs', '--xattrs-include=*'];
    // A directory gets its time when everything is in it.
    const which = ['--delay-directory-restore', '--exclude=.wh.*'];
    const unpack = await processes.run(
      'tar',
      '--extract',
      '--directory',
      root,
      ...how,
      ...which,
      '--file',
      path,
    );
    seconds += list.seconds + unpack.seconds;
  }
  return seconds;
}

/** Deletes what the layer with the entries `names` deletes, and directories where it has something else. */
export function makeWay(root: string, names: readonly string[]): void {
  const paths = names.map(partsOf);
  removeMarked(root, paths.filter(isMarker));
  for (const [i, parts] of paths.entries()) {
    // tar shows a directory with a slash at the end, and the root without one too.
    if (parts.length === 0 || isMarker(parts) || names[i]?.endsWith('/') !== false) continue;
    const replaced = realDirectory(root, parts);
    if (replaced !== undefined) rmSync(replaced, { recursive: true });
  }
}

/** A name as `--quoting-style=escape` shows it, as bytes in a latin-1 string. */
export function unescaped(shown: string): string {
  return shown.replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code, 8));
    const at = 'abtnvfr'.indexOf(code);
    return at === -1 ? code : String.fromCharCode(7 + at);
  });
}

function partsOf(name: string): string[] {
  return name.split('/').filter(part => part !== '' && part !== '.');
}

function isMarker(parts: readonly string[]): boolean {
  return parts.at(-1)?.startsWith('.wh.') === true;
}

/**
 * Deletes what the markers name. Directories are found before anything is deleted, and links
 * are not followed. Reserved names mean nothing.
 */
function removeMarked(root: string, markers: readonly (readonly string[])[]): void {
  const doomed: Buffer[] = [];
  for (const parts of markers) {
    const name = parts.at(-1) ?? '';
    const folder = realDirectory(root, parts.slice(0, -1));
    if (folder === undefined) continue;
    if (name === '.wh..wh..opq')
      doomed.push(...readdirSync(folder, { encoding: 'buffer' }).map(child => below(folder, child)));
    else if (!name.startsWith('.wh..wh.')) doomed.push(below(folder, Buffer.from(name.slice(4), 'latin1')));
  }
  for (const path of doomed) rmSync(path, { recursive: true, force: true });
}

function realDirectory(root: string, parts: readonly string[]): Buffer | undefined {
  let folder: Buffer = Buffer.from(root);
  for (const part of parts) {
    folder = below(folder, Buffer.from(part, 'latin1'));
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  }
  return folder;
}

function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
