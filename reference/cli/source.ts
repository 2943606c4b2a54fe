/**
 * Input of commands: an image in a layout, a file, or stdin.
 * @module
 */

import { closeSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { TreeSteps } from '../build-tree.ts';
import { shortened } from '../bytes.ts';
import { DumpfileParser } from '../dumpfile/parse.ts';
import { ComposefsError, type Location } from '../errors.ts';
import { isOciDigest } from '../oci/digest.ts';
import { asFileError, openFile, readChunks, readChunksSync } from '../oci/file.ts';
import type { LayoutFiles } from '../oci/layout-files.ts';
import type { Directory } from '../tree/inode.ts';
import type { TreeOptions } from '../tree/options.ts';
import { expansionLimits, treeOptionNames, treeOptions } from './options.ts';

/** An image, and where it is. */
export interface ImageSource {
  readonly transport: 'oci' | 'oci-archive' | 'docker-archive';
  /** The directory of a layout, or an archive. */
  readonly path: string;
  readonly selection: { readonly reference?: string; readonly manifestDigest?: string };
}

/** Parses `oci:DIR[:TAG]`, `oci:DIR@DIGEST`, or the same with an archive, for commander. */
export function parseImage(text: string): ImageSource {
  checkTransport(text);
  const image = imageSource(text);
  if (image === undefined) throw new InvalidArgumentError(imageForm);
  return image;
}

/** Parses `oci:DIR[:TAG]`, the layout and the tag of a result, for commander. */
export function parseOutput(text: string): ImageSource {
  if (otherTransport.test(text)) {
    throw new InvalidArgumentError(
      `Results are only written to layouts. Write it to oci:DIR:TAG, and copy it from there: skopeo copy oci:DIR:TAG ${shortened(text)}`,
    );
  }
  const image = parseImage(text);
  if (image.transport !== 'oci')
    throw new InvalidArgumentError(
      'Archives are only read: write the result to a layout, as oci:DIR or oci:DIR:TAG.',
    );
  if (image.selection.manifestDigest === undefined) return image;
  throw new InvalidArgumentError(
    'The digest of the result is not known before: write oci:DIR or oci:DIR:TAG.',
  );
}

const imageForm =
  'Write an image as oci:DIR, oci:DIR:TAG or oci:DIR@DIGEST, where DIR is an OCI image layout, and DIGEST is sha256: with 64 or sha512: with 128 lower-case hex digits; or as oci-archive:FILE or docker-archive:FILE, with :TAG or @DIGEST as well.';

/** The other places of images that skopeo and podman name. */
const otherTransport = /^(?:docker|docker-daemon|containers-storage|ostree|sif|dir):/;

/** Throws, and says how to get a layout, if `text` is an image in a place that this command does not read. */
function checkTransport(text: string): void {
  if (!otherTransport.test(text)) return;
  throw new InvalidArgumentError(
    `Only layouts and archives are read. Copy the image to a layout: skopeo copy ${shortened(text)} oci:DIR:TAG, and give oci:DIR:TAG.`,
  );
}

const transports = /^(oci|oci-archive|docker-archive):/;

/** Parses an image; undefined if `text` is the path of a file. */
function imageSource(text: string): ImageSource | undefined {
  const transport = transports.exec(text)?.[1] as ImageSource['transport'] | undefined;
  if (transport === undefined) return undefined;
  const [, place, tag] = /^([^:]+)(?::(.+))?$/.exec(text.slice(transport.length + 1)) ?? [];
  if (place === undefined) throw new InvalidArgumentError(imageForm);
  const [, path, hash] = /^(.+)@(sha(?:256|512))$/.exec(place) ?? [];
  if (path !== undefined) {
    const manifestDigest = `${hash}:${tag ?? ''}`;
    if (!isOciDigest(manifestDigest)) throw new InvalidArgumentError(imageForm);
    return { transport, path, selection: { manifestDigest } };
  }
  return { transport, path: place, selection: tag === undefined ? {} : { reference: tag } };
}

/** The files of the layout of an image. Headers of an archive are read for this. */
export async function layoutFiles({ transport, path }: ImageSource): Promise<LayoutFiles> {
  // Loaded only here, because layouts do not need them.
  switch (transport) {
    case 'oci':
      return path;
    case 'oci-archive': {
      const { archiveFiles } = await import('../oci/archive.ts');
      return archiveFiles(path);
    }
    case 'docker-archive': {
      const { dockerArchiveFiles } = await import('../oci/docker-archive.ts');
      return dockerArchiveFiles(path);
    }
  }
}

/** Parses an image, a path, or `-` for stdin, for commander. */
export function parseSource(text: string): ImageSource | string {
  checkTransport(text);
  return imageSource(text) ?? text;
}

/** Reads the tree of an image with the options of `command`, and shows the progress. */
export async function readImageTree(image: ImageSource, command: Command): Promise<Directory> {
  return readTreeOf(image, command, treeOptions(command));
}

/** Reads a tree of an image with the options of `command` that are not in `options`, and shows the progress. */
export async function readTreeOf(
  image: ImageSource,
  command: Command,
  options: TreeOptions & { readonly steps?: TreeSteps },
): Promise<Directory> {
  // Loaded only here, because commands that read a dumpfile do not need it.
  const { imageTree } = await import('../oci/image-tree.ts');
  const { withProgress } = await import('./progress.ts');
  const { platform } = command.opts<{ platform?: string }>();
  const all = { ...options, ...expansionLimits(command), ...image.selection, platform };
  const files = await layoutFiles(image);
  return withProgress(progress => imageTree(files, { ...all, progress }));
}

/** Reads the tree of an image or of a dumpfile. */
export async function readTree(source: ImageSource | string, command: Command): Promise<Directory> {
  if (typeof source !== 'string') return readImageTree(source, command);
  const unused = treeOptionNames.find(name => command.getOptionValueSource(name) === 'cli');
  if (unused !== undefined) {
    const flag = command.options.find(option => option.attributeName() === unused)?.long;
    command.error(`error: ${flag} only applies to an image (oci:DIR), because a dumpfile is already a tree`, {
      exitCode: 2,
    });
  }
  const location = { file: source };
  try {
    const parser = new DumpfileParser();
    for await (const chunk of readFile(source, location, readChunksSync)) parser.push(chunk);
    return parser.finish();
  } catch (error) {
    throw error instanceof ComposefsError ? error.at(location) : error;
  }
}

/** The bytes of a file, read with `read`, or those of stdin if `path` is `-`. */
export async function* readFile(
  path: string,
  location: Location,
  read: typeof readChunks | typeof readChunksSync = readChunks,
): AsyncGenerator<Uint8Array> {
  if (path === '-') {
    try {
      yield* process.stdin;
    } catch (error) {
      throw asFileError(error, location);
    }
    return;
  }
  const { fd } = openFile(path, 'REQUEST_FILE', location);
  try {
    yield* read(fd, location);
  } finally {
    closeSync(fd);
  }
}
