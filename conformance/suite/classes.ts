/**
 * Conformance classes, and which of them an implementation claims by the operations that it declares.
 * @module
 */

import type { Operation } from './case.ts';

/** The classes that operations of this suite decide. */
export const conformanceClasses = [
  'digester',
  'tree-builder',
  'writer',
  'reader',
  'sealer',
  'verifier',
] as const;
export type ConformanceClass = (typeof conformanceClasses)[number];

/**
 * What who declares an operation claims to be. `dumpfile.canonical` shows the parser of a writer and the printer
 * of a tree builder or reader, and makes nobody one of them; `cmdline.parse` shows a part of a verifier, which who
 * boots a machine has too.
 */
export const classesOf: Readonly<Record<Operation, readonly ConformanceClass[]>> = {
  'fsverity.digest': ['digester'],
  'dumpfile.canonical': [],
  'erofs.write': ['writer'],
  'erofs.read': ['reader'],
  'layers.tree': ['tree-builder'],
  'image.digest': ['digester', 'tree-builder', 'writer'],
  'seal.inline': ['sealer'],
  'seal.artifact': ['sealer'],
  verify: ['verifier'],
  'cmdline.parse': [],
};

/** The classes that the operations in `declared` claim, in the order of {@link conformanceClasses}. */
export function claimedClasses(declared: readonly string[]): ConformanceClass[] {
  const claimed = new Set(
    Object.entries(classesOf).flatMap(([operation, classes]) =>
      declared.includes(operation) ? classes : [],
    ),
  );
  return conformanceClasses.filter(name => claimed.has(name));
}
