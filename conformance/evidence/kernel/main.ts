#!/usr/bin/env node
/**
 * `npm run kernel`: boots kernels in a virtual machine, lets them mount, verify and reject what is in the vectors, and
 * compares the result with what the standard says.
 *
 * Exits with 1 if a check failed, and with 3 if no kernel could be run.
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { Unavailable } from '../../implementations/install/unavailable.ts';
import {
  installEmulator,
  installGuest,
  installKernel,
  type KernelSuite,
  kernelSuites,
} from '../../implementations/install/virtual-machine.ts';
import { exitOnSignals } from '../../runner/run/run-context.ts';
import { kernelRunsFolder, kernelTopics } from '../../suite/kernel-runs.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { type CheckRow, table } from '../external-checks/check-results.ts';
import type { Finding, KernelCheck } from './check.ts';
import { allChecks, findingsOf } from './checks.ts';
import { runMachine, TIMEOUT_SECONDS } from './machine.ts';
import { kernelOf, readRecorded, recordOf, writeRecord } from './recorded.ts';
import { inputsDigest } from './run-inputs.ts';
import { walkCheck, walkPage } from './walk.ts';

const FAILED = 1;
const NOT_STARTED = 3;

interface Options {
  readonly release: readonly KernelSuite[];
  readonly record?: true;
  readonly ifChanged?: true;
  readonly json?: true;
}

const help = `
A kernel of Debian is booted in QEMU without hardware support, and does all checks. It
- measures the fs-verity digest of every image that a case accepts, mounts the image, and shows its tree, also through
  overlayfs with verity=require;
- shows the trees that layers give, also as a stack of the images of the layers;
- grants and denies access by ACLs;
- must not read objects and images that were tampered with;
- opens the disk images of the vectors with dm-verity;
- trusts certificates and compares the signatures that sealing writes;
- mounts the images that a reader has to reject, which is only recorded.
Then it is booted again for the commands of ${walkPage}.

Kernel, QEMU and the system of the guest are Debian packages from the archive that this machine uses. The first run
downloads them, which takes minutes, and unpacks them into a folder in the cache of this user. Nothing needs root. A run
takes a minute or two; a kernel that does not end within ${TIMEOUT_SECONDS / 60} minutes is stopped.

Examples:
  npm run kernel
  npm run kernel -- --release oldstable stable unstable --record

Exit code:
  0  all checks passed
  1  a check failed
  3  a kernel could not be run; the message says what is missing`;

async function main({ release: releases, record, ifChanged, json }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-kernel-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const log = (step: string) => console.error(step);
  try {
    const vectors = readSuite(join(packageRoot, 'vectors'));
    const [files, walkFiles] = ['files', 'walk'].map(name => join(folder, name)) as [string, string];
    mkdirSync(files);
    mkdirSync(walkFiles);
    log('building the files of the checks');
    const checks = await allChecks(vectors, files);
    const inputs = inputsDigest(
      checks.flatMap(({ jobs }) => jobs),
      files,
    );
    const recorded = readRecorded().filter(run => run.inputs === inputs);
    if (ifChanged && recorded.length > 0) {
      log(`unchanged since the recorded run of Linux ${recorded.map(({ kernel }) => kernel).join(', ')}`);
      return;
    }
    const emulator = await installEmulator(log);
    const system = await installGuest(log);
    const walk = await walkCheck(vectors, walkFiles, log);
    for (const suite of releases) {
      const kernel = await installKernel(suite, log);
      const run = async (own: readonly KernelCheck[], below: string) => {
        const work = mkdtempSync(join(folder, 'machine-'));
        const jobs = own.flatMap(check => check.jobs);
        const done = await runMachine({ emulator, system, kernel }, jobs, below, work);
        rmSync(work, { recursive: true });
        return done;
      };
      log(`booting the kernel of Debian ${suite}, for ${checks.length} checks`);
      const main = await run(checks, files);
      log(`booting it for the commands of ${walkPage}`);
      const walked = await run([walk], walkFiles);
      const findings = [...findingsOf(checks, main), ...findingsOf([walk], walked)];
      report(main.release, findings, json === true);
      const stopped = main.stopped ?? walked.stopped;
      if (stopped !== undefined) {
        console.error(`the kernel stopped early:\n${stopped}`);
        process.exitCode = FAILED;
      } else if (record) writeRecord(recordOf(main.release, inputs, findings));
    }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(`cannot run a kernel: ${error.message}`);
    process.exitCode = NOT_STARTED;
  }
}

function report(release: string, findings: readonly Finding[], json: boolean): void {
  if (json) for (const finding of findings) console.log(JSON.stringify({ kernel: release, ...finding }));
  else process.stdout.write(table(kernelTopics.map(topic => row(topic, release, findings))));
  if (findings.some(({ result }) => result?.status === 'fail')) process.exitCode = FAILED;
}

function row(topic: Finding['topic'], release: string, findings: readonly Finding[]): CheckRow {
  const results = findings.flatMap(({ topic: of, name, result }) =>
    of === topic && result !== undefined ? [[name, result] as const] : [],
  );
  return { checker: `linux ${kernelOf(release)}`, what: topic, results: new Map(results) };
}

exitOnSignals();
await new Command('kernel')
  .description('Boot kernels, and let them mount, verify and reject what is in the vectors.')
  .addOption(
    new Option('--release <names...>', 'which Debian releases to take kernels from')
      .choices(kernelSuites)
      .default(['stable']),
  )
  .option('--record', `write what the kernels did to ${kernelRunsFolder}, and the table in the standard`)
  .option('--if-changed', 'do nothing if a recorded run had the same files and checks')
  .option('--json', 'print one JSON object per check')
  .addHelpText('after', help)
  .allowExcessArguments(false)
  .action(main)
  .parseAsync();
