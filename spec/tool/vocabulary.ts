/**
 * The closed lists of the specification: areas, keywords, actors and conformance classes.
 * @module
 */

/** The part before the hyphen in an id. */
export const areas = [
  'VERITY',
  'TREE',
  'LAYER',
  'MERGE',
  'XFORM',
  'SELINUX',
  'DUMP',
  'EROFS',
  'SEAL',
  'VERIFY',
  'STORE',
  'DDI',
  'TOC',
  'PROTO',
] as const;

/** Capital keywords of BCP 14, the longer ones first. */
export const keywordPattern =
  /\b(?:MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b/g;

/** What an implementation can claim to be. */
export const classes = [
  'digester',
  'tree-builder',
  'writer',
  'reader',
  'sealer',
  'verifier',
  'ddi',
  'store',
] as const;
export type ConformanceClass = (typeof classes)[number];

/** The nouns that a requirement can be about, and the classes that play each. */
export const actors: Readonly<Record<string, readonly ConformanceClass[]>> = {
  digester: ['digester'],
  'tree builder': ['tree-builder'],
  printer: ['tree-builder', 'reader'],
  parser: ['writer'],
  writer: ['writer'],
  reader: ['reader'],
  sealer: ['sealer'],
  verifier: ['verifier'],
  'DDI writer': ['ddi'],
  'DDI reader': ['ddi'],
  store: ['store'],
};

/** Info strings that an example may have. */
export const languages = ['dumpfile', 'json', 'hex', 'console', 'abnf', 'python', 'text'] as const;

/** The paragraph of RFC 8174, which alone may hold keywords outside a requirement. */
export const bcp14 =
  'The key words "MUST", "MUST NOT", "REQUIRED", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED", ' +
  '"NOT RECOMMENDED", "MAY", and "OPTIONAL" in this document are to be interpreted as described in BCP 14 ' +
  'RFC 2119 RFC 8174 when, and only when, they appear in all capitals, as shown here.';
