/**
 * Downloads what a virtual machine needs from the Debian archive that this machine uses, into folders of the cache: an
 * emulator with the program that makes its disk, the system of the guest, and kernels of several releases.
 * @module
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianCodename, errorOutput, requireProgram } from './apt.ts';
import { completeFolder } from './complete-folder.ts';
import { findLoader, unpackDebianPackages, writeWrapper } from './debian-packages.ts';
import { cacheFolder } from './paths.ts';
import { Unavailable } from './unavailable.ts';

const execute = promisify(execFile);

/** The suites of Debian whose kernels can be had. */
export const kernelSuites = ['oldstable', 'stable', 'unstable'] as const;
export type KernelSuite = (typeof kernelSuites)[number];

/** QEMU 7.2 of Debian 12 does not emulate cmpxchg16b correctly, and Linux sometimes stops there. */
const EMULATOR_SUITE = 'stable';
/** The oldest suite with the package composefs. */
const STORE_SUITE = 'unstable';

/** The programs that run on this machine, as paths below `root`. */
const programs = { 'qemu-system-x86_64': 'usr/bin/qemu-system-x86_64', mke2fs: 'sbin/mke2fs' } as const;

/** The emulator, and the program that makes its disk. */
export interface Emulator {
  readonly qemu: string;
  readonly mke2fs: string;
  /** The folders with the firmware, for `-L`. */
  readonly firmware: readonly string[];
  /** The folder of the loadable parts of the emulator, for `QEMU_MODULE_DIR`. */
  readonly modules: string;
}

/** A kernel from Debian. */
export interface DebianKernel {
  readonly suite: KernelSuite;
  /** The bootable file. */
  readonly image: string;
  /** The folder of its modules. */
  readonly modules: string;
}

type Log = (step: string) => void;

/** The emulator; downloaded if it is not in the cache. Throws {@link Unavailable}. */
export async function installEmulator(log: Log): Promise<Emulator> {
  await requireArchitecture();
  const folder = await fill('emulator', async work => {
    const packages = ['qemu-system-x86', 'e2fsprogs'];
    await unpackDebianPackages({ suite: EMULATOR_SUITE, packages, folder: work, log });
    const loader = await findLoader(join(work, 'root'));
    await mkdir(join(work, 'bin'));
    for (const [name, path] of Object.entries(programs)) {
      const program = existsSync(join(work, 'root', path)) ? path : join('usr', path);
      await writeWrapper(work, loader, name, program);
    }
  });
  const { root, libraries } = await findLoader(join(folder, 'root'));
  const modules = libraries.map(each => join(root, each, 'qemu')).find(each => existsSync(each));
  return {
    qemu: join(folder, 'bin/qemu-system-x86_64'),
    mke2fs: join(folder, 'bin/mke2fs'),
    firmware: ['qemu', 'seabios'].map(each => join(root, 'usr/share', each)),
    modules: modules ?? root,
  };
}

/** The folder of the system of the guest: Python with its libraries; downloaded if it is not in the cache. */
export async function installGuest(log: Log): Promise<string> {
  const folder = await fill('guest', async work => {
    const packages = ['python3-minimal', 'libpython3-stdlib'];
    await unpackDebianPackages({ suite: await debianCodename(), packages, folder: work, log });
  });
  return join(folder, 'root');
}

/** The folder of a system with Node.js, and what `composefs-oci store` runs; downloaded if it is not in the cache. */
export async function installStoreSystem(log: Log): Promise<string> {
  const folder = await fill('store-system', async work => {
    const packages = ['nodejs', 'composefs', 'fsverity', 'mount', 'util-linux', 'dash', 'coreutils', 'sed'];
    await unpackDebianPackages({ suite: STORE_SUITE, packages, folder: work, log });
  });
  return join(folder, 'root');
}

/**
 * The archive of a small Debian with a shell, without documentation, so that an emulated processor imports it in a
 * minute; made with mmdebstrap if it is not in the cache. Throws {@link Unavailable}.
 */
export async function installDebianArchive(log: Log): Promise<string> {
  const folder = await fill('debian', async work => {
    await requireProgram('mmdebstrap');
    const suite = await debianCodename();
    log(`making an image of ${suite}`);
    const left = ['share/doc', 'share/man', 'share/locale', 'lib/*/gconv'];
    const hook = `--extract-hook=rm -r ${left.map(path => `"$1"/usr/${path}`).join(' ')}`;
    const options = ['--quiet', '--variant=extract', '--include=base-files,dash', hook];
    await execute('mmdebstrap', [...options, suite, join(work, 'debian.tar')]).catch((error: unknown) => {
      throw new Unavailable(`mmdebstrap failed:\n${errorOutput(error)}`);
    });
  });
  return join(folder, 'debian.tar');
}

/** The kernel of `suite` for virtual machines; downloaded if it is not in the cache. Throws {@link Unavailable}. */
export async function installKernel(suite: KernelSuite, log: Log): Promise<DebianKernel> {
  await requireArchitecture();
  const folder = await fill(`kernel-${suite}`, async work => {
    await unpackDebianPackages({ suite, packages: ['linux-image-cloud-amd64'], folder: work, log });
    const root = join(work, 'root');
    const tree = ['usr/lib/modules', 'lib/modules'].find(each => existsSync(join(root, each))) ?? '';
    const [release = ''] = await readdir(join(root, tree));
    const images = [join(root, tree, release, 'vmlinuz'), join(root, `boot/vmlinuz-${release}`)];
    const image = images.find(each => existsSync(each));
    if (image === undefined) throw new Unavailable(`the kernel of ${suite} has no bootable file`);
    await copyFile(image, join(work, 'vmlinuz'));
    await rename(join(root, tree, release, 'kernel'), join(work, 'modules'));
    await rm(root, { recursive: true });
  });
  return { suite, image: join(folder, 'vmlinuz'), modules: join(folder, 'modules') };
}

/** The folder `name` of the cache, which `make` fills if it does not exist. */
async function fill(name: string, make: (work: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), 'virtual-machine', name);
  if (existsSync(folder)) return folder;
  await completeFolder(folder, make);
  return folder;
}

async function requireArchitecture(): Promise<void> {
  const { stdout } = await execute('dpkg', ['--print-architecture']).catch(() => ({ stdout: '' }));
  if (stdout.trim() !== 'amd64')
    throw new Unavailable('the kernels for virtual machines are those for amd64');
}
