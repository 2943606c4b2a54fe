/**
 * The package of the runner with the vectors of one operation, which is written faster than all of them.
 * @module
 */

import { join } from 'node:path';
import { packageRoot } from '../../suite/package-root.ts';
import { below, filesIn, joinedFiles, type PackageFiles } from '../package-files.ts';
import { vectorsOf } from '../release.ts';
import { runnerPackage } from './packages.ts';

const vectors = vectorsOf('fsverity.digest', filesIn(join(packageRoot, 'vectors')));

/** The number of cases in the vectors of {@link smallRunner}. */
export const smallCases: number = JSON.parse(Buffer.from(vectors.get('index.json') ?? []).toString()).cases
  .length;

/** The package. */
export async function smallRunner(): Promise<PackageFiles> {
  const files = [...(await runnerPackage(packageRoot))].filter(([name]) => !name.startsWith('vectors/'));
  return joinedFiles(new Map(files), below('vectors', vectors));
}

/** The numbers of cases by status in a report as JSON Lines. */
export function countsIn(report: string): Readonly<Record<string, number>> {
  return JSON.parse(report.trimEnd().split('\n').at(-1) ?? '').counts;
}
