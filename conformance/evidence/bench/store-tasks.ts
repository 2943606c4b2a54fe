/**
 * The tasks about stores.
 * @module
 */

import { SHARING_IMAGES } from './archives.ts';
import type { InputName } from './inputs.ts';
import { tagOf } from './layouts.ts';
import type { Task, TaskTargets } from './task.ts';

/** cfsctl needs `--insecure` where the file system has no fs-verity. */
const insecure = (repository: string) => ['--insecure', '--repo', repository];

/** The manifest that was imported last, or the verdict of a check. */
function printed(output: string): string {
  const [manifest] = [...output.matchAll(/sha256:[0-9a-f]{64}/g)].slice(-1);
  return manifest?.[0] ?? (/nothing is wrong|^status: ok$/m.test(output) ? 'nothing is wrong' : output);
}

function importTask(name: string, input: InputName, tags: readonly string[], targets: TaskTargets): Task {
  return {
    name,
    what: `import of ${tags.length === 1 ? 'an image' : `${tags.length} images, one after the other,`} into a new store`,
    input,
    other: 'cfsctl',
    targets,
    printed: output => printed(output.split('\n').find(line => line.startsWith('manifest ')) ?? ''),
    arguments: (layout, store) => ({
      ours: [
        ['store', 'init', store],
        ...tags.map(tag => ['store', 'import', store, `oci:${layout}:${tag}`]),
      ],
      theirs: [
        ['init', '--insecure', store],
        ...tags.map(tag => [...insecure(store), 'oci', 'pull', `oci:${layout}:${tag}`, tag]),
      ],
    }),
  };
}

function checkTask(name: string, input: InputName): Task {
  return {
    name,
    what: 'check of a store',
    input,
    other: 'cfsctl',
    targets: {},
    printed,
    arguments: store => ({
      ours: [['store', 'fsck', store]],
      theirs: [[...insecure(store), 'fsck']],
    }),
  };
}

const tags = Array.from({ length: SHARING_IMAGES }, (_, number) => tagOf(number));

export const storeTasks: readonly Task[] = [
  importTask('import-gzip', 'image-gzip', [tagOf(0)], { wall: 0.7 }),
  importTask('import-zstd', 'image-zstd', [tagOf(0)], { wall: 0.7 }),
  importTask('import-1', 'images-sharing', tags.slice(0, 1), {}),
  importTask('import-50', 'images-sharing', tags, {}),
  checkTask('fsck-system', 'store-system'),
  checkTask('fsck-1', 'store-1'),
  checkTask('fsck-50', 'store-50'),
];
