/**
 * The checks of images that go through a store: pulled from a registry, imported, exported, and pushed to another
 * repository, where the manifest has the same digest (STORE-052).
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LayoutBuilder, tag } from '../../generate/builder/layout.ts';
import { archive, directory, file } from '../../generate/builder/tar.ts';
import { packageRoot } from '../../suite/package-root.ts';
import type { Processes } from '../processes.ts';
import { skopeo } from '../tools.ts';
import { expectEqual, type RoundTripCheck, type RunningRegistry } from './checks.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');

/** The compressions of the layers. */
export const compressions = ['none', 'gzip', 'zstd'] as const;
export type Compression = (typeof compressions)[number];

/** The checks of an image whose layers have this compression; `scratch` is a folder that exists. */
export function storeChecks(
  compression: Compression,
  running: readonly RunningRegistry[],
  scratch: string,
  processes: Processes,
): RoundTripCheck[] {
  const { path = '', name } = skopeo();
  return running.map(({ registry, server }) => {
    const missing = path === '' ? 'skopeo is not installed: apt install skopeo' : undefined;
    const skip =
      missing ??
      (registry.path === undefined
        ? `${registry.name} is not installed: ${registry.installHint}`
        : undefined);
    return {
      what: 'pulled, stored, exported and pushed again',
      by: `${name}, ${registry.name}`,
      ...(skip !== undefined && { skip }),
      run: async () => {
        const at = (part: string) => join(scratch, `${registry.slug}-${part}`);
        const place = (part: string) =>
          `docker://${server?.address ?? ''}/stored-${compression}-${part}:latest`;
        const copy = (from: string, to: string, ...options: string[]) =>
          processes.run(path, 'copy', '--quiet', '--preserve-digests', ...options, from, to);
        const store = (...args: string[]) => processes.run(process.execPath, program, 'store', ...args);
        const digest = writeImage(at('original'), compression);
        await copy(`oci:${at('original')}:latest`, place('first'), '--dest-tls-verify=false');
        await copy(place('first'), `oci:${at('pulled')}:latest`, '--src-tls-verify=false');
        await store('init', at('store'));
        await store('import', at('store'), `oci:${at('pulled')}:latest`, '--keep-blobs');
        await store('export', at('store'), 'latest', '--output', `oci:${at('exported')}:latest`);
        await copy(`oci:${at('exported')}:latest`, place('second'), '--dest-tls-verify=false');
        const raw = at('raw');
        await processes.runWith(
          { stdoutTo: raw },
          path,
          'inspect',
          '--raw',
          '--tls-verify=false',
          place('second'),
        );
        const found = `sha256:${createHash('sha256').update(readFileSync(raw)).digest('hex')}`;
        expectEqual('the digest of the manifest', found, digest);
      },
    };
  });
}

/** Writes a layout with an image whose content has many chunks, and returns the digest of its manifest. */
function writeImage(layout: string, compression: Compression): string {
  const builder = new LayoutBuilder();
  const numbers = Buffer.from(Uint32Array.from({ length: 300_000 }, (_, i) => i).buffer);
  const tar = archive(directory('usr/'), file('usr/numbers', numbers));
  const descriptor = builder.image({ layers: [{ tar, compression }], descriptor: tag('latest') });
  builder.index(descriptor);
  for (const [path, content] of Object.entries(builder.files)) {
    mkdirSync(dirname(join(layout, path)), { recursive: true });
    writeFileSync(join(layout, path), content);
  }
  return descriptor.digest;
}
