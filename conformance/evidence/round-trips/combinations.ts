/**
 * What is sealed: images, and how.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Json, LayoutBuilder, platform, tag } from '../../generate/builder/layout.ts';
import { archive, directory, file, hardlink } from '../../generate/builder/tar.ts';

/** How an image is sealed. */
export interface Combination {
  readonly mode: 'inline' | 'artifact';
  readonly algorithms: readonly string[];
  readonly key: 'rsa' | 'p256';
  /** All of it in a few words, for people. */
  readonly name: string;
  /** The same as a part of a path. */
  readonly slug: string;
}

const algorithms = ['fsverity-sha256-12', 'fsverity-sha512-12'] as const;
const keys = { rsa: 'RSA', p256: 'ECDSA P-256' } as const;

/** Each mode with each algorithm, and with both, and each key. */
export const combinations: readonly Combination[] = (['inline', 'artifact'] as const).flatMap(mode =>
  [...algorithms.map(algorithm => [algorithm]), algorithms].flatMap(chosen =>
    (['rsa', 'p256'] as const).map(key => {
      const hashes = chosen.map(algorithm => algorithm.split('-')[1]).join('+');
      return {
        mode,
        algorithms: chosen,
        key,
        name: `${mode}, ${hashes}, ${keys[key]}`,
        slug: `${mode}-${hashes.replace('+', '-')}-${key}`,
      };
    }),
  ),
);

/** The algorithm that `seal` takes where none is named, with RSA. */
export function isUsual({ algorithms: chosen, key }: Combination): boolean {
  return chosen.join() === 'fsverity-sha512-12' && key === 'rsa';
}

/** Roles besides `merged`: an artifact has no layers. */
export function rolesOf({ mode }: Combination): readonly string[] {
  return mode === 'inline' ? ['merged.bootable', 'layer'] : ['merged.bootable'];
}

/** An image that is made here; what its tag `latest` leads to is for one platform or for several. */
export interface Made {
  readonly name: string;
  readonly architectures: readonly string[];
}

/** A small image, and one for two platforms. */
export const made: readonly Made[] = [
  { name: 'small', architectures: ['amd64'] },
  { name: 'platforms', architectures: ['amd64', 'arm64'] },
];

/** Writes a layout with such an image: two layers, and what sealing and copying have to leave alone. */
export function writeImage(layout: string, { architectures }: Made): void {
  const builder = new LayoutBuilder();
  const base = archive(
    directory('usr/', { mtime: 1700000000 }),
    directory('usr/bin/', { mtime: 1700000000 }),
    file('usr/bin/tool', 'tool\n'.repeat(2000), { mode: 0o755, mtime: 1700000001 }),
    hardlink('usr/bin/alias', 'usr/bin/tool', { mtime: 1700000001 }),
    file('usr/gone', 'gone\n', { mtime: 1700000002 }),
  );
  const upper = archive(
    directory('usr/', { mtime: 1700000003 }),
    file('usr/.wh.gone'),
    file('usr/name', 'small\n', { mtime: 1700000004 }),
  );
  const image = (architecture: string, descriptor: Json) =>
    builder.image({
      layers: [
        { tar: base, compression: 'gzip' },
        { tar: upper, compression: 'gzip' },
      ],
      config: {
        architecture,
        config: { Labels: { 'org.example.label': 'stays' } },
        'org.example.unknown': 1,
      },
      manifest: { annotations: { 'org.example.annotation': 'stays' }, 'org.example.unknown': ['ä'] },
      descriptor,
    });
  const [only = '', ...more] = architectures;
  if (more.length === 0) builder.index(image(only, tag('latest')));
  else {
    const entries = architectures.map(architecture => image(architecture, platform('linux', architecture)));
    builder.index(builder.nested(entries, 'oci', tag('latest')));
  }
  for (const [path, content] of Object.entries(builder.files)) {
    mkdirSync(dirname(join(layout, path)), { recursive: true });
    writeFileSync(join(layout, path), content);
  }
}
