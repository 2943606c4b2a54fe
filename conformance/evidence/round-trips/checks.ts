/**
 * What is asked about each sealed image.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes } from '../processes.ts';
import { type OptionalTool, skopeo, versionOf } from '../tools.ts';
import { ARTIFACT_TYPE, type Client, clients } from './clients.ts';
import type { Combination } from './combinations.ts';
import { type Descriptor, entriesOf, flipped, manifestOf, variantOf } from './layouts.ts';
import { artifactsOf, type Place } from './referrers.ts';
import type { Registry } from './registries.ts';
import { mustRefuse, type Sealed, verify, Wrong } from './sealed.ts';
import type { Server } from './server.ts';

/** Who has a part in a check where nobody else has. */
export const OURS = 'composefs-oci';

/** One thing that has to be so. */
export interface Check {
  readonly what: string;
  /** Who has a part in it. */
  readonly by: string;
  /** Why it can't be asked here. */
  readonly skip?: string;
  /** Throws where it is not so. */
  readonly run: () => Promise<void>;
}

/** An image, sealed in one way. */
export interface Subject {
  /** As a part of a path, and as the name of a repository. */
  readonly slug: string;
  readonly combination: Combination;
  /** The layout before it was sealed. */
  readonly original: string;
  /** How many images its tag leads to; umoci takes no index. */
  readonly platforms: number;
  /** Gives the same each time. */
  readonly sealed: () => Promise<Sealed>;
  /** A folder of its own, which is there. */
  readonly scratch: string;
}

/** A registry, and the server where it runs. */
export interface Running {
  readonly registry: Registry;
  readonly server: Server | undefined;
}

/** All checks of an image. */
export function checksOf(subject: Subject, running: readonly Running[], processes: Processes): Check[] {
  return [
    {
      what: 'sealed, and verified',
      by: OURS,
      run: async () => {
        const { images } = await subject.sealed();
        mustBe('the number of images', `${images.length}`, `${subject.platforms}`);
      },
    },
    readBySkopeo(subject, processes),
    ...(subject.platforms === 1 ? [readByUmoci(subject, processes)] : []),
    ...clients().flatMap(client =>
      running.flatMap(({ registry, server }, i) => {
        const trip = roundTrip(subject, registry, server, client, processes);
        // What comes back from each registry is the same, once it is verified: one of them is enough to damage it.
        return i === 0 ? [...trip.whole, ...trip.damaged] : trip.whole;
      }),
    ),
  ];
}

/** skopeo tells manifest and config, byte for byte. */
function readBySkopeo({ sealed, scratch }: Subject, processes: Processes): Check {
  const { path = '', name } = skopeo();
  return {
    what: 'read',
    by: name,
    ...(path === '' && { skip: 'skopeo is not there: apt install skopeo' }),
    run: async () => {
      const { layout, images, pinned } = await sealed();
      const image = `oci:${layout}:latest`;
      const { stdout } = await processes.run(path, 'inspect', image);
      const { Digest: told } = JSON.parse(stdout) as { readonly Digest: string };
      mustBe('the digest', told, pinned);
      const raw = async (...how: string[]) => {
        const file = join(scratch, 'raw');
        await processes.runWith({ stdoutTo: file }, path, 'inspect', '--raw', ...how, image);
        return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
      };
      mustBe('the manifest', await raw(), pinned);
      // Of several images it takes the one for this machine.
      const configs = images.map(({ manifest }) => manifestOf(layout, manifest).config.digest);
      const config = await raw('--config');
      if (!configs.includes(config)) throw new Wrong(`${config} is the config of no image`);
    },
  };
}

/** umoci takes the image, and unpacks what it unpacks of the image that was not sealed. */
function readByUmoci({ sealed, original, scratch }: Subject, processes: Processes): Check {
  const { path = '', name } = umoci();
  return {
    what: 'read and unpacked',
    by: name,
    ...(path === '' && { skip: 'umoci is not there: apt install umoci' }),
    run: async () => {
      const { layout } = await sealed();
      const umoci = async (...args: string[]) => (await processes.run(path, ...args)).stdout;
      mustBe('the tags', await umoci('ls', '--layout', layout), 'latest');
      await umoci('stat', '--image', `${layout}:latest`);
      const unpacked = async (image: string, bundle: string) => {
        await umoci('unpack', '--rootless', '--image', `${image}:latest`, bundle);
        const names = readdirSync(join(bundle, 'rootfs'), { recursive: true, encoding: 'utf8' });
        return names.sort().join('\n');
      };
      const names = await unpacked(layout, join(scratch, 'umoci'));
      mustBe('what is unpacked', names, await unpacked(original, join(scratch, 'umoci-original')));
    },
  };
}

function umoci(): OptionalTool {
  const version = versionOf('umoci', /^umoci version ([^\s+-]+)/);
  return version === undefined ? { name: 'umoci' } : { path: 'umoci', name: `umoci ${version}` };
}

/** A client pushes and pulls; what comes back is verified, and refused as soon as a bit is another. */
function roundTrip(
  subject: Subject,
  registry: Registry,
  server: Server | undefined,
  client: Client,
  processes: Processes,
): { readonly whole: readonly Check[]; readonly damaged: readonly Check[] } {
  const { sealed, combination, scratch, slug } = subject;
  const lacking = [client, registry].find(({ path }) => path === undefined);
  const at = (name: string) => join(scratch, `${client.slug}-${registry.slug}`, name);
  const place = (): Place => ({ address: server?.address ?? '', name: `${slug}-${client.slug}` });
  const pulled = once(async () => {
    const tools = { path: client.path ?? '', processes, scratch: at('push') };
    mkdirSync(at(''));
    const image = await sealed();
    await client.push(image, place(), tools);
    const manifests = image.images.map(({ manifest }) => manifest);
    await client.pull(place(), manifests, at('pulled'), tools);
    return at('pulled');
  });
  const check = (what: string, run: () => Promise<void>): Check => ({
    what,
    by: `${client.name}, ${registry.name}`,
    ...(lacking !== undefined && { skip: `${lacking.name} is not there: ${lacking.how}` }),
    run,
  });
  const verified = check('verified after a registry', async () => {
    const image = await sealed();
    mustBe('the verdict', await verify(image, await pulled(), processes), image.verdict);
  });
  const damaged = check('refused with a bit flipped', async () => {
    const layout = await pulled();
    const image = await sealed();
    for (const [i, { what, digest, code, how }] of damages(image, layout, combination).entries()) {
      const variant = at(`damaged-${i}`);
      variantOf(layout, variant, { blobs: new Map([[digest, flipped(layout, digest)]]) });
      await inside(what, mustRefuse(code, verify(image, variant, processes, ...how)));
    }
  });
  if (combination.mode === 'inline') return { whole: [verified], damaged: [damaged] };
  const found = check(`found by the ${registry.way}`, async () => {
    const { images } = await sealed();
    await pulled();
    for (const { manifest, artifacts } of images) {
      const { way, digests } = await artifactsOf(place(), manifest, ARTIFACT_TYPE);
      mustBe('the way', way, registry.way);
      mustBe('the artifacts', [...digests].sort().join(' '), [...artifacts].sort().join(' '));
    }
  });
  const alone = check('refused without the artifact', async () => {
    const { images } = await sealed();
    const layout = await pulled();
    const artifacts = images.flatMap(image => image.artifacts);
    const entries = entriesOf(layout).filter(({ digest }) => !artifacts.includes(digest));
    variantOf(layout, at('alone'), { entries });
    await mustRefuse('VERIFY_UNPUBLISHED', verify(await sealed(), at('alone'), processes));
  });
  return { whole: [verified, found], damaged: [damaged, alone] };
}

/** A blob, and with which code an image is refused where a bit of it is another. */
interface Damage {
  readonly what: string;
  readonly digest: string;
  readonly code: string;
  /** What `verify` is asked besides. */
  readonly how: readonly string[];
}

/** A blob of each kind; reference/seal/node/tamper.test.ts changes each bit of everything. */
function damages({ images, pinned }: Sealed, layout: string, { algorithms }: Combination): readonly Damage[] {
  const blob = (what: string, digest: string | undefined): Damage => ({
    what,
    digest: digest ?? '',
    code: 'IMAGE_DIGEST',
    how: [],
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
 * VERIFY-018: a manifest that the index does not say to be an artifact is none where it is broken, so that its digests
 * are missing; that of another algorithm goes on saying its own.
 */
function damagedArtifact(layout: string, digest: string, algorithm: string): Partial<Damage> {
  const entry: (Descriptor & { readonly artifactType?: string }) | undefined = entriesOf(layout).find(
    known => known.digest === digest,
  );
  if (entry?.artifactType !== undefined) return {};
  return { code: 'VERIFY_UNPUBLISHED', how: ['--algorithm', algorithm] };
}

/** Says of what is thrown what it was about. */
async function inside(what: string, done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (error instanceof Wrong) throw new Wrong(`${what}: ${error.message}`);
    throw error;
  }
}

function mustBe(what: string, is: string, expected: string): void {
  if (is !== expected) throw new Wrong(`${what} has to be\n${expected}\nand is\n${is}`);
}

/** A function that gives each time what `make` gave the first time. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
