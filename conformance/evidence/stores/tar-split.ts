/**
 * Rebuilds the archive of a layer with tar-split, which keeps an archive as its bytes without the contents of files, and
 * the files. The contents come from the store that is checked.
 * @module
 */

import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemErrorCode, throwIfExhausted } from '../../suite/system-error.ts';
import { type Processes, ProcessFailed } from '../processes.ts';
import type { StoredLayer } from './stored-layers.ts';

/** Longer contents are objects of a store (STORE-120). */
const INLINE_MAX = 64;

/** Why an archive cannot be rebuilt. */
class NotRebuilt extends Error {}

/** The content of a file, as tar-split's data describes it. */
interface Content {
  /** One byte in each character. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * Rebuilds the archive of `layer` with the program `tarSplit` in the new folder `folder`. Returns why it is not the
 * archive that the store exports; undefined if it is.
 */
export async function differenceByTarSplit(
  processes: Processes,
  tarSplit: string,
  layer: StoredLayer,
  folder: string,
): Promise<string | undefined> {
  const at = (name: string) => join(folder, name);
  try {
    mkdirSync(at('files'), { recursive: true });
    writeFileSync(at('layer.tar'), layer.archive);
    await processes.run(tarSplit, 'disasm', '--no-stdout', '--output', at('data.json.gz'), at('layer.tar'));
    placeFiles(layer, contentsIn(readFileSync(at('data.json.gz')), layer), at('files'));
    const input = ['--input', at('data.json.gz'), '--path', at('files')];
    await processes.run(tarSplit, 'asm', ...input, '--output', at('rebuilt.tar'));
  } catch (error) {
    if (error instanceof NotRebuilt) return error.message;
    if (error instanceof ProcessFailed) return logged(error.message);
    throw error;
  }
  return readFileSync(at('rebuilt.tar')).equals(layer.archive) ? undefined : 'it rebuilds other bytes';
}

/** The text of a message in the log of tar-split. */
function logged(message: string): string {
  const [, text] = /level=fatal msg=("(?:[^"\\]|\\.)*")/.exec(message) ?? [];
  return text === undefined ? message : JSON.parse(text);
}

/**
 * A line of tar-split's data: bytes of the archive (2), or a file (1). A size of 0 is absent, and `name_raw` is the base64
 * of a name that is not UTF-8.
 */
interface Line {
  readonly type: 1 | 2;
  readonly payload?: string | null;
  readonly name?: string;
  readonly name_raw?: string;
  readonly size?: number;
}

/** The contents that tar-split left out of its data. The long ones must be the objects of the store. */
function contentsIn(data: Buffer, { archive, objects }: StoredLayer): Content[] {
  const contents: Content[] = [];
  let offset = 0;
  for (const text of gunzipSync(data).toString().split('\n')) {
    if (text === '') continue;
    const { type, payload, name, name_raw: raw, size = 0 }: Line = JSON.parse(text);
    if (type === 2) offset += Buffer.from(payload ?? '', 'base64').length;
    else if (size > 0) {
      const bytes = raw === undefined ? Buffer.from(name ?? '') : Buffer.from(raw, 'base64');
      contents.push({ name: bytes.toString('latin1'), offset, size });
      offset += size;
    }
  }
  if (offset !== archive.length) throw new NotRebuilt('its data is for an archive of another length');
  const long = contents.filter(({ size }) => size > INLINE_MAX);
  const stored = long.filter(content => objects.get(content.offset)?.size === content.size);
  if (stored.length !== long.length || stored.length !== objects.size) {
    const counts = `${long.length} and ${objects.size}, of which ${stored.length} are the same`;
    throw new NotRebuilt(`other contents are files than objects of the store: ${counts}`);
  }
  return contents;
}

/** Puts the contents below `directory` under their names, with the objects of the store as files. */
function placeFiles(
  { archive, objects }: StoredLayer,
  contents: readonly Content[],
  directory: string,
): void {
  for (const { name, offset, size } of contents) {
    // A name cannot lead out of the directory: the path is absolute before it is normalized.
    const path = posix.normalize(`/${name}`);
    const bytesOf = (text: string) => Buffer.concat([Buffer.from(directory), Buffer.from(text, 'latin1')]);
    try {
      mkdirSync(bytesOf(posix.dirname(path)), { recursive: true });
      const object = objects.get(offset);
      if (object === undefined) {
        writeFileSync(bytesOf(path), archive.subarray(offset, offset + size), { flag: 'wx' });
      } else linkSync(object.path, bytesOf(path));
    } catch (error) {
      throwIfExhausted(error);
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      throw new NotRebuilt(`its files cannot be on a disk: ${code}`);
    }
  }
}
