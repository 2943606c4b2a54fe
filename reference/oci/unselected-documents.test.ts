import { expect } from 'vitest';
import {
  blobPath,
  type Descriptor,
  type Json,
  LayoutBuilder,
} from '../../conformance/generate/builder/layout.ts';
import { archive, file } from '../../conformance/generate/builder/tar.ts';
import {
  type ProbesOfCell,
  type ProbesOfTable,
  probeCells,
} from '../../spec/tool/probe-cells.test.helper.ts';
import { cellsOf } from '../../spec/tool/table.ts';
import { ComposefsError } from '../errors.ts';
import { writeLayout } from '../seal/node/layouts.test.helper.ts';
import { digestImage } from './image-tree.ts';

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.oci.image.config.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

type Document = 'index' | 'manifest' | 'config';

/** How a document of the unselected image differs from a correct one. */
interface Change {
  /** Its members. */
  readonly members?: Json;
  readonly text?: (correct: string) => string;
  /** Members of its descriptor. */
  readonly descriptor?: Json;
  /** What becomes of its blob. */
  readonly blob?: 'missing' | 'damaged';
}

/** A request for an image next to another one, which can be changed. */
interface Probe extends Partial<Record<Document, Change>> {
  /** Whether the request names a reference, not a platform. */
  readonly byReference?: boolean;
  /** Whether an index is listed in place of the manifest of the other image. */
  readonly nested?: boolean;
  /** The result, if it is not that of the claim. */
  readonly is?: string;
}

const missing = { mediaType: types.layer, digest: `sha256:${'1'.repeat(64)}`, size: 1 };
const arm = { os: 'linux', architecture: 'arm64' };
const amd = { os: 'linux', architecture: 'amd64' };

/** The digest of the image that is selected, or the error code. */
async function outcome(probe: Probe): Promise<string> {
  const builder = new LayoutBuilder();
  const write = (document: Document, mediaType: string, correct: Json): Descriptor => {
    const { members, text = (json: string) => json, descriptor = {}, blob } = probe[document] ?? {};
    const written = builder.blob(mediaType, text(JSON.stringify({ ...correct, ...members })));
    if (blob === 'missing') builder.remove(blobPath(written.digest));
    if (blob === 'damaged') builder.put(blobPath(written.digest), 'x'.repeat(written.size));
    return { ...written, ...descriptor };
  };
  const rootfs = { type: 'layers', diff_ids: [missing.digest] };
  const config = write('config', types.config, { ...arm, rootfs });
  const layers = [missing];
  const manifest = write('manifest', types.manifest, { schemaVersion: 2, config, layers });
  const index = write('index', types.index, { schemaVersion: 2, manifests: [{ ...missing, platform: arm }] });
  const tar = archive(file('a', 'x'));
  const annotations = { 'org.opencontainers.image.ref.name': 'a' };
  const selected = builder.image({ layers: [{ tar }], descriptor: { annotations, platform: amd } });
  const directory = writeLayout(builder.index(selected, probe.nested === true ? index : manifest));
  try {
    const digest = await digestImage(directory, {
      ...(probe.byReference === true ? { reference: 'a' } : { platform: 'linux/amd64' }),
      role: 'merged',
      transform: 'oci',
      xattrs: 'allowlist-only',
      algorithm: 'fsverity-sha256-12',
      format: 'v1',
    });
    return Buffer.from(digest).toString('hex');
  } catch (error) {
    if (error instanceof ComposefsError) return error.code;
    throw error;
  }
}

const MIB = 2 ** 20;

/** What is checked of a document that is read. */
function readDocument(document: Document, more: Probe, mediaType: ProbesOfCell<Probe>) {
  const changed = (change: Change): Probe => ({ ...more, [document]: { ...more[document], ...change } });
  const isTyped = document !== 'config';
  const required = { index: 'manifests', manifest: 'layers', config: 'rootfs' }[document];
  const otherType = [{ mediaType: 'x' }, { mediaType: document === 'index' ? types.manifest : types.index }];
  const typed = otherType.map(members => changed({ members }));
  return {
    schema: {
      'IMAGE_JSON LAYER-003': [
        changed({ text: () => '' }),
        changed({ text: text => text.replace('{', '{"x":1,"x":2,') }),
        changed({ text: text => `\ufeff${text}` }),
      ],
      'IMAGE_LIMIT LAYER-008': [changed({ text: text => text + ' '.repeat(4 * MIB) })],
      'IMAGE_SCHEMA LAYER-004': [
        changed({ text: () => '{}' }),
        changed({ text: () => '[]' }),
        changed({ members: { [required]: 1 } }),
      ],
      'IMAGE_SCHEMA LAYER-005': [changed({ members: { [required.toUpperCase()]: 1 } })],
      ...(isTyped
        ? {
            'IMAGE_SCHEMA LAYER-006': [
              ...typed,
              ...(document === 'index' ? ['config', 'layers'] : ['manifests']).map(name =>
                changed({ members: { [name]: [] } }),
              ),
            ],
          }
        : {}),
    },
    'digest form': {
      'IMAGE_DIGEST_FORM LAYER-009': ['x', `sha256:${'A'.repeat(64)}`, `md5:${'1'.repeat(32)}`].map(digest =>
        changed({ descriptor: { ...more[document]?.descriptor, digest } }),
      ),
    },
    presence: { 'IMAGE_BLOB LAYER-010': [changed({ blob: 'missing' })] },
    'size and digest': {
      'IMAGE_SIZE LAYER-011': [changed({ descriptor: { ...more[document]?.descriptor, size: 1 } })],
      'IMAGE_DIGEST LAYER-012': [changed({ blob: 'damaged' })],
    },
    'media type': isTyped ? { 'IMAGE_SCHEMA LAYER-006': typed } : mediaType,
  };
}

/** What is checked of a descriptor whose blob is not read; `at` gives the layout with these members of it. */
function unreadBlob(
  at: (members: Json) => Probe,
  blobs: readonly Probe[],
  mediaType: ProbesOfCell<Probe> = {
    any: ['x', '', types.manifest.toUpperCase()].map(each => at({ mediaType: each })),
  },
) {
  return {
    schema: {
      'IMAGE_SCHEMA LAYER-004': [
        { size: '1' },
        { size: -1 },
        { mediaType: 1 },
        { digest: null },
        { annotations: { a: 1 } },
      ].map(at),
      'IMAGE_SCHEMA LAYER-005': [{ Size: 1 }, { mediatype: 'x' }, { artifacttype: 'x' }].map(at),
    },
    'digest form': {
      any: ['x', '', `sha256:${'A'.repeat(64)}`, `blake3:${'1'.repeat(64)}`].map(digest => at({ digest })),
    },
    presence: { 'not read': [at({ digest: missing.digest }), ...blobs] },
    'size and digest': { 'not read': [at({ size: 1 }), at({ size: 2 ** 53 - 1 })] },
    'media type': mediaType,
  };
}

const ofManifest =
  (descriptor: Json, more: Probe = {}) =>
  (members: Json): Probe => ({
    ...more,
    manifest: { descriptor: { ...descriptor, ...members } },
  });
/** The blob of the manifest with this descriptor is missing, damaged, or not a manifest. */
const unreadManifest = (descriptor: Json, more: Probe = {}): Probe[] => [
  { ...more, manifest: { descriptor, blob: 'missing' } },
  { ...more, manifest: { descriptor, blob: 'damaged' } },
  { ...more, manifest: { descriptor, text: () => '' } },
];
const byReference = { byReference: true };
const tagged = { annotations: { 'org.opencontainers.image.ref.name': 'b' } };
const unlisted = { platform: arm };
const foreign = { mediaType: 'application/vnd.example' };
const notImages = [
  foreign,
  { platform: { os: 'unknown', architecture: 'unknown' } },
  { artifactType: 'application/vnd.example' },
];
const junk = [1, null, 'x', [], { digest: 'x', size: -1 }];

const probes: ProbesOfTable<Probe> = {
  'entry of `index.json` without the reference that is requested': unreadBlob(
    ofManifest(tagged, byReference),
    unreadManifest(tagged, byReference),
    {
      any: ['x', types.index, types.list, types.config].map(mediaType =>
        ofManifest(tagged, byReference)({ mediaType }),
      ),
    },
  ),
  'index whose entries are considered': readDocument('index', { nested: true }, {}),
  'entry that is neither an index nor an image': unreadBlob(
    ofManifest(foreign),
    notImages.flatMap(each => unreadManifest(each)),
  ),
  'image whose entry has a `platform`, but not the one that is requested': unreadBlob(
    ofManifest(unlisted),
    unreadManifest(unlisted),
    {
      read: [types.manifest, types.dockerManifest].flatMap(mediaType => [
        ofManifest(unlisted)({ mediaType }),
        { ...ofManifest({ platform: amd })({ mediaType }), is: 'IMAGE_AMBIGUOUS' },
      ]),
    },
  ),
  'manifest of an image whose entry has no `platform`, if one is requested': readDocument('manifest', {}, {}),
  'config of such a manifest, with the media type of a config': readDocument(
    'config',
    {},
    {
      read: [types.config, types.dockerConfig].flatMap(mediaType => [
        { config: { descriptor: { mediaType } } },
        { config: { descriptor: { mediaType }, members: amd }, is: 'IMAGE_AMBIGUOUS' },
      ]),
    },
  ),
  'config of such a manifest, with another media type': unreadBlob(
    members => ({ config: { descriptor: { ...foreign, ...members } } }),
    [{ blob: 'missing' } as const, { blob: 'damaged' } as const, { text: () => '' }].map(change => ({
      config: { ...change, descriptor: foreign },
    })),
    { any: ['x', types.layer].map(mediaType => ({ config: { descriptor: { mediaType }, members: amd } })) },
  ),
  'layers of such a manifest': unreadBlob(
    members => ({ manifest: { members: { layers: [{ ...missing, ...members }] } } }),
    [],
  ),
  '`diff_ids` of such a config': {
    schema: {
      'IMAGE_SCHEMA LAYER-004': [1, [1], {}, [null]].map(diff_ids => ({
        config: { members: { rootfs: { type: 'layers', diff_ids } } },
      })),
    },
    'digest form': {
      any: [[], ['x'], null].map(diff_ids => ({
        config: { members: { rootfs: { type: 'layers', diff_ids } } },
      })),
    },
  },
  'member that the table of [documents](#documents) does not name, such as `subject`': Object.fromEntries(
    ['schema', 'digest form', 'presence', 'size and digest', 'media type'].map(column => [
      column,
      {
        'no effect': [...junk, missing, { ...missing, mediaType: 'x' }].flatMap((subject): Probe[] => [
          { index: { members: { subject } }, nested: true },
          { manifest: { members: { subject } } },
          { manifest: { descriptor: { subject } } },
          { config: { members: { subject } } },
        ]),
      },
    ]),
  ),
};

const control = await outcome({});

probeCells('documents that are not selected', cellsOf('layers.md', 'what'), probes, async (claim, probe) => {
  const [code = control] = /^[A-Z]+_[A-Z_]+/.exec(claim) ?? [];
  expect(await outcome(probe), JSON.stringify(probe)).toBe(probe.is ?? code);
});
