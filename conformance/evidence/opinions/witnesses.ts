/**
 * The programs that are asked.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBuild, succeeds } from '../../implementations/install/build-tool.ts';
import {
  type DebianProgram,
  debianPrograms,
  programPath,
  programVersion,
} from '../../implementations/install/paths.ts';
import type { Case } from '../../suite/case.ts';
import { TOO_LONG } from '../external-checks/fsck-and-fsverity.ts';
import {
  buildArchiveRebuilder,
  CHUNKED_CRATE,
  CHUNKED_CRATE_NEEDS,
} from '../external-checks/rebuilt-archives.ts';
import { buildStorageLibrary, STORAGE_MODULE } from '../storage-library.ts';
import { adapterWitnesses } from './adapters.ts';
import { askCommand, type FileCommand } from './commands.ts';
import { archives, blobs, documents, input, isRejected } from './files.ts';
import { kernelWitness } from './kernel.ts';
import { opensslWitnesses } from './openssl.ts';
import { askReader, goSource, pythonReader, type Question, type Reader } from './readers.ts';
import type { MissingWitness, Subject, Witness } from './witness.ts';

/** Whether a program reads the part of a case in which its defect is. */
type Reads = Witness['reads'];

/** Codes of defects that are in one document, and not in how documents fit together. */
const DOCUMENT_CODES = ['IMAGE_JSON', 'IMAGE_SCHEMA', 'IMAGE_DIGEST_FORM', 'IMAGE_MEDIA_TYPE'];

const isArchive: Reads = test => isRejected(test, 'tar');
const isDocument: Reads = test => isRejected(test, 'image', DOCUMENT_CODES);
const isJson: Reads = test => isRejected(test, 'image', ['IMAGE_JSON']);
const isToc: Reads = test => test.op === 'toc.check' && isRejected(test, 'toc');
const isImage: Reads = test => test.op === 'erofs.read' && isRejected(test, 'erofs');

/** A blob of one compression; a limit that the request sets is not a defect of the blob. */
function isBlob(compression: 'gzip' | 'zstd'): Reads {
  return test =>
    layerTypes(test).every(mediaType => mediaType.endsWith(compression)) &&
    isRejected(test, 'compression') &&
    !isRejected(test, 'compression', ['COMPRESSION_LIMIT']);
}

function layerTypes({ input: { layers } }: Case): readonly string[] {
  return Array.isArray(layers) ? layers.map(({ mediaType }) => mediaType) : [''];
}

/** Prepares all programs. `scratch` is an empty folder for programs that are built. */
export async function findWitnesses(
  scratch: string,
  suiteVersion: string,
): Promise<readonly (Witness | MissingWitness)[]> {
  return [
    ...(await goWitnesses(scratch)),
    ...(await storageWitnesses(scratch)),
    await crateWitness(),
    ...pythonWitnesses(),
    ...commandWitnesses(),
    ...openssl(),
    ...(await adapterWitnesses('composefs-rs', suiteVersion, byComposefsRs, 'npm run peers -- composefs-rs')),
    ...(await adapterWitnesses('mkcomposefs', suiteVersion, byComposefs, 'npm run peers')),
    ...imageWitnesses(),
    kernelWitness(),
  ];
}

function byComposefsRs({
  operations,
  implementation,
}: {
  operations: readonly string[];
  implementation: { version: string };
}) {
  return Object.fromEntries(
    operations.map(operation => [operation, `composefs-rs ${implementation.version}`]),
  );
}

function byComposefs({ implementation: { version } }: { implementation: { version: string } }) {
  return { 'erofs.write': `mkcomposefs ${version}`, 'erofs.read': `composefs-info ${version}` };
}

function readerWitness(
  name: string,
  reader: Reader,
  reads: Reads,
  questions: (subject: Subject) => readonly Question[],
): Witness {
  return { name, reads, ask: subjects => askReader(reader, subjects, questions) };
}

async function goWitnesses(scratch: string): Promise<readonly (Witness | MissingWitness)[]> {
  if (!(await succeeds('go', 'version'))) return [{ name: 'Go', missing: 'https://go.dev/dl' }];
  const program = join(scratch, 'reader');
  await runBuild('go', ['build', '-o', program, '.'], { cwd: goSource, env: { CGO_ENABLED: '0' } });
  const reader: Reader = { command: [program] };
  const go = /go(\d+\.\d+)/.exec(printed('go', 'version'))?.[1] ?? '';
  const spec = `image-spec ${moduleVersion('github.com/opencontainers/image-spec')}`;
  const zstd = `klauspost/compress zstd ${moduleVersion('github.com/klauspost/compress')}`;
  const files = (kind: string, of: (subject: Subject) => readonly string[]) => (subject: Subject) =>
    of(subject).map((path): Question => [kind, path]);
  const ofDocuments = (reading: string) => (subject: Subject) =>
    documents(subject).map(({ kind, path }): Question => [`${reading}:${kind}`, path]);
  return [
    readerWitness(`Go archive/tar ${go}`, reader, isArchive, files('tar', archives)),
    readerWitness(
      `Go compress/gzip ${go}`,
      reader,
      isBlob('gzip'),
      files('gzip', s => blobs(s, 'gzip')),
    ),
    readerWitness(
      zstd,
      reader,
      isBlob('zstd'),
      files('zstd', s => blobs(s, 'zstd')),
    ),
    readerWitness(`${spec} (JSON Schema)`, reader, isDocument, ofDocuments('schema')),
    readerWitness(`Go encoding/json ${go} (types of ${spec})`, reader, isDocument, ofDocuments('structs')),
  ];
}

/** The library of podman, which builds layers from tables of contents. */
async function storageWitnesses(scratch: string): Promise<readonly (Witness | MissingWitness)[]> {
  const library = await buildStorageLibrary(scratch);
  if (library === undefined) return [];
  return [readerWitness(`${STORAGE_MODULE} ${library.version}`, { command: [library.path] }, isToc, tables)];
}

/** The crate that rebuilds archives from tables of contents. */
async function crateWitness(): Promise<Witness | MissingWitness> {
  const rebuilder = await buildArchiveRebuilder();
  if (rebuilder === undefined) return { name: CHUNKED_CRATE, missing: CHUNKED_CRATE_NEEDS };
  const { path, version } = rebuilder;
  return readerWitness(`${CHUNKED_CRATE} ${version}`, { command: [path] }, isToc, tables);
}

function tables(subject: Subject): readonly Question[] {
  return input(subject, 'layer').flatMap(layer =>
    input(subject, 'annotations').map((annotations): Question => ['toc', layer, annotations]),
  );
}

/** The version of a module that a reader in Go is built with. */
function moduleVersion(module: string): string {
  const text = readFileSync(join(goSource, 'go.mod'), 'utf8');
  return new RegExp(`${module} v(\\S+)`).exec(text)?.[1] ?? '';
}

function pythonWitnesses(): readonly (Witness | MissingWitness)[] {
  const version = /(\d+\.\d+)/.exec(printed('python3', '--version'))?.[1];
  if (version === undefined) return [{ name: 'Python', missing: 'Debian: apt install python3' }];
  const files = (kind: string, of: (subject: Subject) => readonly string[]) => (subject: Subject) =>
    of(subject).map((path): Question => [kind, path]);
  return [
    readerWitness(`Python tarfile ${version}`, pythonReader, isArchive, files('tar', archives)),
    readerWitness(
      `Python gzip ${version}`,
      pythonReader,
      isBlob('gzip'),
      files('gzip', s => blobs(s, 'gzip')),
    ),
    readerWitness(`Python json ${version}`, pythonReader, isJson, files('json', documentPaths)),
  ];
}

function documentPaths(subject: Subject): readonly string[] {
  return documents(subject).map(({ path }) => path);
}

/** A program from the PATH. */
interface SystemProgram extends FileCommand {
  readonly name: string;
  readonly program: string;
  readonly version: RegExp;
  readonly package: string;
  readonly reads: Reads;
  readonly files: (subject: Subject) => readonly string[];
}

const systemPrograms: readonly SystemProgram[] = [
  {
    name: 'libarchive',
    program: 'bsdtar',
    version: /libarchive (\S+)/,
    package: 'libarchive-tools',
    command: path => ['bsdtar', '-tf', path],
    lists: true,
    reads: isArchive,
    files: archives,
  },
  {
    name: 'GNU tar',
    program: 'tar',
    version: /^tar \(GNU tar\) (\S+)/,
    package: 'tar',
    command: path => ['tar', '--force-local', '--numeric-owner', '-tf', path],
    lists: true,
    reads: isArchive,
    files: archives,
  },
  {
    name: 'gzip',
    program: 'gzip',
    version: /^gzip (\S+)/,
    package: 'gzip',
    command: path => ['sh', '-c', 'exec gzip -dc < "$1" > /dev/null', 'sh', path],
    // For bytes after the last member, which it ignores.
    warnings: [2],
    reads: isBlob('gzip'),
    files: subject => blobs(subject, 'gzip'),
  },
  {
    name: 'zstd',
    program: 'zstd',
    version: / v?(\d+\.\d+\.\d+)/,
    package: 'zstd',
    command: path => ['sh', '-c', 'exec zstd -dc < "$1" > /dev/null', 'sh', path],
    reads: isBlob('zstd'),
    files: subject => blobs(subject, 'zstd'),
  },
  {
    name: 'jq',
    program: 'jq',
    version: /^jq-(\S+)/,
    package: 'jq',
    command: path => ['jq', '.', path],
    reads: isJson,
    files: documentPaths,
  },
];

function commandWitnesses(): readonly (Witness | MissingWitness)[] {
  return systemPrograms.map(({ name, program, version, reads, files, package: debian, ...command }) => {
    const found = version.exec(printed(program, '--version'))?.[1];
    if (found === undefined) return { name, missing: `Debian: apt install ${debian}` };
    return { name: `${name} ${found}`, reads, ask: subjects => askCommand(command, subjects, files) };
  });
}

function openssl(): readonly (Witness | MissingWitness)[] {
  const version = /^OpenSSL (\d+\.\d+)/.exec(printed('openssl', 'version'))?.[1];
  if (version === undefined) return [{ name: 'OpenSSL', missing: 'Debian: apt install openssl' }];
  return opensslWitnesses(version);
}

function imageWitnesses(): readonly (Witness | MissingWitness)[] {
  const options = { 'fsck.erofs': [], 'dump.erofs': ['-S'] } as const;
  return debianPrograms.flatMap(program => {
    if (program !== 'fsck.erofs' && program !== 'dump.erofs') return [];
    return [imageWitness(program, options[program])];
  });
}

function imageWitness(program: DebianProgram, args: readonly string[]): Witness | MissingWitness {
  const path = programPath(program);
  if (path === undefined) return { name: program, missing: 'npm run peers' };
  const command: FileCommand = { command: image => [path, ...args, image], givesUp: TOO_LONG };
  return {
    name: `${program} ${programVersion(program)}`,
    reads: isImage,
    ask: subjects => askCommand(command, subjects, subject => input(subject, 'image')),
  };
}

/** What a program prints; nothing if it does not start. */
function printed(program: string, ...args: string[]): string {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return stdout ?? '';
}
