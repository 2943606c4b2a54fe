/**
 * Reading the members of a request, and writing the values of an answer.
 * @module
 */

import type { ImageSelection } from '../../oci/select.ts';
import { readFile } from '../source.ts';
import type { RunRequest } from './protocol.ts';

/** Thrown for a request that needs a feature which does not exist here. */
export class UnsupportedFeature extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(`${feature} is not supported`);
    this.feature = feature;
  }
}

/** A required parameter. */
export function param({ params }: RunRequest, name: string): string {
  const value = params[name];
  if (value === undefined) throw new Error(`the request has no parameter "${name}"`);
  return value;
}

/** The path of a required input. */
export function path({ input }: RunRequest, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new Error(`the request has no input "${name}"`);
  return value;
}

/** The path of an input, or undefined if the request has none. */
export function optionalPath({ input }: RunRequest, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

/** A parameter that has one of `values`; another value is a feature that does not exist here. */
export function oneOf<T extends string>(request: RunRequest, name: string, values: readonly T[]): T {
  const value = param(request, name);
  const found = values.find(each => each === value);
  if (found === undefined) throw new UnsupportedFeature(`${name}.${value}`);
  return found;
}

/** Which image of a layout the request selects. */
export function selection({ params }: RunRequest): ImageSelection {
  const { reference, platform, manifestDigest } = params;
  return { reference, platform, manifestDigest };
}

/** The bytes of an input. */
export async function content(file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readFile(file, { file })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A list as a value of an answer; no item contains a comma. */
export function joinItems(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(',');
}
