#!/usr/bin/env node

/**
 * The adapter for composefs-rs. Its program `cfsctl` has mkcomposefs and composefs-info as subcommands, which
 * `run-mkcomposefs.ts` runs; `composefs-rs-images.ts` runs those about layers and images, and `composefs-rs-stores.ts`
 * those about repositories.
 * @module
 */

import { toCanonicalDumpfile } from './composefs-rs-dump.ts';
import { imageFeatures, imageOperations } from './composefs-rs-images.ts';
import { storeFeatures, storeOperations } from './composefs-rs-stores.ts';
import { cfsctlPath, composefsRsVersion } from './install/paths.ts';
import { type ComposefsTools, serveTools } from './run-mkcomposefs.ts';

/** The exit code of a Rust program that panics. */
const PANIC = 101;

/** The path of cfsctl. Exits if it is not installed. */
function cfsctl(): string {
  const path = cfsctlPath();
  if (path !== undefined) return path;
  console.error('cfsctl is not installed: run "npm run peers -- composefs-rs"');
  process.exit(1);
}

const runOptions = {
  // Messages without a backtrace.
  env: { RUST_BACKTRACE: '0' },
  crashCodes: [PANIC],
};

const tools: ComposefsTools = {
  ...runOptions,
  implementation: () => {
    cfsctl();
    const url = 'https://github.com/composefs/composefs-rs';
    return { name: 'composefs-rs', version: composefsRsVersion, language: 'Rust', url };
  },
  command: tool => [cfsctl(), tool],
  rejectionMessages: {
    dumpfile: /^Error: (?:Failed to parse dumpfile$|stream did not contain valid UTF-8$)/m,
    // Messages about a tree have no common beginning: they are all messages that are not about a file.
    tree: /^Error: (?!Failed to (?:open|read|create)|No such|Permission|IMAGE )/m,
    image: /^Error: Failed to parse image: /m,
  },
  toCanonicalDumpfile,
};

const program = () => ({ ...runOptions, name: 'cfsctl', command: [cfsctl()] }) as const;

await serveTools(tools, {
  operations: { ...imageOperations(program), ...storeOperations(program) },
  features: [...imageFeatures, ...storeFeatures],
});
