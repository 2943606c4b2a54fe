import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { example } from '../../../spec/tool/example.ts';
import { type ImageParts, LayoutBuilder, platform, tag } from '../../generate/builder/layout.ts';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { goodbye, hello } from '../../generate/recipes/image/parts.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { type Document, imageSpecCheck } from './oci-schemas.ts';

const checks = {
  config: imageSpecCheck('config'),
  descriptor: imageSpecCheck('descriptor'),
  index: imageSpecCheck('index'),
  layout: imageSpecCheck('layout'),
  manifest: imageSpecCheck('manifest'),
} satisfies Record<Document, unknown>;

/** The kind of document; layers and signatures are `other`. */
function kindOf(text: Uint8Array | string): Exclude<Document, 'descriptor'> | 'other' {
  let value: object;
  try {
    value = JSON.parse(String(text)) as object;
  } catch {
    return 'other';
  }
  const members = {
    manifests: 'index',
    layers: 'manifest',
    rootfs: 'config',
    imageLayoutVersion: 'layout',
  } as const;
  const found = Object.entries(members).find(([name]) => name in value);
  return found === undefined ? 'other' : found[1];
}

/** The first violation of the schema; undefined if the text is valid or not a document. */
function complaint(text: Uint8Array | string): string | undefined {
  const kind = kindOf(text);
  if (kind === 'other') return undefined;
  const value: unknown = JSON.parse(String(text));
  // The schema of an index requires less of its entries than the schema of a descriptor.
  const entries = kind === 'index' ? (value as { manifests: unknown[] }).manifests : [];
  return checks[kind](value) ?? entries.map(checks.descriptor).find(found => found !== undefined);
}

const digest = `sha256:${'0'.repeat(64)}`;
const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };
const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor] };

describe('the schemas find defects', () => {
  test.each<[Document, unknown, string]>([
    ['manifest', { ...manifest, schemaVersion: 1 }, '/schemaVersion must be >= 2'],
    ['manifest', { ...manifest, config: {} }, "/config must have required property 'mediaType'"],
    ['manifest', { ...manifest, layers: [] }, '/layers must NOT have fewer than 1 items'],
    ['manifest', { ...manifest, annotations: { a: 1 } }, '/annotations/a must be string'],
    ['manifest', { ...manifest, artifactType: 'x' }, '/artifactType must match pattern'],
    ['manifest', { ...manifest, subject: { ...descriptor, size: '2' } }, '/subject/size must be integer'],
    ['manifest', { ...manifest, subject: { ...descriptor, digest: 'x' } }, '/subject/digest must match'],
    ['descriptor', { ...descriptor, artifactType: 1 }, '/artifactType must be string'],
    ['index', { schemaVersion: 2 }, "must have required property 'manifests'"],
    ['index', { schemaVersion: 2, manifests: [{ ...descriptor, platform: {} }] }, "'architecture'"],
    ['layout', { imageLayoutVersion: '2' }, '/imageLayoutVersion must be equal to one of'],
    ['config', { architecture: 'amd64', os: 'linux', rootfs: {} }, '/rootfs must have required property'],
  ])('%s %j', (document, value, expected) => {
    expect(checks[document](value)).toContain(expected);
  });

  test('and accept valid documents', () => {
    expect(checks.manifest(manifest)).toBeUndefined();
    expect(checks.index({ schemaVersion: 2, manifests: [descriptor] })).toBeUndefined();
  });
});

describe('the vectors of sealing', () => {
  const cases = join(packageRoot, 'vectors/cases/seal');
  const written = readdirSync(cases, { recursive: true, encoding: 'utf8' }).filter(path =>
    /\/expect\/[^/]*\.json$/.test(path),
  );

  test('include JSON documents', () => {
    expect(written.length).toBeGreaterThan(100);
  });

  test.each(written)('%s', path => {
    const found = complaint(readFileSync(join(cases, path)));
    // An image without layers still has none when it is sealed.
    const expected = path === 'no-layers/expect/manifest.json' ? '/layers must NOT have fewer' : undefined;
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });
});

test.each(['sealed-manifest', 'artifact', 'seal-before', 'seal-after'])(
  'the example %s of the specification',
  name => {
    expect(complaint(example(name))).toBeUndefined();
  },
);

describe('the documents that the command writes', () => {
  // `npm test` builds before it tests.
  const program = join(packageRoot, 'dist/reference/cli/main.js');
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-spec-'));
    const builder = new LayoutBuilder();
    const image = (more: Omit<ImageParts, 'layers'>) =>
      builder.image({ layers: [{ tar: hello }, { tar: goodbye }], ...more });
    const entries = [
      image({ descriptor: platform('linux', 'amd64') }),
      image({ config: { architecture: 'arm64' }, descriptor: platform('linux', 'arm64', 'v8') }),
    ];
    builder.index(builder.nested(entries, 'oci', tag('latest')));
    for (const [path, content] of Object.entries(builder.files)) {
      mkdirSync(dirname(join(folder, 'in', path)), { recursive: true });
      writeFileSync(join(folder, 'in', path), content);
    }
    writeFileSync(join(folder, 'key.pem'), testKeys.p256.key);
    writeFileSync(join(folder, 'cert.pem'), testKeys.p256.certificate);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['inline', 'artifact'])('%s', mode => {
    const algorithms = ['--algorithm', 'fsverity-sha256-12', 'fsverity-sha512-12'];
    const args = ['--mode', mode, ...algorithms, '--role', 'merged.bootable', '--platform', 'linux/arm64'];
    const signing = ['--sign', 'key.pem', '--cert', 'cert.pem', '--output', `oci:${mode}`];
    const how = { cwd: folder, encoding: 'utf8' } as const;
    const { status } = spawnSync(process.execPath, [program, 'seal', 'oci:in', ...args, ...signing], how);
    expect(status).toBe(0);
    const counts = { config: 0, index: 0, layout: 0, manifest: 0, other: 0 };
    for (const path of readdirSync(join(folder, mode), { recursive: true, encoding: 'utf8' })) {
      if (!statSync(join(folder, mode, path)).isFile()) continue;
      const content = readFileSync(join(folder, mode, path));
      counts[kindOf(content)]++;
      expect(complaint(content), path).toBeUndefined();
    }
    // The manifests of two platforms, and an artifact for each algorithm.
    const manifest = mode === 'inline' ? 2 : 4;
    expect(counts).toMatchObject({ config: 2, layout: 1, index: 2, manifest });
  });
});
