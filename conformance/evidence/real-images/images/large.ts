/**
 * Several hundred packages in ten layers: six that unpack packages, one that changes, one that deletes, one with
 * opaque directories, and one of hard links into all of them.
 * @module
 */

import { appendFileSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, directory, file, hardlink } from '../../../generate/builder/tar.ts';
import { Changes, Stack } from './stack.ts';
import type { Workshop } from './workshop.ts';

/** Together with what they need, a little over 300 in Debian 12. They don't conflict with each other. */
const PACKAGES = `
  apache2 bind9 build-essential cron curl dovecot-imapd fish git htop imagemagick iproute2 iputils-ping jq locales
  logrotate man-db nginx openssh-server php-cli postfix python3 rsync ruby squid strace subversion sudo systemd tcpdump
  tmux tzdata udev vim wget zsh
`
  .trim()
  .split(/\s+/);

/** Layers that unpack packages; the last of them is made of the packages' own archives. */
const GROUPS = 6;

/** Makes the image. */
export async function makeLarge(workshop: Workshop): Promise<void> {
  const { folder } = workshop;
  const packages = await workshop.download(PACKAGES, folder);
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    packages.slice((i * packages.length) / GROUPS, ((i + 1) * packages.length) / GROUPS),
  );
  const stack = new Stack();
  const tars = await Promise.all(
    groups.map(async (group, i) => {
      const layer = join(folder, `packages-${i}`);
      if (i === GROUPS - 1) return joined(workshop, group, layer);
      for (const path of group) await workshop.processes.run('dpkg-deb', '-x', path, layer);
      return workshop.archive(layer, i % 2 === 0 ? 'gnu' : 'pax');
    }),
  );
  for (let i = 0; i < GROUPS - 1; i++) stack.push(join(folder, `packages-${i}`));

  for (const [name, change] of Object.entries({ changed, deleted, emptied })) {
    const layer = join(folder, name);
    const changes = new Changes(layer, stack);
    change(changes, stack);
    changes.finish();
    stack.push(layer);
    tars.push(await workshop.archive(layer, 'pax'));
  }
  const links = join(folder, 'links.tar');
  writeFileSync(links, linked(stack));
  tars.push(links);

  await workshop.begin();
  for (const tar of tars) await workshop.add(tar);
}

/** One archive of the archives of packages, one behind the other: their directories come again and again. */
async function joined({ processes }: Workshop, packages: readonly string[], layer: string): Promise<string> {
  const part = `${layer}.part`;
  const whole = `${layer}.tar`;
  for (const path of packages) {
    await processes.runWith({ stdoutTo: part }, 'dpkg-deb', '--fsys-tarfile', path);
    appendFileSync(whole, withoutEnd(readFileSync(part)));
  }
  appendFileSync(whole, new Uint8Array(1024));
  return whole;
}

/** The entries of an archive, without the zeros behind them. GNU tar 1.34 leaves them in when it joins more than two. */
function withoutEnd(tar: Buffer): Buffer {
  let at = 0;
  while (tar[at] !== undefined && tar[at] !== 0) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return tar.subarray(0, at);
}

/** As an update: programs change, directories become links and files, files directories. */
function changed(layer: Changes, below: Stack): void {
  for (const path of below.files('usr/bin').filter((_, i) => i % 5 === 0)) layer.change(path, 'changed\n');
  for (const path of below.files('etc')) layer.change(path, '# changed\n');
  const [first, second, third] = below.list('usr/share/doc');
  symlinkSync(second ?? '', layer.at(`usr/share/doc/${first}`));
  writeFileSync(layer.at(`usr/share/doc/${third}`), 'a file by now\n');
  const [file] = below.files('usr/share/doc/git');
  layer.directory(file ?? '');
  writeFileSync(layer.at(`${file}/inside`), 'inside\n');
}

/** As a clean-up: documentation, translated manuals, some programs, and one name of each file that has several. */
function deleted(layer: Changes, below: Stack): void {
  for (const name of below.list('usr/share/doc').filter((_, i) => i % 2 === 1)) {
    layer.remove(`usr/share/doc/${name}`);
  }
  for (const name of below.list('usr/share/man').filter(name => !name.startsWith('man'))) {
    layer.remove(`usr/share/man/${name}`);
  }
  for (const path of below.files('usr/bin')) {
    const several = lstatSync(below.find(path) ?? '').nlink > 1;
    if (several || path.length % 7 === 0) layer.remove(path);
  }
}

/** Directories begin anew: two stay empty, one gets a file back and a new one; another is deleted. */
function emptied(layer: Changes, below: Stack): void {
  layer.empty('usr/share/bug');
  layer.empty('usr/share/locale');
  const [language] = below
    .list('usr/share/locale')
    .filter(name => below.files(`usr/share/locale/${name}/LC_MESSAGES`).length > 0);
  const [message] = below.files(`usr/share/locale/${language}/LC_MESSAGES`);
  layer.change(message ?? '', 'kept\n');
  writeFileSync(layer.at('usr/share/locale/new'), 'new\n');
  layer.empty('usr/share/vim');
  layer.remove('usr/share/zsh');
}

/** Hard links to files of every layer, one of them to a file that the layer then replaces. */
function linked(below: Stack): Uint8Array {
  const mtime = 1700000000;
  const targets = [...below.files('usr/bin'), ...below.files('etc'), ...below.files('usr/share/locale')];
  const [replaced = '', ...others] = targets;
  return archive(
    directory('opt/', { mtime }),
    directory('opt/links/', { mtime }),
    hardlink('opt/links/replaced', replaced, { mtime }),
    directory('usr/', { mtime }),
    directory('usr/bin/', { mtime }),
    file(replaced, 'another file\n', { mtime }),
    ...others.map(path => hardlink(`opt/links/${path.replaceAll('/', '-')}`, path, { mtime })),
    hardlink('opt/links/again', 'opt/links/replaced', { mtime }),
  );
}
