/**
 * Writes the inputs of a request under neutral names. Everything here is synchronous: a case has a few small files, for
 * which the thread pool of Node takes ten times as long as the system.
 * @module
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Case, CaseFile, GeneratedBytes } from '../../suite/case.ts';
import { DamagedSuite, readCaseFile } from '../../suite/case-file.ts';
import type { RunInput } from '../protocol/messages.ts';

/** A layer as bytes. */
export interface LayerBytes {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Inputs by name for a request outside of the cases. */
export type InputBytes = Readonly<Record<string, Uint8Array | readonly LayerBytes[]>>;

/** Copies the inputs of `test`, whose files are in the folder `from`, into the folder `to`. */
export function copyInputs(test: Case, from: string, to: string): RunInput {
  let count = 0;
  const copy = (source: CaseFile | GeneratedBytes): string => {
    const target = join(to, String(count++));
    if (typeof source === 'string') copyInput(join(from, source), target, test.id);
    else if ('sparse' in source) writeFileSync(target, readCaseFile(from, source));
    else generate(source, target, test.id);
    return target;
  };
  const input: Record<string, RunInput[string]> = {};
  for (const [name, value] of Object.entries(test.input)) {
    input[name] =
      typeof value === 'string' || 'generate' in value || 'sparse' in value
        ? copy(value)
        : value.map(({ path, mediaType }) => ({ path: copy(path), mediaType }));
  }
  return input;
}

/** Writes the inputs `bytes` into the folder `to`. */
export function writeInputs(bytes: InputBytes, to: string): RunInput {
  let count = 0;
  const write = (content: Uint8Array): string => {
    const target = join(to, String(count++));
    writeFileSync(target, content);
    return target;
  };
  const input: Record<string, RunInput[string]> = {};
  for (const [name, value] of Object.entries(bytes)) {
    input[name] =
      value instanceof Uint8Array
        ? write(value)
        : value.map(layer => ({ path: write(layer.bytes), mediaType: layer.mediaType }));
  }
  return input;
}

function copyInput(from: string, to: string, id: string): void {
  try {
    copyTree(from, to);
  } catch (error) {
    if (!existsSync(from)) throw new DamagedSuite(`${id}: the input ${from} does not exist`);
    throw error;
  }
}

function copyTree(from: string, to: string): void {
  if (!statSync(from).isDirectory()) {
    copyFileSync(from, to);
    return;
  }
  mkdirSync(to);
  for (const name of readdirSync(from)) copyTree(join(from, name), join(to, name));
}

/** Writes the bytes that `source` describes. Throws {@link DamagedSuite} if their SHA-256 does not match. */
function generate({ generate: source }: GeneratedBytes, target: string, id: string): void {
  const pattern = Buffer.from(source.patternHex, 'hex');
  const chunk = Buffer.concat(Array<Buffer>(Math.max(1, Math.ceil(65_536 / pattern.length))).fill(pattern));
  const hash = createHash('sha256');
  const file = openSync(target, 'wx');
  try {
    for (let left = source.size; left > 0; left -= chunk.length) {
      const bytes = chunk.subarray(0, Math.min(left, chunk.length));
      hash.update(bytes);
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    }
  } finally {
    closeSync(file);
  }
  if (hash.digest('hex') !== source.sha256) {
    throw new DamagedSuite(`${id}: the SHA-256 of the generated input does not match case.json`);
  }
}
