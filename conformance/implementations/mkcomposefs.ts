#!/usr/bin/env node

/**
 * The adapter for the C tools, mkcomposefs and composefs-info, which `run-mkcomposefs.ts` runs.
 * @module
 */

import { programPath, programVersion } from './install/paths.ts';
import { toCanonicalDumpfile } from './mkcomposefs-dump.ts';
import { serveTools } from './run-mkcomposefs.ts';

/** The path of a tool. Exits if it is not installed. */
function requiredTool(tool: 'mkcomposefs' | 'composefs-info'): string {
  const path = programPath(tool);
  if (path !== undefined) return path;
  console.error(`${tool} is not installed: run "npm run peers"`);
  process.exit(1);
}

await serveTools({
  implementation: () => {
    requiredTool('mkcomposefs');
    requiredTool('composefs-info');
    const version = programVersion('mkcomposefs') ?? 'unknown';
    return { name: 'mkcomposefs', version, language: 'C', url: 'https://github.com/composefs/composefs' };
  },
  command: tool => [requiredTool(tool)],
  // An undocumented switch of the parser.
  env: { CFS_PARSE_STRICT: undefined },
  rejectionMessages: {
    // The beginnings of the messages about a dumpfile (tools/mkcomposefs.c),
    dumpfile:
      /^mkcomposefs: (?:Can't|Directories|Inline content|Invalid|Missing|No |Parent|Path|Root|Self-referential|Too many|Unsupported)/m,
    // and of the message about a tree that cannot be written.
    tree: /^mkcomposefs: cannot write file: /m,
    // The beginning of the message about an image that cannot be read (tools/composefs-info.c).
    image: /^composefs-info: Failed to load /m,
  },
  toCanonicalDumpfile,
});
