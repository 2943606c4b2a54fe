/**
 * Checks of tables of contents by the crate zstd-chunked: it rebuilds the archive of each layer from its table of
 * contents and its tar-split data.
 * @module
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBuild, succeeds } from '../../implementations/install/build-tool.ts';
import { cacheFolder } from '../../implementations/install/paths.ts';
import { type Case, expectedResult } from '../../suite/case.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { type CheckResult, type CheckRow, fail, pass, skip } from './check-results.ts';

/** The name of the crate. */
export const CHUNKED_CRATE = 'zstd-chunked';

/** What the build of the program needs. */
export const CHUNKED_CRATE_NEEDS = 'cargo (https://rustup.rs) and a C compiler';

const source = join(packageRoot, 'conformance/evidence/external-checks/zstd-chunked');

/** The program that asks the crate. */
export interface ArchiveRebuilder {
  readonly path: string;
  /** The version of the crate. */
  readonly version: string;
}

/** What the crate says of a layer. */
export interface RebuilderAnswer {
  /** `none`: it does not read the layer, or leaves a defect for its caller to notice. */
  readonly opinion: 'accepts' | 'rejects' | 'none';
  /** The digest of the archive that it rebuilds from a layer that it accepts. */
  readonly archive: string | null;
  readonly message: string;
}

/** Builds the program in the cache of this user, which takes a minute the first time. Undefined without cargo or cc. */
export async function buildArchiveRebuilder(): Promise<ArchiveRebuilder | undefined> {
  if (!(await succeeds('cargo', '--version')) || !(await succeeds('cc', '--version'))) return undefined;
  const version = crateVersion();
  const target = join(cacheFolder(), `${CHUNKED_CRATE}-${version}`);
  const options = ['--release', '--locked', '--quiet', '--target-dir', target];
  await runBuild('cargo', ['build', ...options], { cwd: source });
  return { path: join(target, 'release/rebuild-archive'), version };
}

function crateVersion(): string {
  const text = readFileSync(join(source, 'Cargo.toml'), 'utf8');
  return new RegExp(`^${CHUNKED_CRATE} = "=(.+)"$`, 'm').exec(text)?.[1] ?? '';
}

/**
 * The rows of the crate: the layers that are accepted and have tar-split data, without which it rebuilds nothing, and
 * those that have to be rejected. It compares less than the standard requires, so that only claims are compared with the
 * second row.
 */
export function chunkedCrateRows(
  suite: Suite,
  rebuilder: ArchiveRebuilder | undefined,
): { valid: CheckRow; invalid: CheckRow } {
  const checker = `${CHUNKED_CRATE} ${crateVersion()}`;
  const row = (what: string, cases: readonly Case[], judge: Judge): CheckRow => ({
    checker,
    what,
    results: new Map(results(rebuilder, suite, cases, judge)),
  });
  const asked = suite.cases.filter(({ op }) => op === 'toc.check');
  const accepted = asked.filter(test =>
    ['digest', 'unbound'].includes(expectedValue(test, 'tarSplit') ?? ''),
  );
  const rejected = asked.filter(({ expect }) => expect.outcome === 'reject');
  return {
    valid: row('layers with tables of contents', accepted, (answer, test) => {
      const expected = expectedValue(test, 'diffId');
      if (answer.archive === expected) return pass;
      return fail(answer.archive === null ? answer.message : `it rebuilds the archive ${answer.archive}`);
    }),
    invalid: row('rejected tables of contents', rejected, ({ opinion, message }) => {
      if (opinion === 'none') return skip(message);
      return opinion === 'rejects' ? pass : fail('it finds no defect');
    }),
  };
}

type Judge = (answer: RebuilderAnswer, test: Case) => CheckResult;

function expectedValue(test: Case, name: string): string | undefined {
  return expectedResult(test)?.values?.[name];
}

function results(
  rebuilder: ArchiveRebuilder | undefined,
  suite: Suite,
  cases: readonly Case[],
  judge: Judge,
): (readonly [id: string, result: CheckResult])[] {
  if (rebuilder === undefined) {
    return cases.map(({ id }) => [id, skip(`it is built with ${CHUNKED_CRATE_NEEDS}`)]);
  }
  const questions = cases.map(test => ({
    layer: inputPath(suite, test, 'layer'),
    annotations: inputPath(suite, test, 'annotations'),
  }));
  const answers = askRebuilder(rebuilder, questions);
  return cases.map((test, i) => [test.id, judge(answers[i] as RebuilderAnswer, test)]);
}

function inputPath(suite: Suite, test: Case, name: string): string {
  const { [name]: file } = test.input;
  if (typeof file !== 'string') throw new Error(`${test.id} has no file "${name}"`);
  return join(caseFolder(suite, test), file);
}

/** The answers of the crate about layers, given by the paths of each blob and of the annotations of its descriptor. */
export function askRebuilder(
  { path }: ArchiveRebuilder,
  layers: readonly { readonly layer: string; readonly annotations: string }[],
): readonly RebuilderAnswer[] {
  const input = layers.map(({ layer, annotations }) => `toc\t${layer}\t${annotations}\n`).join('');
  const { status, stdout, stderr } = spawnSync(path, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  const lines = (stdout ?? '').split('\n').slice(0, -1);
  if (status !== 0 || lines.length !== layers.length) {
    throw new Error(`${path} answered ${lines.length} of ${layers.length} questions: ${stderr}`);
  }
  return lines.map(line => JSON.parse(line));
}
