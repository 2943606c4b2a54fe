/**
 * Unusual attributes: capabilities, owners of more than 16 bits, set-id bits, devices, long names, names that are not
 * UTF-8, unusual times; in archives from several programs.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '../../processes.ts';
import { python } from '../python.ts';
import type { ImageMaker } from './image-maker.ts';
import { lastLayer, netRaw } from './owners-last-layer.ts';

/** Packages with set-id programs, capabilities, and files of other users. */
const PACKAGES = ['sudo', 'passwd', 'openssh-client', 'iputils-ping', 'libcap2-bin', 'dbus', 'cron'];

/** Owners around the limits of their fields: 16 bits, 7 octal digits, 31 and 32 bits. */
const OWNERS = [65535, 65536, 2097151, 2097152, 2147483647, 2147483648, 4294967294];

/** Times in the syntax of touch: the first seconds, a fraction, and around 31 and 32 bits. */
const TIMES = ['0', '1.5', '1700000000.999999999', '2147483647', '2147483648', '4294967296.1'];

/** One nanosecond: Python's tarfile writes this time as `1e-09`, which is rejected (LAYER-074). */
const NANOSECOND = '0.000000001';

/** Creates the image. */
export async function makeOwners(maker: ImageMaker): Promise<void> {
  const { folder, processes } = maker;
  await maker.begin();
  const base = join(folder, 'base.tar');
  await maker.unpacked(PACKAGES, base);
  await maker.add(base);

  for (const format of ['gnu', 'pax'] as const) {
    const layer = join(folder, format);
    await unusualFiles(processes, layer, format, [...TIMES, NANOSECOND]);
    await maker.add(await maker.archive(layer, format));
  }

  const layer = join(folder, 'python');
  await unusualFiles(processes, layer, 'python', TIMES);
  await processes.runWith({ cwd: layer }, python, '-m', 'tarfile', '--create', `${layer}.tar`, '.');
  await maker.add(`${layer}.tar`);

  const last = join(folder, 'last.tar');
  await writeFile(last, lastLayer());
  await maker.add(last);
}

/** Creates the files in the folder `name` of `layer`. */
async function unusualFiles(
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
    // A directory without any permission, and one that everybody can write to.
    'mkdir -m 0000 closed; mkdir -m 3777 shared; echo x > closed/inside',
    // Names: bytes that are not UTF-8, a line feed, 255 bytes, paths and targets longer than any header field.
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
