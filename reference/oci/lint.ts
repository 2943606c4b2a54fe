/**
 * What in an image makes tools in use compute different digests, or refuse it: for whoever makes the image.
 * @module
 */

import { ascii, type ByteString, joinBytes, printable } from '../bytes.ts';
import { ComposefsError } from '../errors.ts';
import { nodeSha2 } from '../hash/node.ts';
import { computeDigests } from '../seal/node/digests.ts';
import { type OpenImage, openImage, readPublications } from '../seal/node/image.ts';
import { comparePublished, publishedWanted } from '../seal/node/verify.ts';
import type { Entry } from '../tar/entry.ts';
import { readTar } from '../tar/read.ts';
import { decompress } from './compression.ts';
import { Expansion } from './expansion.ts';
import { type ManifestOptions, manifestTree } from './image.ts';
import { openBlob, openLayout } from './layout.ts';
import { layerCompression } from './media-types.ts';
import type { Selection } from './select.ts';

/** What is warned of, and why; `spec/upstream.md` says more. */
export const warnings = {
  'implied-parent': 'a directory that no entry makes: tools refuse it, or give it other attributes and times',
  'same-layer-whiteout':
    'a whiteout in the layer of what it names: some tools remove that, the image specification does not',
  'duplicate-entry': 'one path twice in a layer: the image specification forbids it, and tools differ',
  'mtime-fraction': 'a time with a fraction of a second: older tools cut it off',
  'xattr-left-out':
    'an extended attribute that is left out by default, and kept by older tools and other policies',
  'hardlink-lower': 'a hard link to a file of a lower layer: the layer has no digest of its own',
  'device-0-0': 'a character device 0:0, which is a whiteout for overlayfs',
  'root-entry': 'an entry for the root: it is not used, and some tools use it',
  'run-content': 'something in /run: it is left out, and other tools keep it',
  'no-usr': 'no directory /usr: composefs-rs refuses the image',
  'docker-media-type':
    'a media type of Docker: composefs-rs refuses it in a layout, and it has no annotations',
  'older-name': 'a digest under an older name: it is read, and nothing writes it any more',
  'published-wrong': 'a published digest that is not that of the image: it came from another one',
  'selinux-policy':
    'an SELinux policy: the digest for booting depends on labels, which nothing here computes',
} as const;
export type WarningCode = keyof typeof warnings;

/** One warning, and where it was met first. */
export interface Warning {
  readonly code: WarningCode;
  readonly message: string;
  readonly layer: number | undefined;
  readonly entry: string | undefined;
  /** How often. */
  readonly count: number;
}

type Options = Selection & Pick<ManifestOptions, 'maxExpansion' | 'maxSize' | 'progress'>;

/** The warnings about an image, in the order of {@link warnings}. Throws what the tree builder throws. */
export async function lintImage(directory: string, options: Options): Promise<Warning[]> {
  const layout = await openLayout(directory, nodeSha2);
  const image = await openImage(layout, options);
  const found = new Found();
  // Refuses what has no digest at all; what is warned of below has one.
  const tree = await manifestTree(layout, image.descriptor, {
    ...options,
    role: 'merged',
    transform: 'none',
    xattrs: 'allowlist-only',
    algorithm: 'fsverity-sha256-12',
  });
  if (tree.children.get(ascii('usr'))?.kind !== 'directory') found.add('no-usr');
  const run = tree.children.get(ascii('run'));
  if (run?.kind === 'directory' && run.children.size > 0) found.add('run-content');
  await lintDocuments(image, options, found);
  const state = new LayersSoFar(found);
  const expansion = new Expansion(options);
  for (const [number, descriptor] of image.parsed.layers.entries()) {
    const place = { layer: number };
    const blob = await openBlob(layout, descriptor, place);
    try {
      const content = decompress(blob, layerCompression(descriptor.mediaType, place), blob.place);
      state.begin(number);
      for await (const entry of readTar(expansion.limited(content, blob.size, blob.place)))
        state.entry(entry);
      state.end();
    } finally {
      await blob.close();
    }
  }
  return found.list();
}

async function lintDocuments(image: OpenImage, options: Options, found: Found): Promise<void> {
  const types = [image.descriptor, image.parsed.config, ...image.parsed.layers].map(each => each.mediaType);
  if (types.some(type => type.startsWith('application/vnd.docker.'))) found.add('docker-media-type');
  try {
    const publications = await readPublications(image);
    if (publications.legacy.length > 0) found.add('older-name');
    const digests = await computeDigests(image, publishedWanted(publications), options);
    comparePublished(publications, digests);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    if (error.stage === 'verify') found.add('published-wrong', undefined, error.detail);
    else if (error.code !== 'TRANSFORM_SELINUX') throw error;
  }
}

/** Warnings, counted. */
class Found {
  readonly #warnings = new Map<WarningCode, Warning>();

  add(code: WarningCode, layer?: number, entry?: string): void {
    const before = this.#warnings.get(code);
    this.#warnings.set(
      code,
      before === undefined
        ? { code, message: warnings[code], layer, entry, count: 1 }
        : { ...before, count: before.count + 1 },
    );
  }

  list(): Warning[] {
    return Object.keys(warnings).flatMap(code => this.#warnings.get(code as WarningCode) ?? []);
  }
}

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const SLASH = ascii('/');

/** What the entries so far have made, as far as it matters here. */
class LayersSoFar {
  readonly #found: Found;
  readonly #directories = new Set<string>();
  #layer = 0;
  /** Paths of the layer, and directories and names that its markers are about. */
  #paths = new Map<string, Entry['kind']>();
  #hidden: { readonly path: string; readonly isOpaque: boolean; readonly name: ByteString }[] = [];

  constructor(found: Found) {
    this.#found = found;
  }

  begin(layer: number): void {
    this.#layer = layer;
    this.#paths = new Map();
    this.#hidden = [];
  }

  entry(entry: Entry): void {
    const warn = (code: WarningCode) => this.#found.add(code, this.#layer, printable(entry.name));
    const path = join(entry.path);
    const last = entry.path.at(-1);
    if (last === undefined) {
      warn('root-entry');
      return;
    }
    const parent = join(entry.path.slice(0, -1));
    if (parent !== '' && !this.#directories.has(parent)) warn('implied-parent');
    for (let depth = 1; depth < entry.path.length; depth++)
      this.#directories.add(join(entry.path.slice(0, depth)));
    if (last.startsWith(WHITEOUT)) {
      const isOpaque = last === OPAQUE;
      const hidden = isOpaque
        ? parent
        : join([...entry.path.slice(0, -1), last.slice(WHITEOUT.length) as ByteString]);
      this.#hidden.push({ path: hidden, isOpaque, name: entry.name });
      return;
    }
    if (this.#paths.has(path) && !(entry.kind === 'directory' && this.#paths.get(path) === 'directory'))
      warn('duplicate-entry');
    if (entry.kind === 'hardlink' && !this.#paths.has(join(entry.target))) warn('hardlink-lower');
    this.#paths.set(path, entry.kind);
    if (entry.kind === 'directory') this.#directories.add(path);
    if (entry.kind === 'character' && entry.rdev === 0) warn('device-0-0');
    if (path === 'etc/selinux/config') warn('selinux-policy');
    if (entry.kind === 'hardlink') return;
    if (entry.mtime.nsec !== 0) warn('mtime-fraction');
    if ([...entry.xattrs.keys()].some(name => name !== 'security.capability')) warn('xattr-left-out');
  }

  /** A marker may stand before or after what it would hide. */
  end(): void {
    const parents = new Set(
      [...this.#paths.keys()].map(path => path.slice(0, Math.max(0, path.lastIndexOf('/')))),
    );
    for (const { path, isOpaque, name } of this.#hidden) {
      if (isOpaque ? parents.has(path) : this.#paths.has(path)) {
        this.#found.add('same-layer-whiteout', this.#layer, printable(name));
      }
    }
  }
}

function join(path: readonly ByteString[]): ByteString {
  return joinBytes(...path.flatMap((name, i) => (i === 0 ? [name] : [SLASH, name])));
}
