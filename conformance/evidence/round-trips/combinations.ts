/**
 * The images to seal, and the combinations of mode, algorithms and key to seal them with.
 * @module
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Json, LayoutBuilder, platform, tag } from '../../generate/builder/layout.ts';
import { archive, directory, file, hardlink } from '../../generate/builder/tar.ts';

/** One way to seal an image. */
export interface Combination {
  readonly mode: 'inline' | 'artifact';
  readonly algorithms: readonly string[];
  readonly key: 'rsa' | 'p256';
  /** Its name in reports. */
  readonly name: string;
  /** Its name in paths. */
  readonly slug: string;
}

const algorithms = ['fsverity-sha256-12', 'fsverity-sha512-12'] as const;
const keys = { rsa: 'RSA', p256: 'ECDSA P-256' } as const;

/** Each mode with each algorithm and with both, and with each key. */
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

/** Whether it has only the default algorithm of `seal`, and an RSA key. */
export function isDefault({ algorithms: chosen, key }: Combination): boolean {
  return chosen.join() === 'fsverity-sha512-12' && key === 'rsa';
}

/** The roles besides `merged`. SEAL-035: an artifact cannot publish digests of single layers. */
export function rolesOf({ mode }: Combination): readonly string[] {
  return mode === 'inline' ? ['merged.bootable', 'layer'] : ['merged.bootable'];
}

/** An image to create, for one platform or for several. */
export interface GeneratedImage {
  readonly name: string;
  readonly architectures: readonly string[];
}

/** A small image, and one for two platforms. */
export const generatedImages: readonly GeneratedImage[] = [
  { name: 'small', architectures: ['amd64'] },
  { name: 'platforms', architectures: ['amd64', 'arm64'] },
];

/** Writes a layout with an image of two layers, and with members that sealing and copying have to keep. */
export function writeImage(layout: string, { architectures }: GeneratedImage): void {
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
