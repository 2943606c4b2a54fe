import { expect, test } from 'vitest';
import { signatureOf, testKeys } from '../../conformance/generate/builder/test-keys.ts';
import {
  type ProbesOfCell,
  type ProbesOfTable,
  probeCells,
} from '../../spec/tool/probe-cells.test.helper.ts';
import { type Cell, cellsOf } from '../../spec/tool/table.ts';
import { type PublishedObject, publishedObjects, readKey, signatureKey } from './keys.ts';
import {
  type Annotations,
  algorithms,
  digestUnder,
  keyOf,
  type Layout,
  type Place,
  places,
  published,
  treatment,
} from './keys-by-place.test.helper.ts';

type LayoutWith = (annotations: Annotations) => Layout;

const annotate = (list: readonly Place[], docker = false): LayoutWith[] =>
  list.map(place => annotations => ({ at: { [place]: annotations }, docker }));

/** An artifact that has an entry with these annotations, in the order of SEAL-030. */
const inEntry: LayoutWith = annotations => {
  const { object = 'layer', algorithm = algorithms[0] } = readKey(Object.keys(annotations)[0] ?? '') ?? {};
  const objects = publishedObjects.filter(each => each === 'merged' || each === object);
  const all = objects.map(each => (each === object ? annotations : published(each, algorithm)));
  return { entries: all.map(each => ({ annotations: each })) };
};

/** The layouts of the rows of the first table. */
const rows: Readonly<Record<string, readonly LayoutWith[]>> = {
  'annotations of the image manifest': annotate(['manifest']),
  'descriptor of the config in the image manifest': annotate(['config']),
  'descriptor of a layer in the image manifest': annotate(['layer']),
  '`subject` of the image manifest': annotate(['subject']),
  'any of these in a Docker manifest': annotate(places.manifest, true),
  'entry in `layers` of an artifact': [inEntry],
  'annotations of an artifact, of its config and of its subject': annotate(places.artifact),
  'index, and entry of an index, `index.json` included': annotate(places.index),
  'label in the config': annotate(['label']),
};

const digestCells = cellsOf('verification.md', 'place').filter(({ column }) => column !== 'requirements');
const objectsOf = (column: string) => publishedObjects.filter(object => column.includes(`\`${object}\``));

test('the columns of the first table are the objects of keys', () => {
  const named = [...new Set(digestCells.map(({ column }) => column))].flatMap(objectsOf);
  expect(named.sort()).toEqual([...publishedObjects].sort());
});

interface DigestProbe {
  readonly layoutWith: LayoutWith;
  readonly object: PublishedObject;
}

/** The probes of a cell of the first table, for its only claim: every object of the column in every place of the row. */
function digestProbes({ row, column, claims: [claim = ''] }: Cell): ProbesOfCell<DigestProbe> {
  const layouts = rows[row] ?? [];
  return {
    [claim]: objectsOf(column).flatMap(object => layouts.map(layoutWith => ({ layoutWith, object }))),
  };
}

const allDigestProbes: ProbesOfTable<DigestProbe> = Object.fromEntries(
  Object.keys(rows).map(row => [
    row,
    Object.fromEntries(
      digestCells.filter(cell => cell.row === row).map(cell => [cell.column, digestProbes(cell)]),
    ),
  ]),
);

probeCells(
  'keys of digests by place',
  digestCells,
  allDigestProbes,
  async (claim, { layoutWith, object }) => {
    for (const algorithm of algorithms) {
      const key = keyOf(object, algorithm);
      const right = digestUnder(key);
      const treated = (value: string) => treatment(layoutWith({ [key]: value }), [key]);
      const isPublished = claim === 'published';
      expect(await treated(right), key).toBe(claim);
      expect(await treated('x'), key).toBe(isPublished ? 'VERIFY_VALUE' : claim);
      if (isPublished) expect(await treated('0'.repeat(right.length)), key).toBe('VERIFY_DIGEST');
    }
  },
);

const signatureKeyOf = (object: PublishedObject) => signatureKey(keyOf(object));
const signatureFor = (object: PublishedObject) => signatureOf(digestUnder(keyOf(object)), testKeys.rsa);
const onlySignature = (object: PublishedObject): Annotations => ({
  [signatureKeyOf(object)]: signatureFor(object).toString('base64'),
});
const signed = (object: PublishedObject): Annotations => ({ ...published(object), ...onlySignature(object) });

/** A layout, and the keys in it whose treatment is asked for. */
interface Probe {
  readonly layout: Layout;
  readonly keys: readonly string[];
}

const probes = (layouts: readonly LayoutWith[], ...annotations: readonly Annotations[]): Probe[] =>
  layouts.flatMap(layoutWith =>
    annotations.map(each => ({ layout: layoutWith(each), keys: Object.keys(each) })),
  );

/** Where the table of Sealing lists each object. */
const own = {
  manifest: ['merged', 'merged.bootable'],
  config: ['config'],
  layer: ['layer'],
  subject: [],
} as const satisfies Record<string, readonly PublishedObject[]>;
/** Probes in the manifest and its descriptors of what `make` gives for each object that is listed there, or is not. */
const inOwn = (make: (object: PublishedObject) => readonly Annotations[], listed = true) =>
  places.manifest.flatMap(place => {
    const objects: readonly PublishedObject[] = own[place];
    const chosen = publishedObjects.filter(object => objects.includes(object) === listed);
    return probes(annotate([place]), ...chosen.flatMap(make));
  });
const bothSignatures = (object: PublishedObject) => [onlySignature(object), signed(object)];
const inDocker = annotate(places.manifest, true);
const inArtifact = annotate(places.artifact);
/** An entry of its own, and one that publishes a digest, too. */
const inEntries: readonly LayoutWith[] = [
  annotations => ({ entries: [{ annotations: published('merged') }, { annotations }] }),
  annotations => ({ entries: [{ annotations: { ...published('merged'), ...annotations } }] }),
];
const artifactObjects = ['manifest', 'config', 'merged'] as const;
const signedEntries = artifactObjects.map(object => ({
  annotations: published(object),
  signature: signatureFor(object),
}));

const [INLINE, ENTRY, ARTIFACT] = [
  'image manifest and its descriptors',
  'entry in `layers` of an artifact',
  'annotations of an artifact, of its config and of its subject',
];
const FSVERITY = { 'containers.composefs.fsverity': 'x' };
const DIGEST = { 'containers.composefs-digest': 'x' };
const rightDigest = { 'containers.composefs-digest': digestUnder(keyOf('merged')) };
const others: Annotations = Object.fromEntries(
  [
    ...['org.example', 'composefs', 'composefs.future', 'composefs.merged.erofs.v2.fsverity-sha256-12'],
    ...['composefs.merged.erofs.v1.fsverity-sha3-12', 'composefs.merged.fsverity-sha256-12'],
    `${signatureKeyOf('merged')}.sig`,
  ].map(key => [key, 'x']),
);
const otherCases = [
  ...publishedObjects.flatMap(object => [
    keyOf(object).replace('composefs', 'Composefs'),
    signatureKeyOf(object).replace(/sig$/, 'SIG'),
  ]),
  keyOf('merged').replace('composefs', 'compo\u017fefs'),
].map(key => ({ [key]: digestUnder(keyOf('merged')) }));
const inEntriesOtherCases = probes(inEntries, ...otherCases);
const inArtifactOtherCases = probes(inArtifact, ...otherCases);
const aloneInEntry = probes(
  inEntries,
  ...(['manifest', 'config', 'merged.bootable'] as const).map(onlySignature),
);

const otherProbes: ProbesOfTable<Probe> = {
  'signature key next to the key of its digest, where that is published': {
    [INLINE]: { signature: inOwn(object => [signed(object)]) },
    [ENTRY]: {
      'VERIFY_ARTIFACT VERIFY-021': probes(
        [annotations => ({ entries: [{ annotations }] })],
        signed('merged'),
      ),
      signature: artifactObjects.map(object => ({
        layout: { entries: signedEntries },
        keys: [keyOf(object)],
      })),
    },
  },
  'signature key alone, where the key of its digest would be published': {
    [INLINE]: { 'VERIFY_KEY VERIFY-015': inOwn(object => [onlySignature(object)]) },
    [ENTRY]: { 'VERIFY_ARTIFACT VERIFY-021': aloneInEntry },
  },
  'signature key, where the key of its digest is not allowed': {
    [INLINE]: {
      'VERIFY_PLACE VERIFY-011': inOwn(bothSignatures, false),
      'VERIFY_PLACE VERIFY-013': probes(inDocker, ...publishedObjects.flatMap(bothSignatures)),
    },
    [ENTRY]: { 'VERIFY_PLACE VERIFY-023': probes(inEntries, ...bothSignatures('layer')) },
    [ARTIFACT]: {
      'VERIFY_PLACE VERIFY-023': probes(inArtifact, ...publishedObjects.flatMap(bothSignatures)),
    },
  },
  'known key in a different case': {
    [INLINE]: { 'VERIFY_KEY VERIFY-010': probes([...annotate(places.manifest), ...inDocker], ...otherCases) },
    [ENTRY]: { 'VERIFY_KEY VERIFY-010': inEntriesOtherCases, 'VERIFY_KEY VERIFY-025': inEntriesOtherCases },
    [ARTIFACT]: {
      'VERIFY_KEY VERIFY-010': inArtifactOtherCases,
      'VERIFY_KEY VERIFY-025': inArtifactOtherCases,
    },
  },
  '`containers.composefs.fsverity`': {
    [INLINE]: { ignored: probes([...annotate(places.manifest), ...inDocker], FSVERITY) },
    [ENTRY]: { ignored: probes(inEntries, FSVERITY) },
    [ARTIFACT]: { ignored: probes(inArtifact, FSVERITY) },
  },
  '`containers.composefs-digest`': {
    [INLINE]: {
      published: probes([...annotate(['manifest']), ...annotate(['manifest'], true)], rightDigest),
      ignored: [false, true].flatMap(docker =>
        probes(annotate(['config', 'layer', 'subject'], docker), DIGEST),
      ),
    },
    [ENTRY]: { ignored: probes(inEntries, DIGEST) },
    [ARTIFACT]: { ignored: probes(inArtifact, DIGEST) },
  },
  'any other': {
    [INLINE]: { ignored: probes([...annotate(places.manifest), ...inDocker], others) },
    [ENTRY]: { ignored: probes(inEntries, others) },
    [ARTIFACT]: { ignored: probes(inArtifact, others) },
  },
};

const otherCells = cellsOf('verification.md', 'key');
probeCells(
  'other keys by place',
  otherCells,
  otherProbes,
  async (claim, { layout, keys }, { claims, text }) => {
    const code = (each: string) => each.replace(/ [A-Z]+-[0-9]+$/, '');
    // Of codes with "or" between them, a verifier gives one.
    const expected = text.includes(' or `') ? claims.map(code) : [code(claim)];
    expect(expected, keys.join(' ')).toContain(await treatment(layout, keys));
  },
);

test('indexes and labels publish nothing, except for older names as labels', async () => {
  const signatures = Object.fromEntries(publishedObjects.map(object => [signatureKeyOf(object), 'x']));
  const all = Object.assign({}, others, signatures, ...otherCases);
  const unread = [
    ...probes(annotate([...places.index, 'label']), all),
    ...probes(annotate(places.index), { ...FSVERITY, ...DIGEST }),
  ];
  for (const { layout, keys } of unread) expect(await treatment(layout, keys)).toBe('ignored');
  for (const key of [...Object.keys(FSVERITY), ...Object.keys(DIGEST)]) {
    const treated = (value: string) => treatment({ at: { label: { [key]: value } } }, [key]);
    expect(await treated(digestUnder(keyOf('merged')))).toBe('published');
    expect(await treated('0'.repeat(64))).toBe('VERIFY_DIGEST');
    expect(await treated('x')).toBe('VERIFY_VALUE');
  }
});
