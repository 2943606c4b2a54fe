/**
 * The checks with cosign: a signature of the manifest and sealing do not disturb each other, and each notices what the
 * record of an earlier run says.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cosignVersion } from '../../implementations/install/paths.ts';
import type { Processes } from '../processes.ts';
import {
  damages,
  expectEqual,
  type ImageToSeal,
  once,
  type RoundTripCheck,
  type RunningRegistry,
} from './checks.ts';
import { ARTIFACT_TYPE, oras, type TaggedLayout } from './clients.ts';
import { isDefault } from './combinations.ts';
import { BUNDLE_TYPE, type Cosign, cosignTool } from './cosign.ts';
import {
  type Coverage,
  NEW_DIGEST,
  recordCoverage,
  recordedCoverage,
  SIGNED_BEFORE,
  type Verdicts,
} from './coverage.ts';
import { FlippingProxy } from './flipping-proxy.ts';
import { blobPath, entriesOf, manifestOf, variantOf, withFlippedBit } from './layouts.ts';
import { artifactsOf, type RegistryRepository } from './referrers.ts';
import { CheckFailed, verdictOf, verify } from './sealed.ts';

/** What the checks run with. */
export interface CosignContext {
  readonly processes: Processes;
  /** cosign, with a key pair that is generated when it is first called. */
  readonly cosign: () => Promise<Cosign>;
  /** Whether what is noticed is recorded; it is always compared with the record. */
  readonly record: boolean;
}

/** An image that cosign has signed in a registry, and the layout that it was pulled into. */
interface SignedImage {
  readonly repository: RegistryRepository;
  readonly layout: string;
  /** The digest of the blob with the signature by cosign. */
  readonly bundle: string;
}

/** The checks of an image in each registry. */
export function cosignChecks(
  image: ImageToSeal,
  running: readonly RunningRegistry[],
  context: CosignContext,
): RoundTripCheck[] {
  // To cosign, an image is a manifest: its algorithms and keys have no effect.
  if (!isDefault(image.combination)) return [];
  return running.flatMap(({ registry, server }) => {
    const tools = [cosignTool(), oras(), registry] as const;
    const missing = tools.find(({ path }) => path === undefined);
    const check = (what: string, run: () => Promise<void>): RoundTripCheck => ({
      what,
      by: tools.map(({ name }) => name).join(', '),
      ...(missing !== undefined && { skip: `${missing.name} is not installed: ${missing.installHint}` }),
      run,
    });
    const trip = new CosignTrip(image, context, server?.address ?? '', registry.slug);
    const verified = check('signed by cosign, and verified', () => trip.checkVerdicts());
    const noticed = check('noticed by cosign and verify', () => trip.checkCoverage());
    // An index has no digests of its own.
    return image.platforms === 1 ? [verified, noticed] : [verified];
  });
}

/** One image and one registry. */
class CosignTrip {
  readonly #image: ImageToSeal;
  readonly #context: CosignContext;
  readonly #address: string;
  readonly #folder: string;
  readonly #signed: () => Promise<SignedImage>;

  constructor(image: ImageToSeal, context: CosignContext, address: string, slug: string) {
    this.#image = image;
    this.#context = context;
    this.#address = address;
    this.#folder = join(image.scratch, `cosign-${slug}`);
    this.#signed = once(() => this.#signAndPull());
  }

  /** Both accept the image, and the artifacts are found next to the signature. */
  async checkVerdicts(): Promise<void> {
    const { repository, layout } = await this.#signed();
    const sealed = await this.#image.sealed();
    const cosign = await this.#context.cosign();
    expectEqual('cosign', await cosign.verdict(nameOf(repository, sealed.pinned)), 'accepts');
    expectEqual('the verdict', await verify(sealed, layout, this.#context.processes), sealed.verdict);
    for (const { manifest, artifacts } of sealed.images) {
      const { digests } = await artifactsOf(repository, manifest, ARTIFACT_TYPE);
      expectEqual('the artifacts', [...digests].sort().join(' '), [...artifacts].sort().join(' '));
    }
  }

  /** What they notice is what the record says. */
  async checkCoverage(): Promise<void> {
    const { mode } = this.#image.combination;
    const coverage: Coverage = {
      ...(await this.#flippedBits()),
      [NEW_DIGEST]: await this.#manifestWithNewDigest(),
      [SIGNED_BEFORE]: await this.#signedBeforeSealing(),
    };
    if (this.#context.record) recordCoverage(mode, coverage, cosignVersion);
    const text = (value: Coverage) => JSON.stringify(value, null, 2);
    expectEqual('what is noticed', text(coverage), text(recordedCoverage()[mode]));
  }

  async #signAndPull(): Promise<SignedImage> {
    mkdirSync(this.#folder);
    const sealed = await this.#image.sealed();
    const repository = this.#repository('cosign');
    await this.#push(sealed, repository);
    await (await this.#context.cosign()).sign(nameOf(repository, sealed.pinned));
    const layout = join(this.#folder, 'pulled');
    await oras().pull(repository, [], layout, this.#clientTools());
    const { digests } = await artifactsOf(repository, sealed.pinned, BUNDLE_TYPE);
    const [digest = ''] = digests;
    if (digests.length !== 1) throw new CheckFailed(`the registry lists ${digests.length} signatures`);
    return { repository, layout, bundle: manifestOf(layout, digest).layers[0]?.digest ?? '' };
  }

  /** What each of them says if one bit is flipped, and the digests still are those of the original. */
  async #flippedBits(): Promise<Coverage> {
    const { repository, layout, bundle } = await this.#signed();
    const sealed = await this.#image.sealed();
    const cosign = await this.#context.cosign();
    const blobs = [
      ...damages(sealed, layout, this.#image.combination),
      { what: 'signature by cosign', digest: bundle },
    ];
    const proxy = await FlippingProxy.start(this.#address);
    try {
      const behindProxy = nameOf({ ...repository, address: proxy.address }, sealed.pinned);
      expectEqual('cosign, through the proxy', await cosign.verdict(behindProxy), 'accepts');
      const noticed: Record<string, Verdicts> = {};
      for (const [i, { what, digest }] of blobs.entries()) {
        const variant = join(this.#folder, `changed-${i}`);
        variantOf(layout, variant, { blobs: new Map([[digest, withFlippedBit(layout, digest)]]) });
        proxy.flip = digest;
        noticed[what.replace(/ by fsverity-.*/, '')] = {
          cosign: await cosign.verdict(behindProxy),
          verify: await verdictOf(verify(sealed, variant, this.#context.processes)),
        };
      }
      return noticed;
    } finally {
      await proxy.stop();
    }
  }

  /** What each of them says if the tag leads to a manifest that has a space more, and the digest of these bytes. */
  async #manifestWithNewDigest(): Promise<Verdicts> {
    const { repository, layout } = await this.#signed();
    const sealed = await this.#image.sealed();
    const bytes = Buffer.concat([readFileSync(blobPath(layout, sealed.pinned)), Buffer.from(' ')]);
    const pinned = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const entries = entriesOf(layout).map(entry =>
      entry.digest === sealed.pinned ? { ...entry, digest: pinned, size: bytes.length } : entry,
    );
    const variant = join(this.#folder, 'new-digest');
    variantOf(layout, variant, { entries });
    writeFileSync(blobPath(variant, pinned), bytes);
    await this.#push({ layout: variant, images: [] }, repository);
    return {
      cosign: await (await this.#context.cosign()).verdict(nameOf(repository, pinned)),
      verify: await verdictOf(verify({ ...sealed, pinned }, variant, this.#context.processes)),
    };
  }

  /** What each of them says of an image that was sealed after cosign had signed it. */
  async #signedBeforeSealing(): Promise<Verdicts> {
    const { original } = this.#image;
    const sealed = await this.#image.sealed();
    const cosign = await this.#context.cosign();
    const repository = this.#repository('cosign-before');
    await this.#push({ layout: original, images: [] }, repository);
    await cosign.sign(nameOf(repository, entriesOf(original)[0]?.digest ?? ''));
    await this.#push(sealed, repository);
    const layout = join(this.#folder, 'signed-before');
    await oras().pull(repository, [], layout, this.#clientTools());
    return {
      cosign: await cosign.verdict(nameOf(repository, sealed.pinned)),
      verify: await verdictOf(verify(sealed, layout, this.#context.processes)),
    };
  }

  #push(tagged: TaggedLayout, repository: RegistryRepository): Promise<void> {
    return oras().push(tagged, repository, this.#clientTools());
  }

  #clientTools() {
    const { processes } = this.#context;
    return { path: oras().path ?? '', processes, scratch: join(this.#folder, 'oras') };
  }

  #repository(suffix: string): RegistryRepository {
    return { address: this.#address, name: `${this.#image.slug}-${suffix}` };
  }
}

function nameOf({ address, name }: RegistryRepository, digest: string): string {
  return `${address}/${name}@${digest}`;
}
