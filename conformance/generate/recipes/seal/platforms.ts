/**
 * Multi-platform images: all of them are sealed at once, and other entries are kept.
 * @module
 */

import { digestOf } from '../../builder/layout.ts';
import { archive, bytes, hardlink } from '../../builder/tar.ts';
import { type TestKey, testKeys } from '../../builder/test-keys.ts';
import type { Recipe } from '../../recipe.ts';
import { hello, trees } from '../image/parts.ts';
import {
  type Additions,
  artifactEntry,
  draft,
  emptyDescriptor,
  type Facts,
  helloAdditions,
  type Image,
  image,
  lead,
  published,
  rejection,
  types,
} from './parts.ts';
import {
  amd64,
  arm64,
  artifactOf,
  below,
  exchanged,
  flat,
  forPlatform,
  forPlatforms,
  type Indexes,
  layoutOf,
  list,
  manifestOf,
  type PlatformImage,
  tagged,
  variants,
} from './platform-images.ts';

const { rsa } = testKeys;

/** Images that one request seals. */
interface PlatformsFacts extends Facts {
  /** Default: {@link amd64} and {@link arm64}. */
  readonly images?: readonly PlatformImage[];
  /** Default: {@link below}. */
  readonly indexes?: Indexes;
  /** The expected `index.json`, if it is not that of `indexes` for the sealed manifests. */
  readonly after?: (leadsAfter: readonly string[], leadsBefore: readonly string[]) => string;
  /** What is published before, by number of the image. Default: nothing. */
  readonly before?: (source: Image, number: number) => Additions | undefined;
  readonly by?: TestKey;
  /** The expected value. Default: `none` for each image. */
  readonly leftOut?: string;
  /** Further blobs of the layout. */
  readonly blobs?: readonly string[];
}

function before(facts: PlatformsFacts) {
  const { images = [amd64, arm64], indexes = below } = facts;
  const sources = images.map(({ source }) => source());
  const texts = sources.map((source, i) => manifestOf(source, facts.before?.(source, i)));
  const builder = layoutOf(sources, texts, indexes);
  for (const blob of facts.blobs ?? []) builder.blob('', blob);
  return { images, indexes, sources, texts, builder };
}

const leadsOf = (texts: readonly string[]) => texts.map(text => lead(types.manifest, text));

/** Expected files by name: NAME, NAME-2, and so on. */
function numbered(name: string, texts: readonly string[]) {
  const names = texts.map((_, i) => (i === 0 ? name : `${name}-${i + 1}`));
  const paths = Object.fromEntries(names.map(each => [each, `expect/${each}.json`]));
  const files = Object.fromEntries(names.map((each, i) => [`expect/${each}.json`, bytes(texts[i] ?? '')]));
  return { paths, files };
}

function sealsAll(slug: string, facts: PlatformsFacts): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { images, indexes, sources, texts, builder } = before(facts);
      const after = sources.map((source, i) => {
        const add = facts.before?.(source, i) ?? images[i]?.additions(source, 'sha256', facts.by);
        return manifestOf(source, add);
      });
      const index = facts.after?.(leadsOf(after), leadsOf(texts)) ?? indexes(leadsOf(after)).top;
      const { paths, files } = numbered('manifest', after);
      return draft('seal.inline', facts, builder, {
        expect: {
          outcome: 'accept',
          values: {
            manifest: after.map(text => digestOf(text)).join('/'),
            leftOut: facts.leftOut ?? after.map(() => 'none').join('/'),
          },
          files: { ...paths, index: 'expect/index.json' },
        },
        files: { ...files, 'expect/index.json': bytes(index) },
      });
    },
  };
}

function sealsAllWithArtifacts(slug: string, facts: PlatformsFacts & { readonly there?: number }): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => {
      const { images, sources, texts, builder } = before(facts);
      const artifacts = sources.map((source, i) =>
        artifactOf(images[i] ?? amd64, source, texts[i] ?? '', facts.by),
      );
      const there = artifacts.filter((_, i) => i === facts.there);
      const top = String.fromCharCode(...(builder.files['index.json'] ?? []));
      const add = (entries: readonly { text: string }[], to: string) => {
        const end = to.lastIndexOf(']');
        return `${to.slice(0, end)}${entries.map(({ text }) => `,${artifactEntry(text)}`).join('')}${to.slice(end)}`;
      };
      const started = add(there, top);
      builder.put('index.json', started);
      for (const { text } of there) {
        builder.blob('', text);
        builder.blob('', '{}');
      }
      const { paths, files } = numbered(
        'artifact',
        artifacts.map(({ text }) => text),
      );
      const index = add(
        artifacts.filter((_, i) => i !== facts.there),
        started,
      );
      return draft('seal.artifact', facts, builder, {
        expect: {
          outcome: 'accept',
          values: { artifact: artifacts.map(({ text }) => digestOf(text)).join('/') },
          files: { ...paths, index: 'expect/index.json' },
        },
        files: { ...files, 'expect/index.json': bytes(index) },
      });
    },
  };
}

function rejectsAll(slug: string, code: string, control: string, facts: PlatformsFacts): Recipe {
  return {
    id: `seal/${slug}`,
    make: () => draft('seal.inline', facts, before(facts).builder, rejection(code, `seal/${control}`)),
  };
}

/** Like `hello`, with a second layer that has no image of its own. */
const linked: PlatformImage = {
  source: () =>
    image([{ tar: hello }, { tar: archive(hardlink('usr/link', 'usr/greeting')) }], {
      architecture: 'arm64',
    }),
  merged: '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4',
  additions: source => ({
    ...helloAdditions(source),
    layers: [published('layer', trees.helloUntransformed.sha256)],
    manifest: published('merged', '421a37cdd928dc637a55c47edbc7068e5471610ed4069fe680303686e522b6d4'),
  }),
};
const withLayer: PlatformImage = {
  ...amd64,
  additions: source => ({
    ...helloAdditions(source),
    layers: [published('layer', trees.helloUntransformed.sha256)],
  }),
};

/** A manifest that is an artifact, under an entry without `artifactType`. */
const untyped = `{"schemaVersion":2,"mediaType":"${types.manifest}","artifactType":"application/vnd.example","config":${emptyDescriptor}},"layers":[]}`;

/** `index.json`, and a second entry for the index `of` with a media type that is not that of an index. */
function withOtherType({ top, below: inner }: ReturnType<Indexes>, of: ReturnType<Indexes>) {
  const entry = lead('application/vnd.example', of.below?.[0] ?? '');
  return { top: top.replace(/\]\}$/, `,${entry}}]}`), ...(inner && { below: inner }) };
}

const twoTags: Indexes = ([first = '', second = '']) => ({
  top: list(tagged(first, 'a'), tagged(second, 'b')),
});

export const recipes: readonly Recipe[] = [
  sealsAll('platforms', {
    title: 'The images of all platforms are sealed, other entries are kept',
    requirements: ['SEAL-046', 'SEAL-017', 'SEAL-012', 'SEAL-009'],
  }),
  sealsAll('platforms-flat', {
    title: 'Two platforms in index.json itself are sealed',
    requirements: ['SEAL-046', 'SEAL-017'],
    indexes: flat,
  }),
  sealsAll('platforms-tagged', {
    title: 'A second tag still leads to the unsealed platforms',
    requirements: ['SEAL-046', 'SEAL-017'],
    params: { reference: 'latest' },
    indexes: leads => {
      const { top, below: inner = [] } = below(leads);
      return {
        top: top.replace(/\]\}$/, `,${tagged(lead(types.index, inner[0] ?? ''), 'old')}]}`),
        below: inner,
      };
    },
    after: (leadsAfter, leadsBefore) => {
      const [, old = ''] = [below(leadsAfter), below(leadsBefore)].map(
        ({ below: inner = [] }) => inner[0] ?? '',
      );
      return below(leadsAfter).top.replace(/\]\}$/, `,${tagged(lead(types.index, old), 'old')}]}`);
    },
  }),
  sealsAll('platforms-beside-other-type', {
    title: 'An entry for the index with an unknown media type is not changed',
    requirements: ['SEAL-017', 'LAYER-016'],
    class: 'EDGE_CASE',
    indexes: leads => withOtherType(below(leads), below(leads)),
    after: (leadsAfter, leadsBefore) => withOtherType(below(leadsAfter), below(leadsBefore)).top,
  }),
  sealsAll('platforms-one-sealed', {
    title: 'Only the platform that is not sealed yet is changed',
    requirements: ['SEAL-046', 'SEAL-011'],
    before: (source, i) => (i === 0 ? helloAdditions(source) : undefined),
  }),
  sealsAll('platforms-sealed', {
    title: 'Platforms that are already sealed are returned byte for byte',
    requirements: ['SEAL-011', 'SEAL-046'],
    before: (source, i) => [amd64, arm64][i]?.additions(source),
  }),
  sealsAll('platforms-signed', {
    title: 'The digests of all platforms are signed',
    requirements: ['SEAL-046', 'SEAL-042'],
    signer: rsa,
    by: rsa,
    confirmedBy: ['fsverity-utils 1.6 (signatures, byte for byte)'],
  }),
  sealsAll('platforms-new-tag', {
    title: 'The index of all platforms gets a second tag',
    requirements: ['SEAL-022', 'SEAL-046'],
    params: { reference: 'latest', tag: 'sealed' },
    after: (leadsAfter, leadsBefore) => {
      const [one = '', other = ''] = [leadsBefore, leadsAfter].map(leads => below(leads).below?.[0] ?? '');
      return list(tagged(lead(types.index, one), 'latest'), tagged(lead(types.index, other), 'sealed'));
    },
  }),
  sealsAll('platforms-same-manifest', {
    title: 'A manifest that is listed for two platforms is sealed once',
    requirements: ['SEAL-046', 'SEAL-017'],
    class: 'EDGE_CASE',
    images: [amd64],
    indexes: ([leading = '']) => ({ top: list(forPlatform(leading, 'amd64'), forPlatform(leading, '386')) }),
  }),
  sealsAll('platforms-beside-untyped', {
    title: 'A manifest without an image config is not sealed',
    requirements: ['SEAL-046'],
    class: 'EDGE_CASE',
    images: [amd64, arm64],
    blobs: [untyped],
    indexes: ([first = '', second = '']) => ({
      top: list(
        forPlatform(first, 'amd64'),
        `${lead(types.manifest, untyped)}}`,
        forPlatform(second, 'arm64'),
      ),
    }),
  }),
  sealsAll('one-image-beside-untyped', {
    title: 'A manifest that is not an image does not make a layout ambiguous',
    requirements: ['SEAL-046'],
    class: 'EDGE_CASE',
    images: [amd64],
    blobs: [untyped],
    indexes: ([first = '']) => ({ top: list(`${first}}`, `${lead(types.manifest, untyped)}}`) }),
  }),
  sealsAll('platforms-left-out', {
    title: 'Layers are omitted separately for each image',
    requirements: ['SEAL-006', 'SEAL-007', 'SEAL-046'],
    needs: ['role.layer'],
    params: { roles: 'merged,layer' },
    images: [withLayer, linked],
    leftOut: 'none/1',
  }),
  sealsAll('platforms-variants', {
    title: 'Platforms that differ in system, version or variant are sealed',
    requirements: ['SEAL-046'],
    class: 'EDGE_CASE',
    ...forPlatforms(...variants),
  }),
  rejectsAll('platform-of-two-variants', 'IMAGE_AMBIGUOUS', 'platforms-variants', {
    title: 'A platform that two images have in different variants is rejected',
    requirements: ['SEAL-009', 'SEAL-046'],
    params: { platform: 'linux/arm' },
    ...forPlatforms(...variants.slice(0, 2)),
  }),
  rejectsAll('platforms-same-empty', 'IMAGE_AMBIGUOUS', 'platforms-variants', {
    title: 'Platforms that differ only in members that are empty are rejected',
    requirements: ['SEAL-009', 'SEAL-046'],
    class: 'EDGE_CASE',
    ...forPlatforms(
      { architecture: 'arm', os: 'linux' },
      { architecture: 'arm', os: 'linux', 'os.features': [], 'os.version': '', variant: '' },
    ),
  }),
  rejectsAll('platforms-two-tags', 'IMAGE_AMBIGUOUS', 'platforms-flat', {
    title: 'Two tagged images are rejected instead of sealed as platforms',
    requirements: ['SEAL-009', 'SEAL-046'],
    indexes: twoTags,
  }),
  rejectsAll('platforms-second-missing', 'IMAGE_BLOB', 'platforms-flat', {
    title: 'A platform without a manifest in the layout is rejected',
    requirements: ['SEAL-009', 'SEAL-046'],
    images: [amd64],
    indexes: ([first = '']) => flat([first, first.replace(/[0-9a-f]{64}/, '7'.repeat(64))]),
  }),
  rejectsAll('platforms-second-wrong', 'VERIFY_DIGEST', 'platforms-one-sealed', {
    title: 'A wrong digest of one platform is rejected, and none is sealed',
    requirements: ['SEAL-051', 'SEAL-010', 'SEAL-046'],
    before: (_, i) =>
      i === 1 ? { config: '', layers: [], manifest: published('merged', trees.hello.sha256) } : undefined,
  }),
  rejectsAll('platforms-exchanged', 'VERIFY_PLATFORM', 'platforms', {
    title: 'Platforms in an index that contradict the configs are rejected',
    requirements: ['SEAL-010', 'VERIFY-054'],
    class: 'HOSTILE',
    indexes: exchanged,
  }),
  sealsAllWithArtifacts('artifact-platforms', {
    title: 'Each platform gets an artifact of its own',
    requirements: ['SEAL-046', 'SEAL-036', 'SEAL-034'],
  }),
  sealsAllWithArtifacts('artifact-platforms-one-there', {
    title: 'Only the platform without an artifact gets one',
    requirements: ['SEAL-037', 'SEAL-046'],
    there: 1,
  }),
];
