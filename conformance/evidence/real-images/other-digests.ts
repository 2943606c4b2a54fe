/**
 * The digests that composefs-rs and mkcomposefs compute, from the layout of an image or from the dumpfile of its tree.
 * @module
 */

import { join } from 'node:path';
import { type DebianProgram, programPath, programVersion } from '../../implementations/install/paths.ts';
import type { OptionalTool } from '../tools.ts';
import type { ToolAnswer } from './comparison.ts';
import { algorithm, answerOf, type HashFunction, type ImageUnderTest } from './image-under-test.ts';

/** The reason to skip a comparison with composefs-rs, if there is one. */
export function skipWithout({ path }: OptionalTool): { readonly skip?: string } {
  return path === undefined ? { skip: 'cfsctl is not installed: npm run peers -- composefs-rs' } : {};
}

/** The digest that composefs-rs computes from the layout; `options` are those of `cfsctl oci compute-id`. */
export function composefsRsDigest(
  image: ImageUnderTest,
  { path = '' }: OptionalTool,
  hash: HashFunction,
  options: readonly string[],
): Promise<ToolAnswer> {
  const { scratch, processes, reference } = image;
  const repository = join(scratch, `repository-${hash}`);
  const withRepository = ['--insecure', '--repo', repository];
  const pull = () =>
    image.once(`pull ${hash}`, async () => {
      const init = ['--insecure', '--algorithm', algorithm(hash), '--erofs-version', '1'];
      await processes.run(path, 'init', ...init, repository);
      return (await processes.run(path, ...withRepository, 'oci', 'pull', reference, 'image')).seconds;
    });
  return answerOf(async () => {
    const pulled = await pull();
    const args = [...withRepository, '--erofs-version', '1', 'oci', 'compute-id', ...options, 'image'];
    const { stdout, seconds } = await processes.run(path, ...args);
    return { text: stdout, seconds: pulled + seconds };
  });
}

/** The digest that an implementation of mkcomposefs computes from a dumpfile, without any code of the reference. */
export function mkcomposefsDigest(
  { processes }: ImageUnderTest,
  [command = '', ...first]: readonly string[],
  tree: () => Promise<{ readonly path: string }>,
): Promise<ToolAnswer> {
  return answerOf(async () => {
    const { path } = await tree();
    const options = ['--from-file', '--min-version=1', '--max-version=1', '--print-digest-only'];
    const { stdout, seconds } = await processes.run(command, ...first, ...options, path);
    return { text: stdout, seconds };
  });
}

/** The path of a program from Debian. */
export function pathOf(program: DebianProgram): string {
  return programPath(program) ?? program;
}

/** The name of a program from Debian, with its version. */
export function versioned(program: DebianProgram): string {
  return `${program} ${programVersion(program) ?? ''}`.trimEnd();
}
