#!/usr/bin/env node
/**
 * The command `composefs-oci`.
 * @module
 */

import { cacheCompiledCode } from './compile-cache.ts';

/** The exit code of a lack of resources, as in `failure.ts`. */
const RESOURCES = 71;

cacheCompiledCode();

// Everything else is loaded from here, so that an error in loading it, such as too many open files, is reported too.
const { failureOf, report } = await import('./failure.ts').catch(error => {
  if (error.syscall === undefined) throw error;
  process.stderr.write(`error: the command cannot be loaded: ${error.message}\n`);
  process.exit(RESOURCES);
});

const fail = (error: unknown) => report(failureOf(error), process.argv.includes('--json'));

// An error that no promise or callback of a command receives, such as one in a module of Node.
process.once('uncaughtException', async error => process.exit(await fail(error)));
// Failed writes are handled where they are awaited.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

let code: number;
try {
  const { run } = await import('./run.ts');
  code = await run(process.argv);
} catch (error) {
  code = await fail(error);
}
// When this write is complete, everything written before it is, too.
await new Promise(resolve => process.stdout.write('', resolve));
// Without this, Node frees the objects of a large tree one by one before it exits, which takes a tenth of the time.
process.exit(code);
