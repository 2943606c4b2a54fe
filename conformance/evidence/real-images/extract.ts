/**
 * Unpacks the layers of an image one over the other with GNU tar. Tar does not support whiteouts and opaque
 * directories, so they are applied here to the files of lower layers before each layer is unpacked.
 * @module
 */

import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import type { Processes } from '../processes.ts';
import type { LayerFile } from './cache.ts';

/** Unpacks into the folder `root`. Returns the seconds that tar took. Throws the errors of `processes`. */
export async function extractWithTar(
  layers: readonly LayerFile[],
  root: string,
  processes: Processes,
): Promise<number> {
  mkdirSync(root);
  let seconds = 0;
  for (const { path } of layers) {
    const list = await processes.run('tar', '--list', '--quoting-style=escape', '--file', path);
    deleteReplaced(root, list.stdout.split('\n').map(unescaped));
    const attributes = ['--numeric-owner', '--same-permissions', '--xattrs', '--xattrs-include=*'];
    // The time of a directory is set after its children are unpacked.
    const order = ['--delay-directory-restore', '--exclude=.wh.*'];
    const unpack = await processes.run(
      'tar',
      '--extract',
      '--directory',
      root,
      ...attributes,
      ...order,
      '--file',
      path,
    );
    seconds += list.seconds + unpack.seconds;
  }
  return seconds;
}

/** Deletes what the markers of a layer with the entries `names` delete, and directories that its entries replace. */
export function deleteReplaced(root: string, names: readonly string[]): void {
  const paths = names.map(partsOf);
  removeMarked(root, paths.filter(isMarker));
  for (const [i, parts] of paths.entries()) {
    // tar lists a directory with a trailing slash, but the root also without one.
    if (parts.length === 0 || isMarker(parts) || names[i]?.endsWith('/') !== false) continue;
    const replaced = realDirectory(root, parts);
    if (replaced !== undefined) rmSync(replaced, { recursive: true });
  }
}

/** A name that is listed with `--quoting-style=escape`, as a string of one character per byte. */
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
 * Deletes what the markers delete. The parent directories of all markers are looked up before anything is deleted, and
 * symbolic links are not followed. Reserved names have no effect.
 */
function removeMarked(root: string, markers: readonly (readonly string[])[]): void {
  const deleted: Buffer[] = [];
  for (const parts of markers) {
    const name = parts.at(-1) ?? '';
    const folder = realDirectory(root, parts.slice(0, -1));
    if (folder === undefined) continue;
    if (name === '.wh..wh..opq')
      deleted.push(...readdirSync(folder, { encoding: 'buffer' }).map(child => below(folder, child)));
    else if (!name.startsWith('.wh..wh.')) deleted.push(below(folder, Buffer.from(name.slice(4), 'latin1')));
  }
  for (const path of deleted) rmSync(path, { recursive: true, force: true });
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
