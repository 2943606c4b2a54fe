/**
 * `composefs-oci store`
 * @module
 */

import type { Command } from 'commander';
import { addStoreExport } from './store/export.ts';
import { addStoreFind } from './store/find.ts';
import { addStoreFsck } from './store/fsck.ts';
import { addStoreGc } from './store/gc.ts';
import { addStoreImport } from './store/import.ts';
import { addStoreInit } from './store/init.ts';
import { addStoreList } from './store/list.ts';
import { addStoreMount } from './store/mount.ts';
import { addStoreUntag } from './store/untag.ts';

const help = `
A store is a directory that keeps the files of many images, each content once. It has the layout of composefs-rs, so
that 'cfsctl --repo DIR' works on it as well, at the same time.

Examples:
  Make a store, import an image, and list what is there:
  $ composefs-oci store init /var/lib/images
  $ composefs-oci store import /var/lib/images oci:./layout:latest --name app:1
  $ composefs-oci store list /var/lib/images

  Mount it:
  $ composefs-oci store mount /var/lib/images app:1 /mnt --run

  Remove it, and free the space that only it needs:
  $ composefs-oci store untag /var/lib/images app:1
  $ composefs-oci store gc /var/lib/images

  Each command has its own help: composefs-oci store COMMAND --help
`;

/** Adds the command and its subcommands. */
export function addStore(program: Command): void {
  const store = program
    .command('store')
    .description('Keep images in a store: import, export, check, find and remove them.')
    .addHelpText('after', help);
  const add = [
    addStoreInit,
    addStoreImport,
    addStoreExport,
    addStoreList,
    addStoreFind,
    addStoreFsck,
    addStoreUntag,
    addStoreGc,
    addStoreMount,
  ];
  for (const each of add) each(store);
}
