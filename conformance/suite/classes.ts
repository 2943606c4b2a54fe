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
  'ddi',
  'store',
] as const;
export type ConformanceClass = (typeof conformanceClasses)[number];

/**
 * The classes that an implementation claims by declaring each operation. Some operations claim none, because they test
 * only a part of a class: `dumpfile.canonical` tests the parser of a writer and the printer of a tree builder or
 * reader, and `cmdline.parse` tests a part of a verifier that programs which boot a machine have as well,
 * and `toc.check` and `toc.id` one that programs which pull images have.
 * `image.digest` claims only the class that requires it, although it tests a digester and a writer too: a tree builder
 * need not have these as operations of their own.
 */
export const classesOf: Readonly<Record<Operation, readonly ConformanceClass[]>> = {
  'fsverity.digest': ['digester'],
  'dumpfile.canonical': [],
  'erofs.write': ['writer'],
  'erofs.read': ['reader'],
  'layers.tree': ['tree-builder'],
  'image.digest': ['tree-builder'],
  'seal.inline': ['sealer'],
  'seal.artifact': ['sealer'],
  verify: ['verifier'],
  'cmdline.parse': [],
  'ddi.write': ['ddi'],
  'ddi.read': ['ddi'],
  'toc.check': [],
  'toc.id': [],
  'store.import': ['store'],
  'store.export': ['store'],
  'store.fsck': ['store'],
  'store.gc': ['store'],
  'store.find': ['store'],
};

/** What an implementation has to declare to be tested on every requirement of a class. */
interface ClassNeeds {
  readonly operations: readonly Operation[];
  readonly features: readonly string[];
}

const layerFeatures = ['compression.gzip', 'compression.zstd'];
const imageRoles = ['role.layer', 'role.merged.bootable'];
const sha2 = ['digest.sha256-12', 'digest.sha512-12'];

/** The rows of the table of classes in `spec/introduction.md`. */
export const needsOf: Readonly<Record<ConformanceClass, ClassNeeds>> = {
  digester: { operations: ['fsverity.digest'], features: sha2 },
  'tree-builder': {
    operations: ['layers.tree', 'image.digest'],
    features: [...sha2, ...layerFeatures, ...imageRoles, 'xattrs.keep-user-xattrs'],
  },
  writer: { operations: ['erofs.write'], features: [...sha2, 'format.v1'] },
  reader: { operations: ['erofs.read'], features: ['format.v1'] },
  sealer: {
    operations: ['seal.inline', 'seal.artifact'],
    features: [...sha2, ...layerFeatures, 'format.v1', ...imageRoles],
  },
  verifier: {
    operations: ['verify', 'cmdline.parse'],
    features: [...sha2, ...layerFeatures, 'format.v1', ...imageRoles],
  },
  ddi: { operations: ['ddi.write', 'ddi.read'], features: ['format.v1'] },
  store: {
    operations: ['store.import', 'store.export', 'store.fsck', 'store.gc', 'store.find'],
    features: [
      ...sha2,
      ...layerFeatures,
      'format.v1',
      'role.merged.bootable',
      'store.repository',
      'xattrs.keep-user-xattrs',
    ],
  },
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
