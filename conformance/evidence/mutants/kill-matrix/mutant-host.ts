#!/usr/bin/env node
/**
 * An adapter that answers with the mutant whose adapter module a file names. It reads the file before each request, so
 * that one process runs many mutants.
 *
 *     node mutant-host.js FILE
 * @module
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';

/** The module `cli/adapter/serve.js` of the reference. */
interface Adapter {
  serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void>;
}

const [file = ''] = process.argv.slice(2);
const running = new Map<string, PassThrough>();

for await (const line of createInterface({ input: process.stdin })) {
  const path = readFileSync(file, 'utf8');
  let input = running.get(path);
  if (input === undefined) {
    const adapter = (await import(pathToFileURL(path).href)) as Adapter;
    input = new PassThrough();
    running.set(path, input);
    void adapter.serve(input, process.stdout);
  }
  input.write(`${line}\n`);
}
for (const input of running.values()) input.end();
