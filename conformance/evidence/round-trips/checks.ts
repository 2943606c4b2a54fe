/**
 * The checks of each sealed image.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes } from '../processes.ts';
import { type OptionalTool, skopeo, versionOf } from '../tools.ts';
import { ARTIFACT_TYPE, clients, type RegistryClient } from './clients.ts';
import type { Combination } from './combinations.ts';
import { type Descriptor, entriesOf, manifestOf, variantOf, withFlippedBit } from './layouts.ts';
import { artifactsOf, type RegistryRepository } from './referrers.ts';
import type { Registry } from './registries.ts';
import { CheckFailed, expectRejection, type SealedLayout, verify } from './sealed.ts';
import type { Server } from './server.ts';

/** The name of the tool in checks that use no other tool. */
export const OURS = 'composefs-oci';

/** One check. */
export interface RoundTripCheck {
  readonly what: string;
  /** The tools that it uses. */
  readonly by: string;
  /** Why it cannot run here. */
  readonly skip?: string;
  /** Throws if the check fails. */
  readonly run: () => Promise<void>;
}

/** An image, and one way to seal it. */
export interface ImageToSeal {
  /** Its name in paths, and in the name of a repository. */
  readonly slug: string;
  readonly combination: Combination;
  /** The layout before it was sealed. */
  readonly original: string;
  /** The number of images that its tag leads to; umoci does not support an index. */
  readonly platforms: number;
  /** Seals the image when it is first called, and returns that result each time. */
  readonly sealed: () => Promise<SealedLayout>;
  /** An existing folder for the files of this image. */
  readonly scratch: string;
}

/** A registry, and its server if it is installed. */
export interface RunningRegistry {
  readonly registry: Registry;
  readonly server: Server | undefined;
}

/** All checks of an image. */
export function roundTripChecks(
  image: ImageToSeal,
  running: readonly RunningRegistry[],
  processes: Processes,
): RoundTripCheck[] {
  return [
    {
      what: 'sealed, and verified',
      by: OURS,
      run: async () => {
        const { images } = await image.sealed();
        expectEqual('the number of images', `${images.length}`, `${image.platforms}`);
      },
    },
    readBySkopeo(image, processes),
    ...(image.platforms === 1 ? [readByUmoci(image, processes)] : []),
    ...clients().flatMap(client =>
      running.flatMap(({ registry, server }, i) => {
        const trip = roundTrip(image, registry, server, client, processes);
        // Once verified, an image is the same after each registry, so it is damaged after one of them only.
        return i === 0 ? [...trip.intact, ...trip.damaged] : trip.intact;
      }),
    ),
  ];
}

/** skopeo reads the manifest and the config, byte for byte. */
function readBySkopeo({ sealed, scratch }: ImageToSeal, processes: Processes): RoundTripCheck {
  const { path = '', name } = skopeo();
  return {
    what: 'read',
    by: name,
    ...(path === '' && { skip: 'skopeo is not installed: apt install skopeo' }),
    run: async () => {
      const { layout, images, pinned } = await sealed();
      const image = `oci:${layout}:latest`;
      const { stdout } = await processes.run(path, 'inspect', image);
      const { Digest: reported } = JSON.parse(stdout) as { readonly Digest: string };
      expectEqual('the digest', reported, pinned);
      const raw = async (...options: string[]) => {
        const file = join(scratch, 'raw');
        await processes.runWith({ stdoutTo: file }, path, 'inspect', '--raw', ...options, image);
        return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
      };
      expectEqual('the manifest', await raw(), pinned);
      // For an index, skopeo takes the image for this machine.
      const configs = images.map(({ manifest }) => manifestOf(layout, manifest).config.digest);
      const config = await raw('--config');
      if (!configs.includes(config)) throw new CheckFailed(`no image has the config ${config}`);
    },
  };
}

/** umoci reads the image, and unpacks the same files as from the unsealed image. */
function readByUmoci({ sealed, original, scratch }: ImageToSeal, processes: Processes): RoundTripCheck {
  const { path = '', name } = umoci();
  return {
    what: 'read and unpacked',
    by: name,
    ...(path === '' && { skip: 'umoci is not installed: apt install umoci' }),
    run: async () => {
      const { layout } = await sealed();
      const umoci = async (...args: string[]) => (await processes.run(path, ...args)).stdout;
      expectEqual('the tags', await umoci('ls', '--layout', layout), 'latest');
      await umoci('stat', '--image', `${layout}:latest`);
      const unpacked = async (image: string, bundle: string) => {
        await umoci('unpack', '--rootless', '--image', `${image}:latest`, bundle);
        const names = readdirSync(join(bundle, 'rootfs'), { recursive: true, encoding: 'utf8' });
        return names.sort().join('\n');
      };
      const names = await unpacked(layout, join(scratch, 'umoci'));
      expectEqual(
        'the list of unpacked files',
        names,
        await unpacked(original, join(scratch, 'umoci-original')),
      );
    },
  };
}

function umoci(): OptionalTool {
  const version = versionOf('umoci', /^umoci version ([^\s+-]+)/);
  return version === undefined ? { name: 'umoci' } : { path: 'umoci', name: `umoci ${version}` };
}

/** A client pushes and pulls the image; the pulled image is verified, and has to be rejected if a bit is flipped. */
function roundTrip(
  imageToSeal: ImageToSeal,
  registry: Registry,
  server: Server | undefined,
  client: RegistryClient,
  processes: Processes,
): { readonly intact: readonly RoundTripCheck[]; readonly damaged: readonly RoundTripCheck[] } {
  const { sealed, combination, scratch, slug } = imageToSeal;
  const missing = [client, registry].find(({ path }) => path === undefined);
  const at = (name: string) => join(scratch, `${client.slug}-${registry.slug}`, name);
  const repository = (): RegistryRepository => ({
    address: server?.address ?? '',
    name: `${slug}-${client.slug}`,
  });
  const pulled = once(async () => {
    const tools = { path: client.path ?? '', processes, scratch: at('push') };
    mkdirSync(at(''));
    const image = await sealed();
    await client.push(image, repository(), tools);
    const manifests = image.images.map(({ manifest }) => manifest);
    await client.pull(repository(), manifests, at('pulled'), tools);
    return at('pulled');
  });
  const check = (what: string, run: () => Promise<void>): RoundTripCheck => ({
    what,
    by: `${client.name}, ${registry.name}`,
    ...(missing !== undefined && { skip: `${missing.name} is not installed: ${missing.installHint}` }),
    run,
  });
  const verified = check('verified after a registry', async () => {
    const image = await sealed();
    expectEqual('the verdict', await verify(image, await pulled(), processes), image.verdict);
  });
  const damaged = check('rejected with a bit flipped', async () => {
    const layout = await pulled();
    const image = await sealed();
    for (const [i, { what, digest, code, options }] of damages(image, layout, combination).entries()) {
      const variant = at(`damaged-${i}`);
      variantOf(layout, variant, { blobs: new Map([[digest, withFlippedBit(layout, digest)]]) });
      await withContext(what, expectRejection(code, verify(image, variant, processes, ...options)));
    }
  });
  if (combination.mode === 'inline') return { intact: [verified], damaged: [damaged] };
  const found = check(`found by the ${registry.referrers}`, async () => {
    const { images } = await sealed();
    await pulled();
    for (const { manifest, artifacts } of images) {
      const { method, digests } = await artifactsOf(repository(), manifest, ARTIFACT_TYPE);
      expectEqual('the referrers method', method, registry.referrers);
      expectEqual('the artifacts', [...digests].sort().join(' '), [...artifacts].sort().join(' '));
    }
  });
  const withoutArtifact = check('rejected without the artifact', async () => {
    const { images } = await sealed();
    const layout = await pulled();
    const artifacts = images.flatMap(image => image.artifacts);
    const entries = entriesOf(layout).filter(({ digest }) => !artifacts.includes(digest));
    variantOf(layout, at('without-artifact'), { entries });
    await expectRejection('VERIFY_UNPUBLISHED', verify(await sealed(), at('without-artifact'), processes));
  });
  return { intact: [verified, found], damaged: [damaged, withoutArtifact] };
}

/** A blob to damage, and the error code with which the image then has to be rejected. */
interface Damage {
  readonly what: string;
  readonly digest: string;
  readonly code: string;
  /** Additional options of `verify`. */
  readonly options: readonly string[];
}

/** One blob of each kind; reference/seal/node/tamper.test.ts flips every bit of all blobs. */
export function damages(
  { images, pinned }: SealedLayout,
  layout: string,
  { algorithms }: Combination,
): readonly Damage[] {
  const blob = (what: string, digest: string | undefined): Damage => ({
    what,
    digest: digest ?? '',
    code: 'IMAGE_DIGEST',
    options: [],
  });
  return [
    ...(images.length > 1 ? [blob('index', pinned)] : []),
    ...images.flatMap(({ manifest, artifacts }) => {
      const { config, layers } = manifestOf(layout, manifest);
      return [
        blob('manifest', manifest),
        blob('config', config.digest),
        blob('layer', layers.at(-1)?.digest),
        ...artifacts.flatMap((digest, i) => {
          const algorithm = algorithms[i] ?? '';
          return [
            { ...blob(`artifact by ${algorithm}`, digest), ...damagedArtifact(layout, digest, algorithm) },
            blob(`signature by ${algorithm}`, manifestOf(layout, digest).layers[0]?.digest),
          ];
        }),
      ];
    }),
  ];
}

/**
 * VERIFY-018: a damaged manifest is not recognized as an artifact if the index does not give its artifact type, so that
 * its digests are missing. The artifact of another algorithm still publishes its own.
 */
function damagedArtifact(layout: string, digest: string, algorithm: string): Partial<Damage> {
  const entry: (Descriptor & { readonly artifactType?: string }) | undefined = entriesOf(layout).find(
    known => known.digest === digest,
  );
  if (entry?.artifactType !== undefined) return {};
  return { code: 'VERIFY_UNPUBLISHED', options: ['--algorithm', algorithm] };
}

/** Adds what was checked to the message of a failed check. */
async function withContext(what: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (error instanceof CheckFailed) throw new CheckFailed(`${what}: ${error.message}`);
    throw error;
  }
}

export function expectEqual(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new CheckFailed(`${what}: expected\n${expected}\ngot\n${actual}`);
}

/** A function that calls `make` the first time it is called, and returns that result each time. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let generatedImages: Promise<T> | undefined;
  return () => {
    generatedImages ??= make();
    return generatedImages;
  };
}
