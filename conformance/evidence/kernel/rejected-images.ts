/**
 * What the kernel does with the images that a reader has to reject. A kernel checks less than a reader, so this is only
 * recorded.
 * @module
 */

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '../../suite/read-suite.ts';
import { checkInputsOf } from '../external-checks/check-inputs.ts';
import { type KernelCheck, resultOf } from './check.ts';
import { imageError } from './jobs.ts';

/** One check for each image, which is copied to `files`. */
export function rejectedImageChecks(suite: Suite, files: string): KernelCheck[] {
  mkdirSync(join(files, 'rejected'));
  return checkInputsOf(suite).rejected.map(({ test, image }, i) => {
    const path = `rejected/${i}`;
    copyFileSync(image, join(files, path));
    const about = { topic: 'rejected images', name: test.id } as const;
    return {
      jobs: [{ kind: 'image', image: path, overlay: false }],
      unanswered: [about],
      judge: ([answer]) => [
        { ...about, result: undefined, observed: imageError(resultOf('image', answer)) ?? 'accepts it' },
      ],
    };
  });
}
