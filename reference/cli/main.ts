#!/usr/bin/env node
/**
 * The command line tool `composefs-oci`.
 * @module
 */

import { run } from './run.ts';

process.exitCode = await run(process.argv);
