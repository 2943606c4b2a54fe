/**
 * A header of a report, for tests of the other events.
 * @module
 */

import type { Header } from './events.ts';

/** The header of an implementation that declares `operations`. */
export function headerOf(operations: readonly string[]): Header {
  return {
    event: 'header',
    report: 1,
    suite: { version: '1.2.3', indexSha256: '0'.repeat(64), cases: 1 },
    specVersion: '1.0',
    leftOut: [],
    implementation: { name: 'x', version: '1' },
    command: './x',
    vectors: null,
    operations,
    unknownOperations: [],
    features: ['digest.sha256-12', 'digest.sha512-12'],
    selection: {},
    shard: null,
    recorded: null,
    xfail: null,
    seed: 1,
    repeat: 1,
    jobs: 1,
    timeoutMs: 1,
    memoryLimit: null,
    platform: { os: 'linux', arch: 'x64', node: 'v20.0.0' },
  };
}
