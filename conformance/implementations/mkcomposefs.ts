#!/usr/bin/env node

/**
 * The adapter for the C tools, mkcomposefs and composefs-info: `composefs-tools.ts` says what it asks them.
 * @module
 */

import { serveTools } from './composefs-tools.ts';
import { peerPath, peerVersion } from './install/paths.ts';
import { canonicalSpelling } from './mkcomposefs-dump.ts';

/** The program of a tool. Ends this one where it is not there. */
function needed(tool: 'mkcomposefs' | 'composefs-info'): string {
  const path = peerPath(tool);
  if (path !== undefined) return path;
  console.error(`${tool} is not there: run "npm run peers" once`);
  process.exit(1);
}

await serveTools({
  implementation: () => {
    needed('mkcomposefs');
    needed('composefs-info');
    const version = peerVersion('mkcomposefs') ?? 'unknown';
    return { name: 'mkcomposefs', version, language: 'C', url: 'https://github.com/composefs/composefs' };
  },
  command: tool => [needed(tool)],
  // A switch of the parser that its manual does not have.
  env: { CFS_PARSE_STRICT: undefined },
  refuses: {
    // How mkcomposefs begins each message about a dumpfile (tools/mkcomposefs.c),
    dumpfile:
      /^mkcomposefs: (?:Can't|Directories|Inline content|Invalid|Missing|No |Parent|Path|Root|Self-referential|Too many|Unsupported)/m,
    // and the one about a tree that it can not write.
    tree: /^mkcomposefs: cannot write file: /m,
    // How composefs-info begins the one about an image that it can not read (tools/composefs-info.c).
    image: /^composefs-info: Failed to load /m,
  },
  canonical: canonicalSpelling,
});
