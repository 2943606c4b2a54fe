/**
 * A real image, made from Debian packages here and now, through the whole pipeline, with other tools as judges:
 * umoci for the tree, mkcomposefs and fsverity for the digests, fsck.erofs for the image. Run by `npm run real-image`.
 * @module
 */

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { type Peer, peerPath, peersFolder } from '../peers/paths.ts';
import { changedTree, lastLayer } from './layers.ts';
import { listDirectory } from './listing.ts';

/** Exit codes: all agree, something differs, something is missing. */
const exit = { ok: 0, differs: 1, missing: 3 } as const;

const sha256 = 'fsverity-sha256-12';
const sha512 = 'fsverity-sha512-12';

const cache = join(dirname(peersFolder()), 'real');

process.exitCode = await main();

async function main(): Promise<number> {
  const missing = whatIsMissing();
  if (missing.length > 0) {
    console.error('The real image can not be made here:');
    for (const thing of missing) console.error(`- ${thing}`);
    return exit.missing;
  }
  const layout = await cachedLayout(debianRelease());
  const scratch = await mkdtemp(join(cache, 'scratch-'));
  try {
    return await judge(layout, scratch);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function whatIsMissing(): string[] {
  const missing: string[] = [];
  for (const tool of ['mmdebstrap', 'umoci']) {
    if (!present(tool)) missing.push(`${tool}: apt install ${tool}`);
  }
  if (process.getuid?.() !== 0) missing.push('root: files of the image belong to several users');
  if (debianRelease() === '') missing.push('a Debian release in /etc/os-release, whose packages to take');
  for (const peer of ['mkcomposefs', 'fsverity', 'fsck.erofs'] as const) {
    if (peerPath(peer) === undefined) missing.push(`${peer}: npm run peers`);
  }
  return missing;
}

function present(tool: string): boolean {
  return spawnSync(tool, ['--version']).error === undefined;
}

/** The code name of the Debian release this machine runs, or nothing. */
function debianRelease(): string {
  const release = readFileSync('/etc/os-release', 'utf8');
  if (!/^ID=debian$/m.test(release)) return '';
  return /^VERSION_CODENAME=([a-z]+)$/m.exec(release)?.[1] ?? '';
}

/** The layout of the image: made once, kept in the cache. */
async function cachedLayout(suite: string): Promise<string> {
  const layout = join(cache, `debian-${suite}`);
  const known = await stat(layout).catch(() => undefined);
  if (known !== undefined) return layout;
  await mkdir(cache, { recursive: true });
  const scratch = await mkdtemp(join(cache, 'making-'));
  try {
    await rename(await makeLayout(suite, scratch), layout);
  } finally {
    await rm(scratch, { recursive: true });
  }
  return layout;
}

async function makeLayout(suite: string, scratch: string): Promise<string> {
  const layout = join(scratch, 'layout');
  const base = join(scratch, 'base.tar');
  run('mmdebstrap', '--quiet', '--variant=minbase', suite, base);
  run('umoci', 'init', '--layout', layout);
  run('umoci', 'new', '--image', `${layout}:base`);
  run('umoci', 'raw', 'add-layer', '--image', `${layout}:base`, '--tag', 'base', base);
  // The second layer is what umoci finds changed, the third one is written by hand.
  const bundle = join(scratch, 'bundle');
  run('umoci', 'unpack', '--image', `${layout}:base`, bundle);
  await changedTree(join(bundle, 'rootfs'));
  run('umoci', 'repack', '--image', `${layout}:changed`, bundle);
  const last = join(scratch, 'last.tar');
  await writeFile(last, lastLayer());
  run('umoci', 'raw', 'add-layer', '--image', `${layout}:changed`, '--tag', 'latest', last);
  return layout;
}

/** What one comparison found. */
interface Finding {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
}

/** Compares what `composefs-oci` says about the image with what the other tools say. */
async function judge(layout: string, scratch: string): Promise<number> {
  const image = `oci:${layout}:latest`;
  const findings = [await compareTree(layout, image, scratch)];
  for (const policy of ['allowlist-only', 'keep-user-xattrs']) {
    const dump = await tree(image, join(scratch, 'tree.dump'), sha256, '--xattrs', policy);
    findings.push({
      what: `sha256 digest, ${policy}, by mkcomposefs`,
      ours: timed(() => composefsOci('digest', '--algorithm', sha256, '--xattrs', policy, image)),
      theirs: peer(
        'mkcomposefs',
        '--from-file',
        '--min-version=1',
        '--max-version=1',
        '--print-digest-only',
        dump.path,
      ),
    });
  }
  const erofs = join(scratch, 'image.erofs');
  findings.push({
    what: 'sha512 digest of the image, by fsverity',
    ours: composefsOci('mkfs', '--algorithm', sha512, '--output', erofs, image),
    theirs: peer('fsverity', 'digest', '--compact', '--hash-alg=sha512', erofs),
  });
  peer('fsck.erofs', erofs);
  const read = join(scratch, 'read.dump');
  composefsOci('dump', '--output', read, erofs);
  findings.push({
    what: 'tree, read back from the image',
    ours: (await tree(image, join(scratch, 'tree.dump'), sha512)).text,
    theirs: await readFile(read, 'latin1'),
  });
  if (present('skopeo')) findings.push(askSkopeo(image, scratch));
  if (present('cfsctl'))
    findings.push(...[sha256, sha512].map(algorithm => askCfsctl(image, algorithm, scratch)));
  for (const finding of findings) show(finding);
  return findings.every(({ ours, theirs }) => ours === theirs) ? exit.ok : exit.differs;
}

/** skopeo, where it is installed, compresses the layers anew: the image stays the same. */
function askSkopeo(image: string, scratch: string): Finding {
  const copy = `oci:${join(scratch, 'zstd')}:latest`;
  run('skopeo', 'copy', '--dest-compress', '--dest-compress-format', 'zstd', image, copy);
  return {
    what: 'sha512 digest of the layers as zstd, by skopeo',
    ours: composefsOci('digest', '--algorithm', sha512, image),
    theirs: composefsOci('digest', '--algorithm', sha512, copy),
  };
}

/** composefs-rs, where it is installed, goes the whole way by itself. */
function askCfsctl(image: string, algorithm: string, scratch: string): Finding {
  const repository = ['--insecure', '--repo', join(scratch, algorithm), '--erofs-version', '1'];
  run(
    'cfsctl',
    'init',
    '--insecure',
    '--algorithm',
    algorithm,
    '--erofs-version',
    '1',
    join(scratch, algorithm),
  );
  run('cfsctl', ...repository, 'oci', 'pull', image, 'image');
  return {
    what: `${algorithm} digest, by ${run('cfsctl', '--version')}`,
    ours: composefsOci('digest', '--algorithm', algorithm, image),
    theirs: run('cfsctl', ...repository, 'oci', 'compute-id', 'image'),
  };
}

/** umoci unpacks the layers by itself: names, owners, times, links and contents have to be the same. */
async function compareTree(layout: string, image: string, scratch: string): Promise<Finding> {
  const plain = await tree(image, join(scratch, 'plain.dump'), sha256, '--transform', 'none');
  const bundle = join(scratch, 'bundle');
  run('umoci', 'unpack', '--image', `${layout}:latest`, bundle);
  return {
    what: 'tree, as umoci unpacks it',
    ours: comparable(plain.text),
    theirs: comparable(listDirectory(join(bundle, 'rootfs'))),
  };
}

/** No tar says what the root is like, and xattrs do not always survive unpacking: both are left out. */
function comparable(dumpfile: string): string {
  const lines = dumpfile.split('\n').filter(line => line !== '' && !line.startsWith('/ '));
  return lines.map(line => line.split(' ').slice(0, 11).join(' ')).join('\n');
}

function show({ what, ours, theirs }: Finding): void {
  const same = ours === theirs;
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  const detail = left.length > 1 ? `${left.length} lines` : ours;
  console.log(`${same ? 'same   ' : 'DIFFERS'} ${what}: ${detail}`);
  if (same) return;
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  for (const line of left.filter(line => !inRight.has(line)).slice(0, 10)) console.log(`  ours    ${line}`);
  for (const line of right.filter(line => !inLeft.has(line)).slice(0, 10)) console.log(`  theirs  ${line}`);
}

/** What `action` gives; says how long it took. */
function timed<T>(action: () => T): T {
  const started = performance.now();
  const result = action();
  console.log(`        composefs-oci digest took ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

async function tree(image: string, path: string, algorithm: string, ...options: string[]) {
  composefsOci('tree', '--algorithm', algorithm, ...options, '--output', path, image);
  return { path, text: await readFile(path, 'latin1') };
}

function composefsOci(...args: string[]): string {
  return run(process.execPath, join(packageRoot, 'dist/reference/cli/main.js'), ...args);
}

function peer(name: Peer, ...args: string[]): string {
  return run(peerPath(name) ?? name, ...args);
}

/** The stdout of a program; an Error with its stderr where it fails. */
function run(program: string, ...args: string[]): string {
  const result: SpawnSyncReturns<string> = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}
