#!/usr/bin/env node
/**
 * The command `composefs-oci`.
 * @module
 */

import { run } from './run.ts';

const code = await run(process.argv);
// When this write is complete, everything written before it is, too.
await new Promise(resolve => process.stdout.write('', resolve));
// Without this, Node frees the objects of a large tree one by one before it exits, which takes a tenth of the time.
process.exit(code);
