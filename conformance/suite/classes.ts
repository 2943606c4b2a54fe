/**
 * Conformance classes, and the operations by which an implementation claims them.
 * @module
 */

import type { Operation } from './case.ts';

/** The classes that the operations of this suite test. */
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
 * The classes that an implementation claims by declaring each operation. Two operations claim none, because they test
 * only a part of a class: `dumpfile.canonical` tests the parser of a writer and the printer of a tree builder or
 * reader, and `cmdline.parse` tests a part of a verifier that programs which boot a machine have as well.
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

/** The classes claimed by the operations in `declared`, in the order of {@link conformanceClasses}. */
export function claimedClasses(declared: readonly string[]): ConformanceClass[] {
  const claimed = new Set(
    Object.entries(classesOf).flatMap(([operation, classes]) =>
      declared.includes(operation) ? classes : [],
    ),
  );
  return conformanceClasses.filter(name => claimed.has(name));
}
