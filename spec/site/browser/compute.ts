/**
 * From what a reader typed or dropped to a tree, an image and its digest, with the reference as it is.
 * @module
 */

import {
  type Algorithm,
  buildTree,
  ComposefsError,
  type Directory,
  type ErofsFormat,
  FsVerity,
  hex,
  parseDumpfile,
  portableSha2,
  printDumpfile,
  type Role,
  writeErofs,
} from '../../../reference/index.ts';
import { chunksOf, type Progress } from './chunks.ts';
import { layersOfArchive, uncompressed } from './oci-archive.ts';

/** What is computed from the input. */
export interface Request {
  readonly input: Blob;
  readonly algorithm: Algorithm;
  readonly format: ErofsFormat;
  readonly role: Role;
}

export type Result =
  | {
      readonly kind: 'accepted';
      readonly source: string;
      readonly digest: string;
      readonly inputHash: string;
      readonly image: Blob;
      /** The canonical dumpfile of the tree. */
      readonly dumpfile: Blob;
    }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

/** Computes the image. Whatever the input is, the answer is a result or a rejection. */
export async function compute(request: Request, progress: Progress): Promise<Result> {
  try {
    return await accepted(request, progress);
  } catch (error) {
    if (!(error instanceof ComposefsError)) throw error;
    return { kind: 'rejected', code: error.code, message: error.message };
  }
}

async function accepted(request: Request, progress: Progress): Promise<Result> {
  const { input, algorithm, format } = request;
  const { tree, source } = await treeOf(request, progress);
  progress('writing the image', input.size);
  const verity = new FsVerity(algorithm, portableSha2);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (const chunk of writeErofs(tree, { algorithm, format })) {
    verity.update(chunk);
    chunks.push(new Uint8Array(chunk));
  }
  const dumpfile = new Blob(Array.from(printDumpfile(tree), line => new Uint8Array(line)));
  const hasher = portableSha2.create('sha256');
  for await (const bytes of chunksOf(input)) hasher.update(bytes);
  return {
    kind: 'accepted',
    source,
    digest: hex(verity.digest()),
    inputHash: hex(hasher.digest()),
    image: new Blob(chunks),
    dumpfile,
  };
}

async function treeOf(
  { input, algorithm, role }: Request,
  progress: Progress,
): Promise<{ tree: Directory; source: string }> {
  const start = new Uint8Array(await input.slice(0, 512).arrayBuffer());
  // A dumpfile begins with the line of the root.
  if (start[0] === 0x2f && start[1] === 0x20) {
    progress('reading the dumpfile', 0);
    return { tree: parseDumpfile(new Uint8Array(await input.arrayBuffer())), source: 'a dumpfile' };
  }
  const options = {
    role,
    algorithm,
    transform: role === 'layer' ? ('none' as const) : ('oci' as const),
    xattrs: 'allowlist-only' as const,
    sha2: portableSha2,
  };
  const image = await layersOfArchive(input, progress);
  if (image !== undefined) {
    return { tree: await buildTree(image.layers, options), source: `an OCI archive with ${image.name}` };
  }
  const archive = await uncompressed(input, { file: 'layer' });
  return { tree: await buildTree([counted(archive, progress)], options), source: 'a layer' };
}

async function* counted(chunks: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    progress('reading the layer', bytes);
    yield chunk;
  }
}
