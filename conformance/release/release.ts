/**
 * Everything that is published for a version, as files.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSite } from '../../spec/site/build-site.ts';
import { readSiteData } from '../../spec/site/site-data.ts';
import type { Case } from '../suite/case.ts';
import { languagePackages } from './language-packages.ts';
import {
  below,
  filesIn,
  joinedFiles,
  type PackageFiles,
  tarGzOf,
  tarXzOf,
  textFile,
} from './package-files.ts';
import { commandPackage, runnerPackage } from './packages/packages.ts';
import { runnerImage } from './runner-image.ts';
import { singleFile } from './single-file/single-file.ts';

/** Writes all files of a release into the new folder `output`, and returns their names. */
export async function writeRelease(root: string, output: string): Promise<string[]> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const vectors = filesIn(join(root, 'vectors'));
  const version = readFileSync(join(root, 'vectors/VERSION'), 'utf8').trim();
  const files = new Map<string, Uint8Array>([
    ...(await vectorArchives(version, vectors)),
    ...(await languagePackages({ version, vectors })),
    ...(await exampleFiles(root, version)),
    ...(await runnerFiles(root)),
    ...(await siteFiles(root, version)),
  ]);
  const sums = [...files].map(([name, content]) => `${sha256(content)}  ${name}\n`).sort();
  for (const [name, content] of [...files, ...textFile('SHA256SUMS', sums.join(''))])
    writeFileSync(join(output, name), content);
  return [...files.keys(), 'SHA256SUMS'];
}

/** The page that users of the vectors follow, and the programs and CI files that it names. */
async function exampleFiles(root: string, version: string): Promise<Map<string, Uint8Array>> {
  const folder = join(root, 'conformance/release/examples');
  const examples = filesIn(folder);
  const license = new Map([['LICENSE', readFileSync(join(root, 'LICENSE'))]]);
  return new Map<string, Uint8Array>([
    ['README.md', readFileSync(join(folder, 'README.md'))],
    [`examples-${version}.tar.gz`, await tarGzOf(below('examples', joinedFiles(examples, license)))],
  ]);
}

/** The packages with programs, and the runner in one file and as an image. */
async function runnerFiles(root: string): Promise<Map<string, Uint8Array>> {
  const command = await commandPackage(root);
  const runner = await runnerPackage(root);
  const { version } = JSON.parse(text(command, 'package.json'));
  const name = `composefs-oci-conformance-${version}`;
  return new Map([
    [`composefs-oci-${version}.tgz`, await tarGzOf(below('package', command))],
    [`${name}.tgz`, await tarGzOf(below('package', runner))],
    [`${name}.mjs`, singleFile(root, runner)],
    [`${name}.oci.tar`, await runnerImage(version, runner)],
  ]);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** All vectors, and those of each operation with an index of their own. */
async function vectorArchives(version: string, vectors: PackageFiles): Promise<Map<string, Uint8Array>> {
  const index: { cases: Case[] } = JSON.parse(text(vectors, 'index.json'));
  const archives = new Map([
    [`vectors-${version}.tar.xz`, await tarXzOf(below(`vectors-${version}`, vectors))],
  ]);
  for (const operation of [...new Set(index.cases.map(({ op }) => op))].sort()) {
    const name = `vectors-${operation}-${version}`;
    archives.set(`${name}.tar.xz`, await tarXzOf(below(name, vectorsOf(operation, vectors))));
  }
  return archives;
}

/** The files of the cases of one operation, and of the controls of its rejections. */
export function vectorsOf(operation: string, vectors: PackageFiles): PackageFiles {
  const index: { cases: Case[] } = JSON.parse(text(vectors, 'index.json'));
  const controls = new Set(
    index.cases.flatMap(({ op, control }) => (op === operation && control ? [control] : [])),
  );
  const cases = index.cases.filter(({ id, op }) => op === operation || controls.has(id));
  const ids = new Set(cases.map(({ id }) => id));
  const [header = '', ...rows] = text(vectors, 'index.tsv').split('\n');
  const table = rows.filter(row => ids.has(row.split('\t')[0] ?? ''));
  const kept = [...vectors].filter(([name]) => {
    const [, area, slug] = /^cases\/([^/]+)\/([^/]+)\//.exec(name) ?? [];
    if (area !== undefined) return ids.has(`${area}/${slug}`);
    return !name.startsWith('accumulated/') && !['SHA256SUMS', 'index.json', 'index.tsv'].includes(name);
  });
  const made = joinedFiles(
    new Map(kept),
    textFile('index.json', `${JSON.stringify({ ...index, cases }, null, 1)}\n`),
    textFile('index.tsv', `${[header, ...table].join('\n')}\n`),
  );
  const sums = [...made].map(([name, content]) => `${sha256(content)}  ${name}\n`).join('');
  return joinedFiles(made, textFile('SHA256SUMS', sums));
}

function text(files: PackageFiles, name: string): string {
  return Buffer.from(files.get(name) ?? []).toString('utf8');
}

/** The site, and the single page by itself. */
async function siteFiles(root: string, version: string): Promise<Map<string, Uint8Array>> {
  const data = readSiteData(root);
  const folder = mkdtempSync(join(tmpdir(), 'composefs-oci-site-'));
  try {
    await buildSite(data, folder);
    const site = filesIn(folder);
    const page = Buffer.from(site.get(`${data.version}/all.html`) ?? []).toString('utf8');
    const style = Buffer.from(site.get(`${data.version}/assets/style.css`) ?? []).toString('utf8');
    const standalone = page
      .replace('<link rel="stylesheet" href="assets/style.css">', () => `<style>${style}</style>`)
      .replaceAll(/<script[^>]*><\/script>\n?/g, '')
      .replace(/<header>[\s\S]*?<\/header>/, '')
      .replaceAll(/href="codes\.html#[A-Z0-9_]+"/g, 'href="#introduction-error-codes"')
      .replaceAll(/href="([a-z-]+)\.html"/g, 'href="#$1"');
    return new Map([
      [`site-${version}.tar.gz`, await tarGzOf(below(`site-${version}`, site))],
      [`composefs-oci-${data.version}.html`, Buffer.from(standalone)],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
