/**
 * What every case has to satisfy, beyond what `vectors/schema/case.schema.json` can say.
 * @module
 */

import { type Code, codes, stageOf } from '../../reference/errors.ts';
import { type Case, type CaseInput, expectedResult } from '../suite/case.ts';
import { imageMapPath } from '../suite/read-image-map.ts';
import type { Files } from './files.ts';

const LARGEST_FILE = 256 * 1024;
const LONGEST_PATH = 100;

/** What the checks of one case look up. */
export interface Surroundings {
  /** Ids in `spec/requirements.json` that are not withdrawn. */
  readonly requirements: ReadonlySet<string>;
  /** Ids of all recipes, made or not. */
  readonly ids: ReadonlySet<string>;
  /** The cases at hand, by id; a control among them has to be an accepted case. */
  readonly cases: ReadonlyMap<string, Case>;
}

/** Everything wrong with `test`, whose own files are `files` (paths below its folder). One line a problem. */
export function checkCase(test: Case, files: Files, surroundings: Surroundings): string[] {
  return [
    ...checkTitle(test.title),
    ...checkReferences(test, surroundings),
    ...checkExpectation(test),
    ...checkFiles(test, files),
  ].map(problem => `${test.id}: ${problem}`);
}

/** Ids are case-insensitively unique by their alphabet; twice the same is what is left to find. */
export function checkIds(ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `${id}: two recipes have this id`);
}

function checkTitle(title: string): string[] {
  const problems: string[] = [];
  if (/\b(should|tests?)\b/i.test(title))
    problems.push('the title states a fact, without "should" and "test"');
  if (/\w\.$/.test(title)) problems.push('the title ends in a full stop');
  return problems;
}

function checkReferences(test: Case, { requirements, ids, cases }: Surroundings): string[] {
  const problems: string[] = [];
  for (const id of test.requirements) {
    if (!requirements.has(id)) problems.push(`${id} is no active requirement of spec/requirements.json`);
  }
  if (test.control !== null) {
    const control = cases.get(test.control);
    if (!ids.has(test.control)) problems.push(`the control ${test.control} does not exist`);
    if (control !== undefined && control.expect.outcome !== 'accept') {
      problems.push(`the control ${test.control} is not an accepted case`);
    }
    if (control !== undefined && control.op !== test.op) {
      problems.push(`the control ${test.control} asks another operation`);
    }
  }
  return problems;
}

function checkExpectation({ expect }: Case): string[] {
  if (expect.outcome !== 'reject') return [];
  return expect.reasons.flatMap(reason => {
    if (!isCode(reason)) return [`${reason} is no code of reference/errors.ts`];
    return stageOf(reason) === expect.stage ? [] : [`${reason} is no code of the stage ${expect.stage}`];
  });
}

function checkFiles(test: Case, files: Files): string[] {
  const problems: string[] = [];
  const image = expectedResult(test)?.files?.['image'];
  const named = [...referencedPaths(test), ...(image === undefined ? [] : [imageMapPath(image)])];
  for (const path of named) {
    if (!files.has(path) && ![...files.keys()].some(file => file.startsWith(`${path}/`))) {
      problems.push(`${path} is named and not there`);
    }
  }
  for (const [path, content] of files) {
    if (!/^(in|expect)(\/[a-z0-9][a-z0-9._-]*)+$/.test(path)) {
      problems.push(`${path} is no lower-case ASCII path below in/ or expect/`);
    }
    if (!named.some(name => path === name || path.startsWith(`${name}/`))) {
      problems.push(`${path} is there and not named`);
    }
    if (content.length > LARGEST_FILE) problems.push(`${path} has more than 256 KiB`);
    // A blob of an OCI layout has its digest for a name, which no case can shorten.
    const length = `cases/${test.id}/${path}`.replace(/(?:[0-9a-f]{64}){1,2}$/, '').length;
    if (length >= LONGEST_PATH) problems.push(`${path} makes a path of ${length} characters`);
  }
  return problems;
}

/** Every path of `test` that its input or its expectation names. */
function referencedPaths(test: Case): string[] {
  return [
    ...Object.values(test.input).flatMap(inputPaths),
    ...Object.values(expectedResult(test)?.files ?? {}),
  ];
}

function inputPaths(input: CaseInput[string]): string[] {
  if (typeof input === 'string') return [input];
  return 'generate' in input ? [] : input.map(layer => layer.path);
}

function isCode(name: string): name is Code {
  return Object.hasOwn(codes, name);
}
