/**
 * The comparisons for each image; those that take longest come first.
 * @module
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessFailed } from '../processes.ts';
import { composefsRs, type OptionalTool, skopeo } from '../tools.ts';
import { readManifest } from './cache.ts';
import type { PlannedComparison, ToolAnswer } from './comparison.ts';
import { diskImageComparisons } from './disk-image-comparisons.ts';
import { layoutFromDir } from './docker-layout.ts';
import { extractWithTar } from './extract.ts';
import {
  answerOf,
  type HashFunction,
  type ImageUnderTest,
  type TreeView,
  textOf,
} from './image-under-test.ts';
import { labelledComparisons } from './labelled-comparisons.ts';
import { composefsRsDigest, mkcomposefsDigest, pathOf, skipWithout, versioned } from './other-digests.ts';
import { python, script } from './python.ts';
import { storeComparisons } from './store-comparisons.ts';

/** All comparisons for an image; for one with an SELinux policy, those of the bootable image with its labels. */
export function plannedComparisons(image: ImageUnderTest, isLabelled = false): PlannedComparison[] {
  if (isLabelled) return labelledComparisons(image);
  return [
    ...unpacked(image),
    ...readByPython(image),
    ...byComposefsRs(image, composefsRs()),
    ...copies(image, skopeo()),
    ...byDebianPrograms(image),
    ...diskImageComparisons(image),
    ...storeComparisons(image, composefsRs(), skopeo()),
  ];
}

/** The tree that other programs unpack, listed by a script. */
function unpacked(image: ImageUnderTest): PlannedComparison[] {
  const { layout, scratch, processes } = image;
  const listed = async (root: string, seconds: number) => {
    const { stdout } = await processes.run(python, script('list_directory.py'), root);
    return { text: withoutRoot(stdout), seconds };
  };
  const comparison = (by: string, unpack: (root: string) => Promise<number>): PlannedComparison => ({
    what: 'tree, unpacked',
    by,
    ours: async () => {
      const ours = await image.tree('sha256', 'none');
      return ours.kind === 'says' ? { ...ours, text: withoutRoot(ours.text) } : ours;
    },
    theirs: () =>
      answerOf(async () => {
        const root = join(scratch, by.replace(' ', '-'));
        return listed(root, await unpack(root));
      }),
  });
  return [
    comparison('GNU tar', root => extractWithTar(readManifest(layout).layers, root, processes)),
    comparison('umoci', async root => {
      const { seconds } = await processes.run('umoci', 'raw', 'unpack', '--image', `${layout}:latest`, root);
      return seconds;
    }),
  ];
}

/** Archives do not decide the attributes of the root. */
function withoutRoot(dumpfile: string): string {
  return dumpfile.replace(/^\/ .*\n/, '');
}

/** The tree that a script builds with Python's tarfile. */
function readByPython(image: ImageUnderTest): PlannedComparison[] {
  const views: readonly (readonly [HashFunction, TreeView, string])[] = [
    ['sha256', 'none', 'tree, merged'],
    ['sha256', 'allowlist-only', 'tree, allowlist-only, sha256'],
    ['sha512', 'allowlist-only', 'tree, allowlist-only, sha512'],
    ['sha256', 'keep-user-xattrs', 'tree, keep-user-xattrs, sha256'],
  ];
  return views.map(([hash, view, what]) => ({
    what,
    by: 'Python tarfile',
    ours: () => image.tree(hash, view),
    theirs: () =>
      answerOf(async () => {
        const { path, seconds } = await image.pythonTree(hash, view);
        return { text: textOf(path), seconds };
      }),
  }));
}

/** The digest that composefs-rs computes from the layout, and from Python's tree. */
function byComposefsRs(image: ImageUnderTest, cfsctl: OptionalTool): PlannedComparison[] {
  const { path = '', name } = cfsctl;
  const digest = (hash: HashFunction, view: TreeView): PlannedComparison => ({
    what: `digest of the image, ${view}, ${hash}`,
    by: name,
    ...skipWithout(cfsctl),
    ours: () => image.digest(hash, view),
    theirs: () => composefsRsDigest(image, cfsctl, hash, ['--xattrs', view]),
  });
  return [
    digest('sha512', 'allowlist-only'),
    digest('sha256', 'allowlist-only'),
    digest('sha256', 'keep-user-xattrs'),
    {
      what: 'digest of the tree by Python, allowlist-only, sha256',
      by: name,
      ...skipWithout(cfsctl),
      ours: () => image.digest('sha256', 'allowlist-only'),
      theirs: () => mkcomposefsOfPython(image, [path, 'mkcomposefs'], 'allowlist-only'),
    },
  ];
}

/** The digest that mkcomposefs computes from Python's tree, and what other programs say about our image. */
function byDebianPrograms(image: ImageUnderTest): PlannedComparison[] {
  const { processes } = image;
  const digest = (view: TreeView): PlannedComparison => ({
    what: `digest of the tree by Python, ${view}, sha256`,
    by: versioned('mkcomposefs'),
    ours: () => image.digest('sha256', view),
    theirs: () => mkcomposefsOfPython(image, [pathOf('mkcomposefs')], view),
  });
  const measured = (hash: HashFunction): PlannedComparison => ({
    what: `digest of the file with the image, ${hash}`,
    by: versioned('fsverity'),
    ours: () => image.mkfs(hash),
    theirs: () =>
      answerOf(async () => {
        await image.mkfs(hash);
        const args = ['digest', '--compact', `--hash-alg=${hash}`];
        const { stdout, seconds } = await processes.run(pathOf('fsverity'), ...args, image.erofs(hash));
        return { text: stdout, seconds };
      }),
  });
  return [
    digest('allowlist-only'),
    digest('keep-user-xattrs'),
    measured('sha512'),
    measured('sha256'),
    {
      what: 'image without defects',
      by: versioned('fsck.erofs'),
      ours: async () => ({ kind: 'says', text: 'sound', seconds: (await image.mkfs('sha512')).seconds }),
      theirs: () =>
        answerOf(async () => {
          await image.mkfs('sha512');
          const { seconds } = await processes.run(pathOf('fsck.erofs'), image.erofs('sha512'));
          return { text: 'sound', seconds };
        }),
    },
    {
      what: 'tree, read back from the image, sha512',
      by: 'composefs-oci dump',
      ours: () => image.tree('sha512', 'allowlist-only'),
      theirs: async () => {
        await image.mkfs('sha512');
        return image.dump('sha512');
      },
    },
  ];
}

/** The digest that an implementation of mkcomposefs computes from Python's tree. */
function mkcomposefsOfPython(
  image: ImageUnderTest,
  command: readonly string[],
  view: TreeView,
): Promise<ToolAnswer> {
  return mkcomposefsDigest(image, command, () => image.pythonTree('sha256', view));
}

/** The digests of copies that skopeo makes in other forms: they have to be that of the image. */
function copies(image: ImageUnderTest, { path, name }: OptionalTool): PlannedComparison[] {
  const { scratch, reference, processes } = image;
  const at = (folder: string) => join(scratch, folder);
  const copy = async (...args: string[]) => {
    await processes.run(path ?? '', 'copy', '--quiet', ...args);
  };
  const comparison = (
    what: string,
    layerType: RegExp,
    folder: string,
    make: () => Promise<void>,
  ): PlannedComparison => ({
    what: `digest of a copy ${what}, sha512`,
    by: name,
    ...(path === undefined && { skip: 'skopeo is not installed: apt install skopeo' }),
    ours: () => image.digest('sha512'),
    theirs: async () => {
      const made = await answerOf(async () => {
        await make();
        expectLayerType(layerType, at(folder));
        return { text: '', seconds: 0 };
      });
      return made.kind === 'says'
        ? image.digest('sha512', 'allowlist-only', `oci:${at(folder)}:latest`)
        : made;
    },
  });
  return [
    comparison('with zstd', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+zstd$/, 'zstd', () =>
      copy('--dest-compress', '--dest-compress-format', 'zstd', reference, `oci:${at('zstd')}:latest`),
    ),
    comparison('without compression', /^application\/vnd\.oci\.image\.layer\.v1\.tar$/, 'plain', async () => {
      await copy('--dest-decompress', reference, `dir:${at('plain-dir')}`);
      const target = `oci:${at('plain')}:latest`;
      await copy('--dest-oci-accept-uncompressed-layers', `dir:${at('plain-dir')}`, target);
      rmSync(at('plain-dir'), { recursive: true });
    }),
    comparison(
      'as Docker schema 2',
      /^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip$/,
      'docker',
      async () => {
        mkdirSync(at('docker-dir'));
        await copy('--format', 'v2s2', reference, `dir:${at('docker-dir')}`);
        layoutFromDir(at('docker-dir'), at('docker'));
      },
    ),
    comparison('as it is', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip$/, 'oci', () =>
      copy(reference, `oci:${at('oci')}:latest`),
    ),
  ];
}

/** Fails if the copy does not have the requested form: comparing it would then prove nothing. */
function expectLayerType(pattern: RegExp, layout: string): void {
  const other = readManifest(layout).layers.find(({ mediaType }) => !pattern.test(mediaType));
  if (other !== undefined)
    throw new ProcessFailed('skopeo', `the copy has a layer of type ${other.mediaType}`, 0);
}
