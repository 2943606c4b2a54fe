#!/usr/bin/env node
/**
 * `npm run round-trips`: seals images, sends them through the tools and registries of others, and verifies what comes
 * back.
 * @module
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { Failed, Processes, Stopped } from '../processes.ts';
import { realFolder } from '../real-images/cache.ts';
import { debianRelease } from '../real-images/prerequisites.ts';
import { type Check, checksOf, OURS, once, type Running } from './checks.ts';
import { combinations, isUsual, made, writeImage } from './combinations.ts';
import { registries } from './registries.ts';
import { type Finding, json, lines, summary } from './report.ts';
import { seal } from './sealed.ts';

/** Exit codes: all that was asked is so, something is not, the command line is wrong, no tool is there, a signal. */
const exit = { passed: 0, failed: 1, usage: 2, missing: 3, interrupted: 130 } as const;

const help = `
Images: two that are made for this, a small one and one for two platforms, and the real one called static where
npm run real-image made it. They are sealed inline and by artifacts, the small one by each algorithm and by both, with
RSA and with ECDSA.
conformance/evidence/round-trips/README.md says what is asked of them.

Registries listen on 127.0.0.1, on a free port, and end with this program. Nothing is left behind.

Exit code:
  0  all that was asked is so; what could not be asked is listed as skipped
  1  something is not
  2  the command line is wrong
  3  none of the tools of others is there`;

const program = new Command('npm run round-trips --')
  .description('Send sealed images through the tools and registries of others, and verify what comes back.')
  .option('--json', 'print one JSON object')
  .addHelpText('after', help)
  .showHelpAfterError('(--help explains the options)')
  .exitOverride()
  .action(async (options: { readonly json?: true }) => {
    process.exitCode = await main(options.json === true);
  });

async function main(asJson: boolean): Promise<number> {
  const processes = new Processes(availableParallelism());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => processes.stop());
  const scratch = await mkdtemp(join(tmpdir(), 'composefs-oci-round-trips-'));
  const running: Running[] = [];
  try {
    for (const registry of registries()) {
      const { path, slug, start } = registry;
      const server = path === undefined ? undefined : await start(path, join(scratch, slug));
      running.push({ registry, server });
    }
    const findings: Finding[] = [];
    for await (const found of images(scratch, running, processes)) {
      findings.push(...found);
      if (!asJson) process.stdout.write(`${lines(found)}\n`);
    }
    const code = exitCode(findings);
    process.stdout.write(asJson ? json(findings, code) : summary(findings));
    return code;
  } finally {
    await Promise.all(running.map(({ server }) => server?.stop()));
    await rm(scratch, { recursive: true });
  }
}

/** The findings about one image after the other. */
async function* images(
  scratch: string,
  running: readonly Running[],
  processes: Processes,
): AsyncGenerator<Finding[]> {
  const originals = made.map(image => {
    const original = join(scratch, image.name);
    writeImage(original, image);
    return { image: image.name, original, platforms: image.architectures.length };
  });
  const real = join(realFolder(), `${debianRelease()}-static`, 'layout');
  if (existsSync(real)) originals.push({ image: 'static', original: real, platforms: 1 });
  const files = await keyFiles(scratch);
  for (const { image, original, platforms } of originals) {
    // What depends on the algorithm and the key does not depend on the image.
    const ways = image === 'small' ? combinations : combinations.filter(isUsual);
    for (const combination of ways) {
      const slug = `${image}-${combination.slug}`;
      const folder = join(scratch, slug);
      await mkdir(folder);
      const sealed = once(() =>
        seal(original, join(folder, 'sealed'), combination, files[combination.key], processes),
      );
      const subject = { slug, combination, original, platforms, sealed, scratch: folder };
      const name = `${image}, ${combination.name}`;
      const found = await all(checksOf(subject, running, processes).map(check => find(check, name)));
      await rm(folder, { recursive: true });
      yield found;
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

/** Whatever is thrown is a finding, unless everything is to end. */
async function find({ what, by, skip, run }: Check, image: string): Promise<Finding> {
  if (skip !== undefined) return { image, what, by, status: 'skipped', why: skip };
  try {
    await run();
    return { image, what, by, status: 'passed' };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { image, what, by, status: 'FAILED', why: error instanceof Error ? error.message : String(error) };
  }
}

/** As Promise.all, but what goes wrong is thrown only when nothing runs any more. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function exitCode(findings: readonly Finding[]): number {
  if (findings.some(({ status }) => status === 'FAILED')) return exit.failed;
  const asked = findings.filter(({ by }) => by !== OURS).some(({ status }) => status === 'passed');
  return asked ? exit.passed : exit.missing;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exit.passed : exit.usage;
  else if (error instanceof Stopped) process.exitCode = exit.interrupted;
  else if (error instanceof Failed) {
    // What fails in a check is a finding: this is a registry that does not start.
    console.error(error.message);
    process.exitCode = exit.failed;
  } else throw error;
}
