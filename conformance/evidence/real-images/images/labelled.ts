/**
 * A Debian system with the SELinux policy of the release, configured as its packages do it, and a layer by hand with
 * hard links between directories of different labels, and files of every type.
 * @module
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  archive,
  block,
  character,
  directory,
  fifo,
  file,
  hardlink,
  symlink,
} from '../../../generate/builder/tar.ts';
import type { ImageMaker } from './image-maker.ts';

/** The policy with the tools that build its file of contexts, and services whose files have many different labels. */
const PACKAGES = `
  selinux-policy-default policycoreutils semodule-utils selinux-utils
  apache2 avahi-daemon bind9 bluez chrony cron cups-daemon dbus dnsmasq dovecot-imapd fail2ban git iproute2 iptables
  kmod less logrotate lvm2 man-db mdadm network-manager nfs-kernel-server nginx-light openssh-server openvpn polkitd
  postfix python3-minimal rsync rsyslog slapd snmpd squid sudo systemd-sysv tor udev vim-tiny wpasupplicant
`
  .trim()
  .split(/\s+/);

/** Creates the image. */
export async function makeLabelled(maker: ImageMaker): Promise<void> {
  const { folder } = maker;
  const system = join(folder, 'system.tar');
  await maker.bootstrapped(system, PACKAGES);
  const byHand = join(folder, 'by-hand.tar');
  await writeFile(byHand, layerByHand());
  await maker.begin();
  await maker.add(system);
  await maker.add(byHand);
}

function layerByHand(): Uint8Array {
  const mtime = 1_700_000_000;
  return archive(
    directory('sysroot/', { mtime }),
    directory('sysroot/ostree/', { mtime }),
    // Names with two labels, with one label, and with names of both kinds between them.
    ...['etc/linked', 'usr/linked', 'usr/bin/linked', 'var/log/linked', 'usr/sbin/linked'].map((name, i) =>
      i === 0 ? file(name, 'linked\n', { mtime }) : hardlink(name, 'etc/linked', { mtime }),
    ),
    hardlink('usr/share/zz-passwd', 'etc/passwd', { mtime }),
    hardlink('etc/zz-passwd', 'etc/passwd', { mtime }),
    hardlink('srv/zz-shadow', 'etc/shadow', { mtime }),
    symlink('etc/zz-symlink', 'passwd', { mtime }),
    hardlink('srv/zz-symlink', 'etc/zz-symlink', { mtime }),
    // Types for which the policy has lines of their own.
    character('dev/zz-null', 1, 3, { mtime }),
    character('srv/zz-zero', 0, 0, { mtime }),
    block('dev/sda', 8, 0, { mtime }),
    fifo('dev/initctl', { mtime }),
    fifo('var/spool/postfix/zz-fifo', { mtime }),
    // Below an alias of the policy, in a home directory, and with a name that needs a byte pattern.
    directory('usr/local/lib64/', { mtime }),
    file('usr/local/lib64/libx.so.1', '', { mtime }),
    file('root/.bash_history', '', { mtime }),
    directory('home/someone/', { mtime }),
    directory('home/someone/.ssh/', { mtime }),
    file('home/someone/.ssh/authorized_keys', '', { mtime }),
    file(Uint8Array.of(...new TextEncoder().encode('var/www/'), 0xff, 0x0a, 0xe9), '', { mtime }),
  );
}
