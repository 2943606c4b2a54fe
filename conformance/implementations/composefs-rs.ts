#!/usr/bin/env node

/**
 * The adapter for composefs-rs: its `cfsctl` has mkcomposefs and composefs-info as subcommands, and
 * `composefs-tools.ts` says what it asks them; `composefs-rs-images.ts` says it of images.
 * @module
 */

import { canonicalSpelling } from './composefs-rs-dump.ts';
import { imageFeatures, imageOperations } from './composefs-rs-images.ts';
import { type ComposefsTools, serveTools } from './composefs-tools.ts';
import { cfsctlPath, composefsRsVersion } from './install/paths.ts';

/** The exit code of a Rust program that panics. */
const PANIC = 101;

/** The program. Ends this one where it is not there. */
function cfsctl(): string {
  const path = cfsctlPath();
  if (path !== undefined) return path;
  console.error('cfsctl is not there: run "npm run peers -- composefs-rs" once');
  process.exit(1);
}

const how = {
  // The message alone.
  env: { RUST_BACKTRACE: '0' },
  crashCodes: [PANIC],
};

const tools: ComposefsTools = {
  ...how,
  implementation: () => {
    cfsctl();
    const url = 'https://github.com/composefs/composefs-rs';
    return { name: 'composefs-rs', version: composefsRsVersion, language: 'Rust', url };
  },
  command: tool => [cfsctl(), tool],
  refuses: {
    dumpfile: /^Error: (?:Failed to parse dumpfile$|stream did not contain valid UTF-8$)/m,
    // What it says about a tree has no beginning of its own: it is everything that is not about a file.
    tree: /^Error: (?!Failed to (?:open|read|create)|No such|Permission|IMAGE )/m,
    image: /^Error: Failed to parse image: /m,
  },
  canonical: canonicalSpelling,
};

await serveTools(tools, {
  operations: imageOperations(() => ({ ...how, name: 'cfsctl', command: [cfsctl()] })),
  features: imageFeatures,
});
