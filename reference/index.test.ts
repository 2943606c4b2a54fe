import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Every module that `file` imports at run time, directly or indirectly, with its imports. */
function modules(file: URL, found = new Map<string, string[]>()): Map<string, string[]> {
  if (found.has(file.href)) return found;
  const source = readFileSync(file, 'utf8');
  const imports = [...source.matchAll(/^(?:import|export) (?!type ).*?from '([^']+)';$/gms)].map(
    m => m[1] ?? '',
  );
  found.set(file.href, imports);
  for (const name of imports) if (name.startsWith('.')) modules(new URL(name, file), found);
  return found;
}

test('no module of the portable entry imports from Node', () => {
  const graph = modules(new URL('./index.ts', import.meta.url));
  expect(graph.size).toBeGreaterThan(20);
  expect([...graph.values()].flat().filter(name => name.startsWith('node:'))).toEqual([]);
});

test('modules of the entry for Node do', () => {
  const graph = modules(new URL('./node.ts', import.meta.url));
  expect([...graph.values()].flat()).toContain('node:crypto');
});
