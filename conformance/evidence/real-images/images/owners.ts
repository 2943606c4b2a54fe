/**
 * Unusual attributes: capabilities, owners beyond 16 bits, set-id bits, devices, long names, names that are no text,
 * odd times; from four programs that write archives.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../../processes.ts';
import { python } from '../python.ts';
import { lastLayer, netRaw } from './owners-last-layer.ts';
import type { Workshop } from './workshop.ts';

/** Packages with set-id programs, capabilities, and files of other users. */
const PACKAGES = ['sudo', 'passwd', 'openssh-client', 'iputils-ping', 'libcap2-bin', 'dbus', 'cron'];

/** Owners around the widths of the fields that hold them: 16 bits, 7 octal digits, 31 and 32 bits. */
const OWNERS = [65535, 65536, 2097151, 2097152, 2147483647, 2147483648, 4294967294];

/** Times, as touch takes them: the first seconds, around 31 and 32 bits. */
const TIMES = ['0', '1.5', '1700000000.999999999', '2147483647', '2147483648', '4294967296.1'];

/** One nanosecond: tarfile writes this time as `1e-09`, which is refused (LAYER-074). */
const NANOSECOND = '0.000000001';

/** Makes the image. */
export async function makeOwners(workshop: Workshop): Promise<void> {
  const { folder, processes } = workshop;
  await workshop.begin();
  const base = join(folder, 'base.tar');
  await workshop.unpacked(PACKAGES, base);
  await workshop.add(base);

  for (const format of ['gnu', 'pax'] as const) {
    const layer = join(folder, format);
    await oddFiles(processes, layer, format, [...TIMES, NANOSECOND]);
    await workshop.add(await workshop.archive(layer, format));
  }

  const layer = join(folder, 'python');
  await oddFiles(processes, layer, 'python', TIMES);
  await processes.runWith({ cwd: layer }, python, '-m', 'tarfile', '--create', `${layer}.tar`, '.');
  await workshop.add(`${layer}.tar`);

  const last = join(folder, 'last.tar');
  await writeFile(last, lastLayer());
  await workshop.add(last);
}

/** Fills `layer`, all of it below a folder `name`. */
async function oddFiles(
  processes: Processes,
  layer: string,
  name: string,
  times: readonly string[],
): Promise<void> {
  const commands = [
    'set -e',
    `mkdir -p "$0/${name}" && cd "$0/${name}"`,
    ...OWNERS.map(
      id => `echo ${id} > owner-${id}; chown ${id}:${id} owner-${id}; mkdir dir-${id}; chown ${id} dir-${id}`,
    ),
    ...times.map(
      (time, i) =>
        `echo ${time} > time-${i}; ln -s target-${i} link-${i}; touch -hd @${time} time-${i} link-${i}`,
    ),
    'for mode in 0000 0111 1777 2755 4755 6755 7777; do echo $mode > mode-$mode; chmod $mode mode-$mode; done',
    'mkfifo pipe; mknod null c 1 3; mknod disk b 259 300000; mknod largest c 4095 1048575; mknod zero b 0 0; mknod whiteout c 0 0',
    // Directories that let nobody in, and one that lets everybody write.
    'mkdir -m 0000 closed; mkdir -m 3777 shared; echo x > closed/inside',
    // Names: bytes that are no UTF-8, a line feed, 255 bytes, paths and targets beyond every fixed field.
    String.raw`touch "$(printf 'latin-\344\377')" "$(printf 'line\nfeed')" ./- ' ' '\' '*'`,
    'long=$(printf "%0255d" 0); echo long > $long',
    'deep=$(printf "%0200d" 1); mkdir -p $deep/$deep/$deep/$deep; echo deep > $deep/$deep/$deep/$deep/file',
    'ln $deep/$deep/$deep/$deep/file hard; ln -s $deep/$deep/$deep/$deep/$deep/$deep/nowhere soft',
    String.raw`ln -s "$(printf 'latin-\344\377')" "$(printf 'to-\344')"; ln pipe pipe-too; ln soft soft-too`,
  ];
  await processes.run('sh', '-c', commands.join('\n'), layer);
  const at = (file: string) => join(layer, name, file);
  await setXattr(processes, at('mode-0111'), 'security.capability', netRaw);
  await setXattr(processes, at('mode-0111'), 'user.note', Uint8Array.of(0, 0x0a, 0x3d, 0xff));
  await setXattr(processes, at('mode-2755'), 'user.empty', new Uint8Array());
  await setXattr(processes, at('shared'), 'trusted.place', Buffer.from('here'));
  await setXattr(processes, at('shared'), 'user.place', Buffer.from('there'));
}

async function setXattr(processes: Processes, path: string, name: string, value: Uint8Array): Promise<void> {
  const code = 'import os, sys; os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]))';
  await processes.run(python, '-c', code, path, name, Buffer.from(value).toString('hex'));
}
