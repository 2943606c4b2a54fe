/**
 * Builders of the recipes of tables of contents: a layer with an entry of each type, and what differs from it.
 *
 * The entries of the table of contents are written by hand, next to the headers that they repeat.
 * @module
 */

import type { Case } from '../../../suite/case.ts';
import {
  type Changes,
  type ChunkedLayer,
  type ChunkedPart,
  chunkedLayer,
  type TarSplitLine,
} from '../../builder/chunked.ts';
import { digestOf, type Json } from '../../builder/layout.ts';
import {
  type Bytes,
  block,
  bytes,
  character,
  concat,
  directory,
  type Fields,
  fifo,
  hardlink,
  header,
  pax,
  symlink,
} from '../../builder/tar.ts';
import { type Draft, either, type MayReject, type Recipe, stageOf } from '../../recipe.ts';

export const keys = {
  checksum: 'io.github.containers.zstd-chunked.manifest-checksum',
  position: 'io.github.containers.zstd-chunked.manifest-position',
  tarSplit: 'io.github.containers.zstd-chunked.tarsplit-position',
  tarSplitChecksum: 'io.github.containers.zstd-chunked.tarsplit-checksum',
  estargz: 'containerd.io/snapshot/stargz/toc.digest',
} as const;

/** What confirms a layer that is accepted, or rejects one that is not. */
export const STORAGE = 'go.podman.io/storage 1.65.1';

/** What rebuilds the archive of each layer that is accepted and has tar-split data. */
const CHUNKED_CRATE = 'zstd-chunked 0.2.0';

/** A regular file, mode 0644. */
export function filePart(
  name: string,
  content: Bytes,
  more: { readonly fields?: Fields; readonly before?: Uint8Array; readonly entry?: Json } & Pick<
    ChunkedPart,
    'chunks'
  > = {},
): ChunkedPart {
  const headers = header({ name, mode: 0o644, size: bytes(content).length, ...more.fields });
  return {
    headers: concat(more.before ?? '', headers),
    content,
    name,
    entry: { type: 'reg', name, mode: 420, ...more.entry },
    ...(more.chunks && { chunks: more.chunks }),
  };
}

/** An entry without content. */
export function part(headers: Uint8Array, entry: Json & { readonly name: string }): ChunkedPart {
  return { headers, name: entry.name, entry };
}

export const usr = part(directory('usr/', { mtime: 1700000000 }), {
  type: 'dir',
  name: 'usr/',
  mode: 493,
  modtime: '2023-11-14T22:13:20Z',
});

export const greeting = filePart('usr/greeting', 'hello\n', {
  fields: { mtime: 1700000001 },
  entry: { modtime: '2023-11-14T22:13:21Z' },
});

const text = (letter: string, size: number) => letter.repeat(size);

/** Three chunks, the second one of zeros. */
export const data = filePart('usr/data', concat(text('a', 1000), new Uint8Array(1024), text('b', 976)), {
  chunks: [{ size: 1000 }, { size: 1024, zeros: true }, { size: 976 }],
});

/** A layer with entries of every type. */
export const everything: readonly ChunkedPart[] = [
  usr,
  greeting,
  filePart('usr/empty', ''),
  data,
  part(hardlink('usr/hard', 'usr/greeting'), {
    type: 'hardlink',
    name: 'usr/hard',
    linkName: 'usr/greeting',
    mode: 420,
  }),
  part(symlink('usr/link', 'greeting'), {
    type: 'symlink',
    name: 'usr/link',
    linkName: 'greeting',
    mode: 511,
  }),
  part(character('usr/null', 1, 3), { type: 'char', name: 'usr/null', mode: 384, devMajor: 1, devMinor: 3 }),
  part(block('usr/disk', 8, 300), { type: 'block', name: 'usr/disk', mode: 384, devMajor: 8, devMinor: 300 }),
  part(fifo('usr/fifo', { uid: 1000, gid: 100 }), {
    type: 'fifo',
    name: 'usr/fifo',
    mode: 420,
    uid: 1000,
    gid: 100,
  }),
  filePart('usr/attributes', 'x', {
    before: pax({
      'SCHILY.xattr.user.a': '\0\x01',
      'SCHILY.xattr.user.b': 'b',
      mtime: '1700000002.25',
      atime: '1700000003.5',
      ctime: '1700000004',
    }),
    fields: { mtime: 1700000002 },
    entry: {
      modtime: '2023-11-14T22:13:22.25Z',
      accesstime: '2023-11-14T22:13:23.5Z',
      changetime: '2023-11-14T22:13:24Z',
      xattrs: { 'user.a': 'AAE=', 'user.b': 'Yg==' },
    },
  }),
];

/** A layer of few entries, for defects that do not need more. */
export const few: readonly ChunkedPart[] = [usr, greeting, data];

type Facts = Pick<Draft, 'title' | 'requirements'> &
  Partial<Pick<Draft, 'class' | 'links' | 'tags' | 'confirmedBy'>> & {
    /** Default: {@link few}. */
    readonly parts?: readonly ChunkedPart[];
    readonly changes?: Changes;
    /** Default: the media type of a layer that is compressed with zstd. */
    readonly mediaType?: string;
    /** The last change to the blob. */
    readonly blob?: (blob: Uint8Array) => Uint8Array;
  };

const ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';

/** The case `toc/<slug>`: the table of contents agrees with its layer. */
export function agrees(
  slug: string,
  facts: Facts & {
    readonly tarSplit?: 'digest' | 'unbound' | 'none';
  },
): Recipe {
  const { tarSplit, confirmedBy = [] } = facts;
  const confirmed = {
    ...facts,
    confirmedBy: [...confirmedBy, ...(tarSplit === 'none' ? [] : [CHUNKED_CRATE])],
  };
  return recipe(slug, confirmed, (layer, parts) => ({
    expect: { outcome: 'accept', values: summary(layer, parts, tarSplit) },
  }));
}

/** The case `toc/<slug>`: the table of contents agrees with its layer, and can be rejected all the same. */
export function mayReject(slug: string, reason: MayReject, facts: Facts): Recipe {
  return recipe(slug, facts, (layer, parts) => ({
    expect: either(reason, { values: summary(layer, parts) }),
    control: 'toc/few-entries',
  }));
}

/** What is found in a layer whose table of contents agrees with it. */
function summary(
  { tar }: ChunkedLayer,
  parts: readonly ChunkedPart[],
  tarSplit: 'digest' | 'unbound' | 'none' = 'digest',
): Record<string, string> {
  const withContent = parts.filter(({ content = '' }) => bytes(content).length > 0);
  const chunks = withContent.reduce((sum, each) => sum + (each.chunks?.length ?? 1), 0);
  return {
    toc: 'zstd-chunked',
    entries: `${parts.length}`,
    chunks: `${chunks}`,
    tarSplit,
    diffId: digestOf(tar),
  };
}

/** The case `toc/<slug>`: the layer is not one with a zstd:chunked table of contents. */
export function hasNone(slug: string, facts: Facts): Recipe {
  return recipe(slug, facts, () => ({ expect: { outcome: 'accept', values: { toc: 'none' } } }));
}

/** The case `toc/<slug>`: the layer is rejected with one of `codes`. */
export function rejects(
  slug: string,
  codes: string | readonly string[],
  control: string,
  facts: Facts,
): Recipe {
  const reasons = [codes].flat();
  const expect: Case['expect'] = { outcome: 'reject', stage: stageOf(reasons[0] ?? ''), reasons };
  return recipe(slug, facts, () => ({ expect, control: `toc/${control}` }));
}

function recipe(
  slug: string,
  { parts = few, changes, mediaType = ZSTD, blob = same => same, ...facts }: Facts,
  expectation: (layer: ChunkedLayer, parts: readonly ChunkedPart[]) => Pick<Draft, 'expect' | 'control'>,
): Recipe {
  return {
    id: `toc/${slug}`,
    make: () => {
      const layer = chunkedLayer(parts, changes);
      const { title, requirements } = facts;
      return {
        title,
        requirements,
        ...(facts.class === undefined ? {} : { class: facts.class }),
        ...(facts.links === undefined ? {} : { links: facts.links }),
        ...(facts.tags === undefined ? {} : { tags: facts.tags }),
        ...(facts.confirmedBy === undefined ? {} : { confirmedBy: facts.confirmedBy }),
        ...expectation(layer, parts),
        op: 'toc.check',
        needs: ['toc.zstd-chunked'],
        input: { layer: 'in/layer', annotations: 'in/annotations.json' },
        params: { mediaType },
        files: {
          'in/layer': blob(layer.blob),
          'in/annotations.json': bytes(JSON.stringify(layer.annotations)),
        },
      };
    },
  };
}

/** Changes of one member in the entry of this name; undefined removes the member. */
export function member(name: string, key: string, value: unknown): Changes {
  return {
    entries: entries =>
      entries.map(entry =>
        entry['name'] === name && entry['type'] !== 'chunk' ? { ...entry, [key]: value } : entry,
      ),
  };
}

/** Changes of one member in the `number`th entry of type `chunk`, counted from 0. */
export function chunkMember(number: number, key: string, value: unknown): Changes {
  return {
    entries: entries => {
      const chunk = entries.filter(({ type }) => type === 'chunk')[number];
      return entries.map(entry => (entry === chunk ? { ...entry, [key]: value } : entry));
    },
  };
}

/** Changes of one annotation; undefined removes it. */
export function annotation(key: string, change: (value: string) => string | undefined): Changes {
  return {
    annotations: annotations => {
      const { [key]: value = '', ...others } = annotations;
      const changed = change(value);
      return changed === undefined ? others : { ...others, [key]: changed };
    },
  };
}

/** A position with its `number`th number changed by `by`. */
export function shifted(number: number, by: number) {
  return (position: string) =>
    position
      .split(':')
      .map((value, i) => (i === number ? `${Number(value) + by}` : value))
      .join(':');
}

/** A segment of tar-split data with one bit of a byte inverted. */
export const inverted = (at: number) => (line: TarSplitLine) => {
  const content = Buffer.from(line.payload ?? '', 'base64');
  content[at] = (content[at] ?? 0) ^ 1;
  return [{ ...line, payload: content.toString('base64') }];
};

/** A change of the text of the table of contents that has an effect. */
export function replaced(from: string, to: string): Changes {
  return {
    toc: whole => {
      if (!whole.includes(from)) throw new Error(`the table of contents has no ${from}`);
      return whole.replace(from, to);
    },
  };
}
