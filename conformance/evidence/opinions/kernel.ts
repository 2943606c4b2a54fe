/**
 * The kernel of this machine, which mounts images.
 * @module
 */

import { kernelVersion, mountAll, SCRIPT_ENDED, whyCannotMount } from '../external-checks/mount.ts';
import { input, isRejected } from './files.ts';
import type { Answer, MissingWitness, Witness } from './witness.ts';

/** The kernel: it accepts an image if it mounts it, and shows every entry without an error. */
export function kernelWitness(): Witness | MissingWitness {
  const problem = whyCannotMount();
  if (problem !== undefined) return { name: 'linux', missing: problem };
  return {
    name: `linux ${kernelVersion()}`,
    reads: test => test.op === 'erofs.read' && isRejected(test, 'erofs'),
    async ask(subjects) {
      const images = subjects.flatMap(subject => input(subject, 'image').map(path => ({ path, below: [] })));
      const results = await mountAll(images);
      return results.map((result): Answer | undefined => {
        if ('unavailable' in result) return undefined;
        if ('error' in result && result.error.startsWith(SCRIPT_ENDED)) return undefined;
        const failed = 'error' in result || JSON.stringify(result.entries).includes('"errno":');
        return { opinion: failed ? 'rejects' : 'accepts' };
      });
    },
  };
}
