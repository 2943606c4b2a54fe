/**
 * Generates the folder `vectors/` from the recipes, byte for byte the same on every machine.
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Case } from '../suite/case.ts';
import { type ImageMap, printImageMap } from '../suite/image-map.ts';
import { imageMapPath, mappedImage } from '../suite/read-image-map.ts';
import { checkCase, checkIds } from './check-case.ts';
import { readConfirmations, sumsOfCases, withConfirmations } from './confirmations.ts';
import { type Files, readFiles } from './files.ts';
import { checkMap } from './image-map/check.ts';
import { mapImage } from './image-map/decode.ts';
import { indexJson, indexTsv, json, sha256Sums } from './indexes.ts';
import { readKernelRuns, withKernelRuns } from './kernel-runs.ts';
import { readOpinions, sumsOf, withOpinions } from './opinions.ts';
import type { Draft, Recipe } from './recipe.ts';
import { checkRenames } from './renames.ts';

/** The files in `vectors/` that are written by hand; everything else there is generated. */
const handWritten = [
  'LICENSE',
  'README.md',
  'VERSION',
  'accumulated/README.md',
  'accumulated/accumulated.json',
  'accumulated/random_tree.py',
  'renames.tsv',
  'schema/accumulated.schema.json',
  'schema/case.schema.json',
  'schema/image-map.schema.json',
  'schema/index.schema.json',
] as const;

/** The input of {@link generate}. */
export interface VectorsSource {
  /** The top of the repository. */
  readonly root: string;
  /** Recipes by their source file, relative to the top of the repository. */
  readonly recipes: Readonly<Record<string, readonly Recipe[]>>;
  /** Which cases to generate; the others are kept as they are on disk. Default: all. */
  readonly only?: (id: string) => boolean;
}

/** The generated content of `vectors/`, and its problems, one line each. */
export interface GeneratedVectors {
  readonly files: Files;
  readonly problems: readonly string[];
}

interface GeneratedCase {
  readonly test: Case;
  /** Paths below the folder of the case. */
  readonly files: Files;
  /** The expected image and its map, if the case expects an image. */
  readonly mapped: { readonly image: Uint8Array; readonly map: ImageMap } | undefined;
}

/** Generates every case, and the indexes of all cases. Reads the disk, but writes nothing. */
export async function generate({
  root,
  recipes,
  only = () => true,
}: VectorsSource): Promise<GeneratedVectors> {
  const onDisk = await readFiles(join(root, 'vectors'));
  const since = await readRequirements(root);
  const problems: string[] = [];
  const generated: GeneratedCase[] = [];
  const ids: string[] = [];
  for (const [file, list] of Object.entries(recipes)) {
    for (const recipe of list) {
      ids.push(recipe.id);
      if (only(recipe.id)) generated.push(await generateCase(recipe, file, since));
    }
  }
  problems.push(...checkIds(ids));
  const files = new Map<string, Uint8Array>();
  for (const path of handWritten) {
    const content = onDisk.get(path);
    if (content === undefined) problems.push(`vectors/${path} is missing`);
    else files.set(path, content);
  }
  for (const [path, content] of onDisk) {
    const id = /^cases\/([^/]+\/[^/]+)\//.exec(path)?.[1];
    if (id !== undefined && ids.includes(id) && !only(id)) files.set(path, content);
  }
  for (const { test, files: caseFiles } of generated) {
    files.set(`cases/${test.id}/case.json`, json(test));
    for (const [path, content] of caseFiles) files.set(`cases/${test.id}/${path}`, content);
  }
  const byId = new Map(readCases(files).map(test => [test.id, test]));
  const opinions = await readOpinions(root);
  const runs = await readKernelRuns(root);
  const confirmations = await readConfirmations(root);
  const sums = sumsOf(files);
  const sumsByCase = sumsOfCases(files);
  for (const { test } of generated) {
    const control = byId.get(test.control ?? '');
    const { test: judged, problems: contradictions } = withOpinions(test, control, opinions, sums);
    const confirmed = withConfirmations(judged, confirmations, sumsByCase.get(test.id) ?? new Map());
    files.set(`cases/${test.id}/case.json`, json(withKernelRuns(confirmed.test, files, runs)));
    problems.push(...contradictions, ...confirmed.problems);
  }
  const cases = readCases(files);
  const context = {
    requirements: new Set(since.keys()),
    ids: new Set(ids),
    cases: new Map(cases.map(test => [test.id, test])),
  };
  const { validateCase, validateIndex, validateMap } = schemas(files);
  for (const { test, files: caseFiles, mapped } of generated) {
    problems.push(...schemaProblems(validateCase, context.cases.get(test.id), test.id));
    problems.push(...checkCase(test, caseFiles, context));
    if (mapped !== undefined) {
      const { map, image } = mapped;
      problems.push(...schemaProblems(validateMap, map, `${test.id}: map`));
      problems.push(...checkMap(map, image, context.requirements).map(text => `${test.id}: map: ${text}`));
    }
  }
  const version = text(files, 'VERSION').trim();
  problems.push(...checkRenames(text(files, 'renames.tsv'), context.ids));
  problems.push(...schemaProblems(validateIndex, { version, cases }, 'index.json'));
  files.set('index.json', indexJson(version, cases));
  files.set('index.tsv', indexTsv(cases));
  files.set('SHA256SUMS', sha256Sums(sorted(files)));
  return { files: sorted(files), problems };
}

async function generateCase(
  { id, make }: Recipe,
  file: string,
  since: ReadonlyMap<string, string>,
): Promise<GeneratedCase> {
  const draft = await make();
  const files = new Map(Object.entries(draft.files));
  const path = mappedImage(draft);
  const image = path === undefined ? undefined : files.get(path);
  const mapped = image && { image, map: mapImage(image) };
  if (path !== undefined && mapped !== undefined) files.set(imageMapPath(path), printImageMap(mapped.map));
  return { test: complete(id, draft, file, since), files: sorted(files), mapped };
}

/** The case of a draft: with defaults filled in, and members in their fixed order. */
function complete(id: string, draft: Draft, recipe: string, since: ReadonlyMap<string, string>): Case {
  const rejects = draft.expect.outcome === 'reject';
  return {
    id,
    title: draft.title,
    op: draft.op,
    since: newest(draft.requirements.map(requirement => since.get(requirement) ?? '')),
    requirements: draft.requirements,
    needs: draft.needs ?? [],
    tags: draft.tags ?? [],
    class: draft.class ?? (rejects ? 'MALFORMED' : 'BASIC'),
    links: draft.links ?? [],
    input: draft.input,
    params: draft.params,
    expect: draft.expect,
    control: draft.control ?? null,
    provenance: { recipe, confirmedBy: ['reference', ...(draft.confirmedBy ?? [])] },
  };
}

/**
 * The newest of some versions `MAJOR.MINOR`: the first version of the standard that has all requirements of a case.
 */
function newest(versions: readonly string[]): string {
  const rank = (version: string) => version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
  return versions.reduce((a, b) => (rank(b) > rank(a) ? b : a), '');
}

/** The active requirements of the standard, with the version that introduced each. */
async function readRequirements(root: string): Promise<Map<string, string>> {
  const list: { id: string; since: string; status: string }[] = JSON.parse(
    await readFile(join(root, 'spec/requirements.json'), 'utf8'),
  );
  return new Map(list.filter(entry => entry.status === 'active').map(({ id, since }) => [id, since]));
}

function readCases(files: Files): Case[] {
  const paths = [...files.keys()].filter(path => /^cases\/[^/]+\/[^/]+\/case\.json$/.test(path));
  const cases = paths.map((path): Case => JSON.parse(text(files, path)));
  return cases.sort((a, b) => (a.id < b.id ? -1 : 1));
}

function schemas(files: Files) {
  const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictTuples: false });
  ajv.addSchema(JSON.parse(text(files, 'schema/case.schema.json')));
  return {
    validateCase: ajv.getSchema('case.schema.json') ?? missing('case.schema.json'),
    validateIndex: ajv.compile(JSON.parse(text(files, 'schema/index.schema.json'))),
    validateMap: ajv.compile(JSON.parse(text(files, 'schema/image-map.schema.json'))),
  };
}

function schemaProblems(validate: ValidateFunction, value: unknown, name: string): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? [])
    .filter(error => error.keyword !== 'if')
    .map(({ instancePath, message, params }) => {
      return `${name}: ${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`;
    });
}

function text(files: Files, path: string): string {
  return Buffer.from(files.get(path) ?? missing(path)).toString();
}

function missing(path: string): never {
  throw new Error(`vectors/${path} is missing; restore it`);
}

function sorted(files: Files): Map<string, Uint8Array> {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
