/**
 * What is compared for each image, the long work first.
 * @module
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Peer, peerPath, peerVersion } from '../../implementations/install/paths.ts';
import { Failed } from '../processes.ts';
import { composefsRs, type OptionalTool, skopeo } from '../tools.ts';
import { readImage } from './cache.ts';
import type { Answer, Check } from './comparison.ts';
import { layoutOfDir } from './docker-layout.ts';
import { extractWithTar } from './extract.ts';
import { algorithm, answer, type Hash, type Subject, textOf, type View } from './image-under-test.ts';
import { python, script } from './python.ts';

/** All checks of an image. */
export function checksOf(subject: Subject): Check[] {
  return [
    ...unpacked(subject),
    ...readByPython(subject),
    ...byComposefsRs(subject, composefsRs()),
    ...copies(subject, skopeo()),
    ...byC(subject),
  ];
}

/** Other programs unpack the layers, and a script lists the directory. */
function unpacked(subject: Subject): Check[] {
  const { layout, scratch, processes } = subject;
  const listed = async (root: string, seconds: number) => {
    const { stdout } = await processes.run(python, script('list_directory.py'), root);
    return { text: withoutRoot(stdout), seconds };
  };
  const check = (by: string, unpack: (root: string) => Promise<number>): Check => ({
    what: 'tree, unpacked',
    by,
    ours: async () => {
      const ours = await subject.tree('sha256', 'none');
      return ours.kind === 'says' ? { ...ours, text: withoutRoot(ours.text) } : ours;
    },
    theirs: () =>
      answer(async () => {
        const root = join(scratch, by.replace(' ', '-'));
        return listed(root, await unpack(root));
      }),
  });
  return [
    check('GNU tar', root => extractWithTar(readImage(layout).layers, root, processes)),
    check('umoci', async root => {
      const { seconds } = await processes.run('umoci', 'raw', 'unpack', '--image', `${layout}:latest`, root);
      return seconds;
    }),
  ];
}

/** No tar says what the root is like. */
function withoutRoot(dumpfile: string): string {
  return dumpfile.replace(/^\/ .*\n/, '');
}

/** Python's tarfile and a script go the way to the tree by themselves. */
function readByPython(subject: Subject): Check[] {
  const views: readonly (readonly [Hash, View, string])[] = [
    ['sha256', 'none', 'tree, merged'],
    ['sha256', 'allowlist-only', 'tree, allowlist-only, sha256'],
    ['sha512', 'allowlist-only', 'tree, allowlist-only, sha512'],
    ['sha256', 'keep-user-xattrs', 'tree, keep-user-xattrs, sha256'],
  ];
  return views.map(([hash, view, what]) => ({
    what,
    by: 'Python tarfile',
    ours: () => subject.tree(hash, view),
    theirs: () =>
      answer(async () => {
        const { path, seconds } = await subject.pythonTree(hash, view);
        return { text: textOf(path), seconds };
      }),
  }));
}

/** composefs-rs goes the whole way from the layout to the digest; and from Python's tree to it. */
function byComposefsRs(subject: Subject, { path, name }: OptionalTool): Check[] {
  const { scratch, processes } = subject;
  const cfsctl = path ?? '';
  const skip = path === undefined ? { skip: 'no cfsctl: npm run peers -- composefs-rs' } : {};
  const repository = (hash: Hash) => ['--insecure', '--repo', join(scratch, `repository-${hash}`)];
  const pull = (hash: Hash) =>
    subject.once(`pull ${hash}`, async () => {
      const how = ['--insecure', '--algorithm', algorithm(hash), '--erofs-version', '1'];
      await processes.run(cfsctl, 'init', ...how, join(scratch, `repository-${hash}`));
      return (await processes.run(cfsctl, ...repository(hash), 'oci', 'pull', subject.image, 'image'))
        .seconds;
    });
  const digest = (hash: Hash, view: View): Check => ({
    what: `digest of the image, ${view}, ${hash}`,
    by: name,
    ...skip,
    ours: () => subject.digest(hash, view),
    theirs: () =>
      answer(async () => {
        const pulled = await pull(hash);
        const how = [...repository(hash), '--erofs-version', '1', 'oci', 'compute-id', '--xattrs', view];
        const { stdout, seconds } = await processes.run(cfsctl, ...how, 'image');
        return { text: stdout, seconds: pulled + seconds };
      }),
  });
  return [
    digest('sha512', 'allowlist-only'),
    digest('sha256', 'allowlist-only'),
    digest('sha256', 'keep-user-xattrs'),
    {
      what: 'digest of the tree by Python, allowlist-only, sha256',
      by: name,
      ...skip,
      ours: () => subject.digest('sha256', 'allowlist-only'),
      theirs: () => mkcomposefs(subject, [cfsctl, 'mkcomposefs'], 'allowlist-only'),
    },
  ];
}

/** The C implementation makes the image of Python's tree; others look at ours. */
function byC(subject: Subject): Check[] {
  const { processes } = subject;
  const digest = (view: View): Check => ({
    what: `digest of the tree by Python, ${view}, sha256`,
    by: versioned('mkcomposefs'),
    ours: () => subject.digest('sha256', view),
    theirs: () => mkcomposefs(subject, [program('mkcomposefs')], view),
  });
  const measured = (hash: Hash): Check => ({
    what: `digest of the file with the image, ${hash}`,
    by: versioned('fsverity'),
    ours: () => subject.mkfs(hash),
    theirs: () =>
      answer(async () => {
        await subject.mkfs(hash);
        const how = ['digest', '--compact', `--hash-alg=${hash}`];
        const { stdout, seconds } = await processes.run(program('fsverity'), ...how, subject.erofs(hash));
        return { text: stdout, seconds };
      }),
  });
  return [
    digest('allowlist-only'),
    digest('keep-user-xattrs'),
    measured('sha512'),
    measured('sha256'),
    {
      what: 'image without faults',
      by: versioned('fsck.erofs'),
      ours: async () => ({ kind: 'says', text: 'sound', seconds: (await subject.mkfs('sha512')).seconds }),
      theirs: () =>
        answer(async () => {
          await subject.mkfs('sha512');
          const { seconds } = await processes.run(program('fsck.erofs'), subject.erofs('sha512'));
          return { text: 'sound', seconds };
        }),
    },
    {
      what: 'tree, read back from the image, sha512',
      by: 'composefs-oci dump',
      ours: () => subject.tree('sha512', 'allowlist-only'),
      theirs: async () => {
        await subject.mkfs('sha512');
        return subject.dump('sha512');
      },
    },
  ];
}

/** What a mkcomposefs says about the tree as Python reads it: nothing of the reference has a part in that. */
function mkcomposefs(
  subject: Subject,
  [command = '', ...first]: readonly string[],
  view: View,
): Promise<Answer> {
  return answer(async () => {
    const { path } = await subject.pythonTree('sha256', view);
    const how = ['--from-file', '--min-version=1', '--max-version=1', '--print-digest-only'];
    const { stdout, seconds } = await subject.processes.run(command, ...first, ...how, path);
    return { text: stdout, seconds };
  });
}

/** skopeo copies the image in other forms: its digest stays. */
function copies(subject: Subject, { path, name }: OptionalTool): Check[] {
  const { scratch, image, processes } = subject;
  const at = (folder: string) => join(scratch, folder);
  const copy = async (...args: string[]) => {
    await processes.run(path ?? '', 'copy', '--quiet', ...args);
  };
  const check = (what: string, layers: RegExp, folder: string, make: () => Promise<void>): Check => ({
    what: `digest of a copy ${what}, sha512`,
    by: name,
    ...(path === undefined && { skip: 'no skopeo: apt install skopeo' }),
    ours: () => subject.digest('sha512'),
    theirs: async () => {
      const made = await answer(async () => {
        await make();
        mustBe(layers, at(folder));
        return { text: '', seconds: 0 };
      });
      return made.kind === 'says'
        ? subject.digest('sha512', 'allowlist-only', `oci:${at(folder)}:latest`)
        : made;
    },
  });
  return [
    check('with zstd', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+zstd$/, 'zstd', () =>
      copy('--dest-compress', '--dest-compress-format', 'zstd', image, `oci:${at('zstd')}:latest`),
    ),
    check('without compression', /^application\/vnd\.oci\.image\.layer\.v1\.tar$/, 'plain', async () => {
      await copy('--dest-decompress', image, `dir:${at('plain-dir')}`);
      const target = `oci:${at('plain')}:latest`;
      await copy('--dest-oci-accept-uncompressed-layers', `dir:${at('plain-dir')}`, target);
      rmSync(at('plain-dir'), { recursive: true });
    }),
    check(
      'as Docker schema 2',
      /^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip$/,
      'docker',
      async () => {
        mkdirSync(at('docker-dir'));
        await copy('--format', 'v2s2', image, `dir:${at('docker-dir')}`);
        layoutOfDir(at('docker-dir'), at('docker'));
      },
    ),
    check('as it is', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip$/, 'oci', () =>
      copy(image, `oci:${at('oci')}:latest`),
    ),
  ];
}

/** A copy that is not of the form that was asked for would show nothing. */
function mustBe(pattern: RegExp, layout: string): void {
  const other = readImage(layout).layers.find(({ mediaType }) => !pattern.test(mediaType));
  if (other !== undefined) throw new Failed('skopeo', `the copy has a layer of type ${other.mediaType}`, 0);
}

function program(peer: Peer): string {
  return peerPath(peer) ?? peer;
}

function versioned(peer: Peer): string {
  return `${peer} ${peerVersion(peer) ?? ''}`.trimEnd();
}
