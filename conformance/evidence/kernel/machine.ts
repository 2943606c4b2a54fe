/**
 * A virtual machine that does jobs: it boots a kernel once, with a disk that holds the jobs and their files.
 * @module
 */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, createReadStream, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Unavailable } from '../../implementations/install/unavailable.ts';
import type { DebianKernel, Emulator } from '../../implementations/install/virtual-machine.ts';
import { initramfs } from './initramfs.ts';
import type { Job, JobAnswer } from './jobs.ts';

const MEBIBYTE = 2 ** 20;
const DISK_SIZE = '1G';
const RESULTS_SIZE = 256 * MEBIBYTE;
const MEMORY_MIB = 1024;
/** The bound of a run, in case the kernel hangs. */
export const TIMEOUT_SECONDS = 600;
/** The end of the console, for a message. */
const SHOWN_CONSOLE = 2000;

/** What is needed to run a machine. */
export interface MachineParts {
  readonly emulator: Emulator;
  readonly kernel: DebianKernel;
  /** The folder of the system of the guest. */
  readonly system: string;
}

/** What the machine did. */
export interface MachineRun {
  /** Release and version of the kernel: `6.1.0-50-cloud-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-09-29)`. */
  readonly release: string;
  /** In the order of the jobs; there are fewer if the kernel stopped. */
  readonly answers: readonly JobAnswer[];
  /** Why there are fewer answers than jobs. */
  readonly stopped?: string;
}

/**
 * Boots the kernel and lets it do `jobs`. `files` is a folder with the files of the jobs, and `work` an empty one for
 * the disks; both are of the caller, who removes them.
 */
export async function runMachine(
  { emulator, kernel, system }: MachineParts,
  jobs: readonly Job[],
  files: string,
  work: string,
): Promise<MachineRun> {
  writeFileSync(join(files, 'jobs.json'), JSON.stringify(jobs));
  const [disk, results, initrd] = ['disk', 'results', 'initrd'].map(name => join(work, name)) as [
    string,
    string,
    string,
  ];
  makeDisk(emulator, files, disk);
  const handle = openSync(results, 'w');
  ftruncateSync(handle, RESULTS_SIZE);
  closeSync(handle);
  writeFileSync(initrd, initramfs(system, kernel.modules));
  const console = await boot(emulator, [
    ...[
      '-accel',
      'tcg',
      '-cpu',
      'max',
      '-m',
      String(MEMORY_MIB),
      '-nodefaults',
      '-no-reboot',
      '-display',
      'none',
    ],
    ...['-serial', 'stdio', '-kernel', kernel.image, '-initrd', initrd],
    ...['-append', 'console=ttyS0 quiet panic=-1'],
    ...[disk, results].flatMap(path => ['-drive', `file=${path},format=raw,if=virtio,cache=unsafe`]),
    ...emulator.firmware.flatMap(folder => ['-L', folder]),
  ]);
  return readResults(results, console);
}

function makeDisk({ mke2fs }: Emulator, files: string, disk: string): void {
  const options = ['-q', '-t', 'ext4', '-O', 'verity', '-b', '4096', '-d', files, disk, DISK_SIZE];
  const { status, stderr } = spawnSync(mke2fs, options, { encoding: 'utf8' });
  if (status !== 0) throw new Unavailable(`mke2fs cannot make the disk: ${stderr.trim()}`);
}

/** Runs the emulator at a low priority until the machine turns itself off. Returns what the kernel wrote to the console. */
function boot({ qemu, modules }: Emulator, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, QEMU_MODULE_DIR: modules };
    const child = spawn('nice', [qemu, ...options], {
      env,
      timeout: TIMEOUT_SECONDS * 1000,
      killSignal: 'SIGKILL',
    });
    child.stdin.end();
    const stop = () => child.kill('SIGKILL');
    process.once('exit', stop);
    let console = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('latin1').on('data', (text: string) => {
        console += text;
      });
    }
    child.once('error', reject);
    child.once('close', (_, signal) => {
      process.removeListener('exit', stop);
      const note = signal === null ? '' : `\nthe machine did not end within ${TIMEOUT_SECONDS} s`;
      resolve(`${console}${note}`);
    });
  });
}

type ResultLine = { readonly kernel: string } | { readonly end: true } | JobAnswer;

async function readResults(path: string, console: string): Promise<MachineRun> {
  const shown = console
    .slice(-SHOWN_CONSOLE)
    .replace(/[^ -~\n]/g, '')
    .trim();
  const answers: JobAnswer[] = [];
  let release: string | undefined;
  for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
    if (line.startsWith('\0')) break;
    const result: ResultLine = JSON.parse(line);
    if ('end' in result) return { release: release ?? '', answers };
    if ('kernel' in result) release = result.kernel;
    else answers.push(result);
  }
  if (release === undefined) throw new Unavailable(`the machine did not start:\n${shown}`);
  return { release, answers, stopped: shown };
}
