/**
 * Asks the programs about the cases that have to be rejected.
 * @module
 */

import { readFileSync } from 'node:fs';
import type { WorkDirectories } from '../../runner/run/work-directory.ts';
import type { Case } from '../../suite/case.ts';
import { type AllOpinions, inputSums, inputsDigest, type Opinion } from '../../suite/opinions.ts';
import { caseFolder, type Suite } from '../../suite/read-suite.ts';
import { readSums } from '../../suite/read-sums.ts';
import { countEntries } from './count-entries.ts';
import { archives } from './files.ts';
import { opinionOf, type Subject, type Witness } from './witness.ts';

/** A case that has to be rejected, with its control. */
interface Pair {
  readonly test: Case;
  readonly control: Case;
}

/** The opinions of `witnesses` about `suite`, sorted by case and in the order of the programs. */
export async function collect(
  suite: Suite,
  witnesses: readonly Witness[],
  work: WorkDirectories,
  log: (step: string) => void,
): Promise<AllOpinions> {
  const byId = new Map(suite.cases.map(test => [test.id, test]));
  const pairs = suite.cases.flatMap((test): Pair[] => {
    const control = test.expect.outcome === 'reject' ? byId.get(test.control ?? '') : undefined;
    return control === undefined ? [] : [{ test, control }];
  });
  const found = new Map<string, Record<string, Opinion>>();
  for (const witness of witnesses) {
    const asked = pairs.filter(({ test }) => witness.reads(test));
    log(`${witness.name}: ${asked.length} cases`);
    for (const [id, opinion] of await askAll(suite, witness, asked, work)) {
      const opinions = found.get(id) ?? {};
      opinions[witness.name] = opinion;
      found.set(id, opinions);
    }
  }
  const sums = readInputSums(suite.folder);
  return Object.fromEntries(
    pairs.flatMap(({ test, control }) => {
      const opinions = found.get(test.id);
      return opinions === undefined
        ? []
        : [[test.id, { inputs: inputsDigest(test, control, sums), opinions }]];
    }),
  );
}

async function askAll(
  suite: Suite,
  witness: Witness,
  pairs: readonly Pair[],
  work: WorkDirectories,
): Promise<readonly (readonly [id: string, opinion: Opinion])[]> {
  const tests = [...new Set(pairs.flatMap(({ test, control }) => [test, control]))];
  const subjects: Subject[] = [];
  for (const test of tests) {
    const copy = () => work.prepare(test, caseFolder(suite, test));
    subjects.push({ test, folder: copy(), copy });
  }
  const answers = await witness.ask(subjects);
  const entries = new Map(subjects.map(subject => [subject.test.id, entriesIn(subject)]));
  for (const { folder } of subjects) folder.remove();
  const answerTo = new Map(tests.map((test, i) => [test.id, answers[i]]));
  return pairs.flatMap(({ test, control }) => {
    const opinion = opinionOf(
      test,
      answerTo.get(test.id),
      answerTo.get(control.id),
      entries.get(test.id) ?? 0,
    );
    return opinion === undefined ? [] : [[test.id, opinion] as const];
  });
}

/** The number of entries in the archives of a case, as far as it is certain. */
function entriesIn(subject: Subject): number {
  return archives(subject).reduce((sum, path) => sum + (countEntries(readFileSync(path)) ?? 0), 0);
}

/** The sums of the inputs of the vectors in `folder`, from `SHA256SUMS`. */
export function readInputSums(folder: string) {
  return inputSums(readSums(folder));
}
