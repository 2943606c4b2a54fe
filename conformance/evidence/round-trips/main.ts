#!/usr/bin/env node
/**
 * `npm run round-trips`: seals images, pushes them to registries and pulls them with other tools, and verifies the
 * result.
 * @module
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { Processes, ProcessFailed, Stopped } from '../processes.ts';
import { realImagesFolder } from '../real-images/cache.ts';
import { debianRelease } from '../real-images/prerequisites.ts';
import { OURS, once, type RoundTripCheck, type RunningRegistry, roundTripChecks } from './checks.ts';
import { combinations, generatedImages, isDefault, writeImage } from './combinations.ts';
import { Cosign, cosignTool } from './cosign.ts';
import { type CosignContext, cosignChecks } from './cosign-checks.ts';
import { registries } from './registries.ts';
import { json, lines, type RoundTripResult, summary } from './report.ts';
import { seal } from './sealed.ts';
import { compressions, storeChecks } from './store-checks.ts';

/** Exit codes: all checks passed, one failed, wrong command line, no other tool is installed, a signal. */
const exit = { passed: 0, failed: 1, usage: 2, missing: 3, interrupted: 130 } as const;

const help = `
Images: a small one, one for two platforms, and the image "static" of npm run real-image if it is in the cache. They are
sealed inline and by artifacts; the small one with each algorithm and with both, with RSA and with ECDSA. cosign signs
them with a key of this run, without a transparency log.
conformance/evidence/round-trips/README.md describes the checks.

Registries listen on 127.0.0.1, on a free port, and end with this program. No files are left behind.

Exit code:
  0  all checks passed, except for those that are listed as skipped
  1  a check failed
  2  the command line is wrong
  3  none of the other tools is installed`;

const program = new Command('npm run round-trips --')
  .description('Push sealed images to registries and pull them with other tools, and verify the result.')
  .option('--json', 'print one JSON object')
  .option('--record', 'write down what cosign and verify notice of a changed image; see the README')
  .addHelpText('after', help)
  .showHelpAfterError('(--help explains the options)')
  .exitOverride()
  .action(
    async ({ json = false, record = false }: { readonly json?: boolean; readonly record?: boolean }) => {
      process.exitCode = await main(json, record);
    },
  );

async function main(asJson: boolean, record: boolean): Promise<number> {
  const processes = new Processes(availableParallelism());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => processes.stop());
  const scratch = await mkdtemp(join(tmpdir(), 'composefs-oci-round-trips-'));
  const running: RunningRegistry[] = [];
  try {
    for (const registry of registries()) {
      const { path, slug, start } = registry;
      const server = path === undefined ? undefined : await start(path, join(scratch, slug));
      running.push({ registry, server });
    }
    const results: RoundTripResult[] = [];
    const cosign = once(() => Cosign.create(cosignTool().path ?? '', join(scratch, 'cosign'), processes));
    const context = { processes, cosign, record };
    for await (const imageResults of checkImages(scratch, running, context)) {
      results.push(...imageResults);
      if (!asJson) process.stdout.write(`${lines(imageResults)}\n`);
    }
    const code = exitCode(results);
    process.stdout.write(asJson ? json(results, code) : summary(results));
    return code;
  } finally {
    await Promise.all(running.map(({ server }) => server?.stop()));
    await rm(scratch, { recursive: true });
  }
}

/** Runs the checks of one image after the other. */
async function* checkImages(
  scratch: string,
  running: readonly RunningRegistry[],
  context: CosignContext,
): AsyncGenerator<RoundTripResult[]> {
  const { processes } = context;
  const originals = generatedImages.map(image => {
    const original = join(scratch, image.name);
    writeImage(original, image);
    return { image: image.name, original, platforms: image.architectures.length };
  });
  const real = join(realImagesFolder(), `${debianRelease()}-static`, 'layout');
  if (existsSync(real)) originals.push({ image: 'static', original: real, platforms: 1 });
  for (const compression of compressions) {
    const folder = join(scratch, `stored-${compression}`);
    await mkdir(folder);
    const checks = storeChecks(compression, running, folder, processes);
    yield await allSettled(checks.map(check => runCheck(check, `stored, ${compression}`)));
    await rm(folder, { recursive: true });
  }
  const files = await keyFiles(scratch);
  for (const { image, original, platforms } of originals) {
    // The effect of the algorithm and the key does not depend on the image.
    const chosen = image === 'small' ? combinations : combinations.filter(isDefault);
    for (const combination of chosen) {
      const slug = `${image}-${combination.slug}`;
      const folder = join(scratch, slug);
      await mkdir(folder);
      const sealed = once(() =>
        seal(original, join(folder, 'sealed'), combination, files[combination.key], processes),
      );
      const imageToSeal = { slug, combination, original, platforms, sealed, scratch: folder };
      const name = `${image}, ${combination.name}`;
      const checks = [
        ...roundTripChecks(imageToSeal, running, processes),
        ...cosignChecks(imageToSeal, running, context),
      ];
      const results = await allSettled(checks.map(check => runCheck(check, name)));
      await rm(folder, { recursive: true });
      yield results;
    }
  }
}

async function keyFiles(scratch: string) {
  const write = async (name: 'rsa' | 'p256') => {
    const files = { key: join(scratch, `${name}.key`), certificate: join(scratch, `${name}.crt`) };
    await writeFile(files.key, testKeys[name].key);
    await writeFile(files.certificate, testKeys[name].certificate);
    return files;
  };
  return { rsa: await write('rsa'), p256: await write('p256') };
}

/** Runs a check; any error is a failure of the check, unless the program is being stopped. */
async function runCheck({ what, by, skip, run }: RoundTripCheck, image: string): Promise<RoundTripResult> {
  if (skip !== undefined) return { image, what, by, status: 'skipped', why: skip };
  try {
    await run();
    return { image, what, by, status: 'passed' };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { image, what, by, status: 'FAILED', why: error instanceof Error ? error.message : String(error) };
  }
}

/** As Promise.all, but rejects only after all promises have settled, so that nothing runs any more. */
async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function exitCode(results: readonly RoundTripResult[]): number {
  if (results.some(({ status }) => status === 'FAILED')) return exit.failed;
  const otherToolsRan = results.filter(({ by }) => by !== OURS).some(({ status }) => status === 'passed');
  return otherToolsRan ? exit.passed : exit.missing;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exit.passed : exit.usage;
  else if (error instanceof Stopped) process.exitCode = exit.interrupted;
  else if (error instanceof ProcessFailed) {
    // A program that fails in a check is a failure of the check, so this one is a registry that does not start.
    console.error(error.message);
    process.exitCode = exit.failed;
  } else throw error;
}
