import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Every module that `file` leads to, by what it imports at run time. */
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

test('nothing that the portable entry leads to imports from Node', () => {
  const graph = modules(new URL('./index.ts', import.meta.url));
  expect(graph.size).toBeGreaterThan(20);
  expect([...graph.values()].flat().filter(name => name.startsWith('node:'))).toEqual([]);
});

test('the entry for Node does', () => {
  const graph = modules(new URL('./node.ts', import.meta.url));
  expect([...graph.values()].flat()).toContain('node:crypto');
});
