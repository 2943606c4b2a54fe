/**
 * Checks of every case, beyond what `vectors/schema/case.schema.json` can express.
 * @module
 */

import { type Code, codes, stageOf } from '../../reference/errors.ts';
import { type Case, type CaseInput, expectedRejection, expectedResult } from '../suite/case.ts';
import { pathsOf } from '../suite/case-file.ts';
import { imageMapPath, mappedImage } from '../suite/read-image-map.ts';
import type { Files } from './files.ts';

const LARGEST_FILE = 256 * 1024;
const LONGEST_PATH = 100;

/** What the checks of a case look up. */
export interface CaseContext {
  /** Ids of the active requirements in `spec/requirements.json`. */
  readonly requirements: ReadonlySet<string>;
  /** Ids of all recipes, including those that are not generated now. */
  readonly ids: ReadonlySet<string>;
  /** The available cases by id, to check that a control is accepted. */
  readonly cases: ReadonlyMap<string, Case>;
}

/** The problems of the case `test`, one line each; `files` are its files, by path below its folder. */
export function checkCase(test: Case, files: Files, context: CaseContext): string[] {
  return [
    ...checkTitle(test.title),
    ...checkReferences(test, context),
    ...checkExpectation(test),
    ...checkFiles(test, files),
  ].map(problem => `${test.id}: ${problem}`);
}

/** Ids that several recipes have. Ids consist of lower-case letters, so none differ only in case. */
export function checkIds(ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `${id}: two recipes have this id`);
}

function checkTitle(title: string): string[] {
  const problems: string[] = [];
  if (/\b(should|tests?)\b/i.test(title))
    problems.push('the title has to state a fact, without "should" or "test"');
  if (/\w\.$/.test(title)) problems.push('the title ends in a full stop; remove it');
  return problems;
}

function checkReferences(test: Case, { requirements, ids, cases }: CaseContext): string[] {
  const problems: string[] = [];
  for (const id of test.requirements) {
    if (!requirements.has(id)) problems.push(`${id} is not an active requirement in spec/requirements.json`);
  }
  if (test.control !== null) {
    const control = cases.get(test.control);
    if (!ids.has(test.control)) problems.push(`the control ${test.control} does not exist`);
    if (control !== undefined && control.expect.outcome !== 'accept') {
      problems.push(`the control ${test.control} is not an accepted case`);
    }
    if (control !== undefined && control.op !== test.op) {
      problems.push(`the control ${test.control} has a different operation`);
    }
  }
  return problems;
}

function checkExpectation(test: Case): string[] {
  const { stage, reasons } = expectedRejection(test) ?? { stage: '', reasons: [] };
  return reasons.flatMap(reason => {
    if (!isCode(reason)) return [`${reason} is not an error code in reference/errors.ts`];
    return stageOf(reason) === stage ? [] : [`${reason} is not an error code of stage ${stage}`];
  });
}

function checkFiles(test: Case, files: Files): string[] {
  const problems: string[] = [];
  const image = mappedImage(test);
  const named = [...referencedPaths(test), ...(image === undefined ? [] : [imageMapPath(image)])];
  for (const path of named) {
    if (!files.has(path) && ![...files.keys()].some(file => file.startsWith(`${path}/`))) {
      problems.push(`${path} is named in case.json, but does not exist`);
    }
  }
  for (const [path, content] of files) {
    if (!/^(in|expect)(\/[a-z0-9][a-z0-9._-]*)+$/.test(path)) {
      problems.push(`${path} is not a lower-case ASCII path below in/ or expect/`);
    }
    if (!named.some(name => path === name || path.startsWith(`${name}/`))) {
      problems.push(`${path} exists, but is not named in case.json`);
    }
    if (content.length > LARGEST_FILE) problems.push(`${path} has more than 256 KiB`);
    // The name of a blob in an OCI layout is its digest, which a case cannot shorten.
    const length = `cases/${test.id}/${path}`.replace(/(?:[0-9a-f]{64}){1,2}(?=\/|$)/, '').length;
    if (length >= LONGEST_PATH)
      problems.push(`${path} gives a path of ${length} characters; the limit is ${LONGEST_PATH - 1}`);
  }
  return problems;
}

/** The paths that the input and the expectation of a case name. */
function referencedPaths(test: Case): string[] {
  return [
    ...Object.values(test.input).flatMap(inputPaths),
    ...Object.values(expectedResult(test)?.files ?? {}).flatMap(pathsOf),
  ];
}

function inputPaths(input: CaseInput[string]): string[] {
  if (typeof input === 'string' || 'sparse' in input) return pathsOf(input);
  return 'generate' in input ? [] : input.map(layer => layer.path);
}

function isCode(name: string): name is Code {
  return Object.hasOwn(codes, name);
}
