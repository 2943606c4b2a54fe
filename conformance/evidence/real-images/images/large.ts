/**
 * Several hundred packages in ten layers: six with packages, one that changes files, one that deletes files, one with
 * opaque directories, and one with hard links to files of all others.
 * @module
 */

import { appendFileSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archive, directory, file, hardlink } from '../../../generate/builder/tar.ts';
import type { ImageMaker } from './image-maker.ts';
import { LayerChanges, LayerStack } from './stack.ts';

/** With their dependencies, a little over 300 packages in Debian 12. None of them conflict. */
const PACKAGES = `
  apache2 bind9 build-essential cron curl dovecot-imapd fish git htop imagemagick iproute2 iputils-ping jq locales
  logrotate man-db nginx openssh-server php-cli postfix python3 rsync ruby squid strace subversion sudo systemd tcpdump
  tmux tzdata udev vim wget zsh
`
  .trim()
  .split(/\s+/);

/** The number of layers with packages; the last one is the concatenated archives of its packages. */
const GROUPS = 6;

/** Creates the image. */
export async function makeLarge(maker: ImageMaker): Promise<void> {
  const { folder } = maker;
  const packages = await maker.download(PACKAGES, folder);
  const groups = Array.from({ length: GROUPS }, (_, i) =>
    packages.slice((i * packages.length) / GROUPS, ((i + 1) * packages.length) / GROUPS),
  );
  const stack = new LayerStack();
  const tars = await Promise.all(
    groups.map(async (group, i) => {
      const layer = join(folder, `packages-${i}`);
      if (i === GROUPS - 1) return joined(maker, group, layer);
      for (const path of group) await maker.processes.run('dpkg-deb', '-x', path, layer);
      return maker.archive(layer, i % 2 === 0 ? 'gnu' : 'pax');
    }),
  );
  for (let i = 0; i < GROUPS - 1; i++) stack.push(join(folder, `packages-${i}`));

  for (const [name, change] of Object.entries({ changed, deleted, emptied })) {
    const layer = join(folder, name);
    const changes = new LayerChanges(layer, stack);
    change(changes, stack);
    changes.finish();
    stack.push(layer);
    tars.push(await maker.archive(layer, 'pax'));
  }
  const links = join(folder, 'links.tar');
  writeFileSync(links, linked(stack));
  tars.push(links);

  await maker.begin();
  for (const tar of tars) await maker.add(tar);
}

/** Concatenates the archives of packages, so that directories appear many times. */
async function joined(
  { processes }: ImageMaker,
  packages: readonly string[],
  layer: string,
): Promise<string> {
  const part = `${layer}.part`;
  const whole = `${layer}.tar`;
  for (const path of packages) {
    await processes.runWith({ stdoutTo: part }, 'dpkg-deb', '--fsys-tarfile', path);
    appendFileSync(whole, withoutEnd(readFileSync(part)));
  }
  appendFileSync(whole, new Uint8Array(1024));
  return whole;
}

/**
 * The entries of an archive without the zeros at its end, which GNU tar 1.34 keeps if it joins more than two archives.
 */
function withoutEnd(tar: Buffer): Buffer {
  let at = 0;
  while (tar[at] !== undefined && tar[at] !== 0) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return tar.subarray(0, at);
}

/** An update: programs change, directories become symbolic links and files, a file becomes a directory. */
function changed(layer: LayerChanges, below: LayerStack): void {
  for (const path of below.files('usr/bin').filter((_, i) => i % 5 === 0)) layer.change(path, 'changed\n');
  for (const path of below.files('etc')) layer.change(path, '# changed\n');
  const [first, second, third] = below.list('usr/share/doc');
  symlinkSync(second ?? '', layer.at(`usr/share/doc/${first}`));
  writeFileSync(layer.at(`usr/share/doc/${third}`), 'a file by now\n');
  const [file] = below.files('usr/share/doc/git');
  layer.directory(file ?? '');
  writeFileSync(layer.at(`${file}/inside`), 'inside\n');
}

/** A clean-up: deletes documentation, translated manuals, some programs, and one name of each program with several. */
function deleted(layer: LayerChanges, below: LayerStack): void {
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

/** Opaque directories: two stay empty, and one gets back a file and gets a new one; another directory is deleted. */
function emptied(layer: LayerChanges, below: LayerStack): void {
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

/** Hard links to files of all layers, one of them to a file that the layer itself then replaces. */
function linked(below: LayerStack): Uint8Array {
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
