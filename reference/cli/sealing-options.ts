/**
 * Options that sealing and verifying share.
 * @module
 */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { ComposefsError } from '../errors.ts';
import { DEFAULT_EXPANSION } from '../oci/expansion.ts';
import { readFile } from './source.ts';

/** Adds `--platform`, `--max-expansion` and `--max-size`. */
export function addReading(command: Command): Command {
  return command
    .option(
      '--platform <os/arch[/variant]>',
      'which image of several platforms; never guessed from this machine',
    )
    .addOption(
      new Option(
        '--max-expansion <n>',
        'refuse a layer that is more than n times as long as its blob and 1 MiB',
      )
        .argParser(wholeNumber)
        .default(DEFAULT_EXPANSION),
    )
    .addOption(
      new Option('--max-size <bytes>', 'refuse layers that are longer together, decompressed').argParser(
        wholeNumber,
      ),
    );
}

/** What {@link addReading} was given. */
export interface ReadingFlags {
  readonly platform?: string;
  readonly maxExpansion?: number;
  readonly maxSize?: number;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('It is a whole number, 1 or more.');
  }
  return value;
}

/** Most bytes of a key, a certificate or a command line. */
const SMALL = 1024 * 1024;

/** A small file in whole; refused with REQUEST_FILE where it is not small. */
export async function readSmall(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readFile(path, { file: path })) {
    size += chunk.length;
    if (size > SMALL)
      throw new ComposefsError('REQUEST_FILE', `it has more than ${SMALL} bytes`, { file: path });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
