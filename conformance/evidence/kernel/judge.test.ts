import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../runner/run/tiny-suite.test.helper.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { checkInputsOf } from '../external-checks/check-inputs.ts';
import { readDumpfileTree } from '../external-checks/dumpfile-tree.ts';
import { type ListedEntry, mountedListing, overlayListing } from '../external-checks/expected-listing.ts';
import type { SeenEntry } from '../external-checks/listing-difference.ts';
import { accessChecks } from './access.ts';
import { artifactSignatureChecks } from './artifact-signatures.ts';
import { type Finding, judgeAll, type KernelCheck } from './check.ts';
import { findingsOf } from './checks.ts';
import { diskImageChecks } from './disk-images.ts';
import type { ImageInput } from './image-inputs.ts';
import { imageCheck } from './images.ts';
import type { ImageResult, JobAnswer, Listed, Results } from './jobs.ts';
import { signatureChecks } from './signatures.ts';
import { tamperingChecks } from './tampering.ts';

const suite = readSuite(join(packageRoot, 'vectors'));
const folder = temporaryFolder();
afterAll(folder.remove);

function answer(result: Results[keyof Results], log: readonly string[] = []): JobAnswer {
  return { result, log };
}

/** What a kernel that does everything right shows of `entries`. */
function listed(entries: readonly (ListedEntry | { path: string; errno: string })[]): Listed {
  const seen = entries.map(entry => {
    if ('errno' in entry) return entry;
    return { ...entry, xattrs: Object.fromEntries(entry.xattrs) } as SeenEntry;
  });
  return { entries: seen, absent: [] };
}

describe('the check of an image', () => {
  const found = checkInputsOf(suite).trees.find(({ test: { id } }) => id === 'erofs/hardlink');
  if (found === undefined) throw new Error('the case erofs/hardlink is missing');
  const digest = 'b55cbb3d60492ed4398a10ccfe0956b525bb17901e63b7e48a0a6bf8a67d2912';
  const input: ImageInput = {
    test: found.test,
    image: readFileSync(found.image),
    dumpfile: readFileSync(found.dumpfile),
    format: found.format,
    algorithm: 'fsverity-sha256-12',
    digest,
    contents: undefined,
  };
  const entries = mountedListing(readDumpfileTree(input.dumpfile), input.format);
  const right = {
    digest: { ok: digest },
    how: 'file',
    mounted: { ok: listed(entries) },
    overlay: { ok: listed(overlayListing(entries)) },
  } as const satisfies ImageResult;
  const mounted = (change: Partial<Listed>) => ({
    ...right,
    mounted: { ok: { ...right.mounted.ok, ...change } },
  });
  let check: KernelCheck;
  beforeAll(() => {
    check = imageCheck(input, 'hardlink', folder.path);
  });
  const status = (result: ImageResult, log: readonly string[] = []) =>
    check.judge([answer(result, log)])[0]?.result?.status;

  test('passes if everything is as expected', () => {
    expect(status(right, ['erofs: (device erofs): mounted with root inode @ nid 36.', 'hrtimer: slow'])).toBe(
      'pass',
    );
  });

  test('passes if this kernel cannot mount overlayfs with verity=require', () => {
    expect(status({ ...right, overlay: { unavailable: 'old' } })).toBe('pass');
  });

  test.each<[string, ImageResult]>([
    ['a different digest', { ...right, digest: { ok: digest.replace('b', 'c') } }],
    ['an error of fs-verity', { ...right, digest: { errno: 'EIO' } }],
    ['no mount', { digest: right.digest, error: 'EUCLEAN' }],
    ['a missing entry', mounted({ entries: right.mounted.ok.entries.slice(0, -1) })],
    ['a name that is not in the directory', mounted({ absent: [['/', 'x', 'found']] })],
    ['an error of the listing', { ...right, mounted: { errno: 'EIO' } }],
    ['a missing entry in overlayfs', { ...right, overlay: { ok: { ...right.overlay.ok, entries: [] } } }],
  ])('fails with %s', (_, result) => {
    expect(status(result)).toBe('fail');
  });

  test('fails with a message about the image', () => {
    expect(status(right, ['erofs: (device erofs): erofs_readdir: bogus dirent'])).toBe('fail');
  });

  test('is not counted as passed if the kernel stopped before it', () => {
    expect(judgeAll([check], []).map(({ result }) => result?.status)).toEqual(['skip']);
  });

  test('stops if the program of the guest failed', () => {
    expect(() => judgeAll([check], [{ failed: 'Traceback', log: [] }])).toThrow('Traceback');
  });

  test('a known difference is a failure if it is not met', () => {
    const known = {
      ...check,
      judge: () => [{ ...check.unanswered[0], result: { status: 'pass' }, observed: '' } as Finding],
    };
    const renamed = {
      ...known,
      judge: () => known.judge().map(each => ({ ...each, name: 'erofs/read-reserved' })),
    };
    const status = (release: string) =>
      findingsOf([renamed], { release, answers: [answer(right)] })[0]?.result?.status;
    expect([status('6.12.1'), status('7.2.1')]).toEqual(['fail', 'pass']);
  });
});

describe('the check of an image with whiteouts', () => {
  const found = checkInputsOf(suite).trees.find(({ test: { id } }) => id === 'erofs/whiteouts');
  if (found === undefined) throw new Error('the case erofs/whiteouts is missing');
  const dumpfile = readFileSync(found.dumpfile);
  const entries = mountedListing(readDumpfileTree(dumpfile), found.format);
  const digest = 'f129d44df4a999616a06543e69a58cbdbc6ba9c76488c4048fe2081b81197dcb';
  const check = imageCheck(
    {
      test: found.test,
      image: readFileSync(found.image),
      dumpfile,
      format: found.format,
      algorithm: 'fsverity-sha256-12',
      digest,
      contents: undefined,
    },
    'whiteouts',
    folder.path,
  );
  const status = (below: readonly string[], belowUser: readonly string[]) => {
    const overlay = { ok: { ...listed(overlayListing(entries)), below, belowUser } };
    const result: ImageResult = { digest: { ok: digest }, mounted: { ok: listed(entries) }, overlay };
    return check.judge([answer(result)])[0]?.result?.status;
  };
  const visible = ['/below', '/d/below'];

  test('passes if a file is visible in each directory, and none at a whiteout', () => {
    const [job] = check.jobs;
    expect(job?.kind === 'image' && job.below).toEqual(expect.arrayContaining(['/below']));
    expect(status(visible, visible)).toBe('pass');
  });

  test('fails if a whiteout hides nothing, or a directory hides a file', () => {
    const [job] = check.jobs;
    const all = job?.kind === 'image' ? (job.below ?? []) : [];
    expect(status(all, visible)).toBe('fail');
    expect(status(visible, all)).toBe('fail');
    expect(status([], visible)).toBe('fail');
  });
});

/** The findings if each job is answered by `result`. */
function judged(
  check: KernelCheck | undefined,
  result: (kind: string) => Results[keyof Results],
): readonly Finding[] {
  if (check === undefined) throw new Error('the check is missing');
  return check.judge(check.jobs.map(({ kind }) => answer(result(kind))));
}

function statuses(findings: readonly Finding[]): (string | undefined)[] {
  return findings.map(({ result }) => result?.status);
}

describe('the checks of tampering', () => {
  const blocks = (value: string) => ({ blocks: Array.from({ length: 300 }, () => value) });
  let checks: readonly KernelCheck[];
  beforeAll(() => {
    checks = tamperingChecks(folder.path).slice(1);
  });
  const named = (name: string) => checks.find(({ unanswered }) => unanswered[0]?.name === name);

  test('fail if a block of a wrong object is read, or a right one is not', () => {
    for (const [name, right, wrong] of [
      ['nothing, this is the right object', 'ok', 'EIO'],
      ['the object has no fs-verity', 'EIO', 'ok'],
      ['the object has no fs-verity; `verity=off`', 'ok', 'EIO'],
      ['a bit in each block of the object', 'EIO', 'ok'],
    ] as const) {
      const flips = (value: string) => (kind: string) =>
        kind === 'protect' ? { measured: {} } : kind === 'flip' ? {} : blocks(value);
      expect([name, statuses(judged(named(name), flips(right)))]).toEqual([name, ['pass']]);
      expect([name, statuses(judged(named(name), flips(wrong)))]).toEqual([name, ['fail']]);
    }
  });

  test('know which blocks a block of hashes covers', () => {
    const check = named('a bit in block 2 of the hashes of the object');
    const covered = (from: number, to: number) => ({
      blocks: Array.from({ length: 300 }, (_, i) => (i >= from && i < to ? 'EIO' : 'ok')),
    });
    expect(statuses(judged(check, () => covered(128, 256)))).toEqual(['pass']);
    expect(statuses(judged(check, () => covered(128, 255)))).toEqual(['fail']);
    expect(statuses(judged(check, () => covered(0, 256)))).toEqual(['fail']);
  });

  test('fail if an image with a changed block is listed, or the unchanged one is not', () => {
    const check = named('a bit in each block of the image');
    expect(statuses(judged(check, () => ({ mounted: { ok: { entries: [], absent: [] } } })))).toEqual([
      'fail',
    ]);
    expect(statuses(judged(check, () => ({ error: 'EIO' })))).toEqual(['fail']);
  });
});

describe('the checks of access', () => {
  test('fail if a user can open a file against its ACL, or an attribute differs', () => {
    const [, check] = accessChecks(folder.path);
    const [job] = check?.jobs ?? [];
    const seen = (opened: string) => {
      const paths = job?.kind === 'access' ? job.paths : [];
      return Object.fromEntries(paths.map(path => [path, { xattrs: {}, opened: [opened, opened, opened] }]));
    };
    for (const opened of ['ok', 'EACCES'])
      expect(statuses(judged(check, () => ({ erofs: seen(opened), overlay: seen(opened) })))).toEqual([
        'fail',
        'fail',
      ]);
    expect(statuses(judged(check, () => ({ erofs: seen('ok'), overlay: { unavailable: 'old' } })))).toEqual([
      'fail',
      'skip',
    ]);
  });
});

describe('the checks of signatures', () => {
  test('fail if a wrong signature is accepted, or a right one is not', async () => {
    const checks = await signatureChecks(suite, folder.path);
    const all = (enable: string) =>
      checks.flatMap(check =>
        statuses(judged(check, kind => (kind === 'trust' ? { ok: null } : { enable }))),
      );
    // Without the right digest, nothing is accepted.
    expect(all('ok')).toEqual([...Array(10).fill('fail'), undefined]);
    expect(all('EKEYREJECTED')).toEqual([...Array(5).fill('fail'), ...Array(5).fill('pass'), undefined]);
  });
});

describe('the checks of signatures in artifacts', () => {
  test('are about manifest, config and image, and fail if one is not accepted', async () => {
    const [check] = await artifactSignatureChecks(suite, folder.path);
    const signed = (check?.jobs ?? []).flatMap(job => (job.kind === 'sign' ? [job] : []));
    expect(signed).toHaveLength(3);
    for (const { file, signature } of signed)
      expect(readFileSync(join(folder.path, file))).not.toEqual(readFileSync(join(folder.path, signature)));
    const reject = (kind: string) => (kind === 'trust' ? { ok: null } : { enable: 'EKEYREJECTED' });
    expect(statuses(judged(check, reject))).toEqual(['fail']);
  });
});

describe('the checks of disk images', () => {
  test('fail if a changed block is read, or an unchanged one is not', () => {
    const [check] = diskImageChecks(suite, folder.path);
    if (check === undefined) throw new Error('there is no disk image');
    const image: ImageResult = { error: 'EUCLEAN' };
    const disk = (block: string) => ({ blocks: [block], mount: 'EUCLEAN' });
    const judge = (original: string, changed: string) =>
      check.judge(
        [image, disk(original), ...check.jobs.slice(2).map(() => disk(changed))].map(each => answer(each)),
      );
    expect(statuses(judge('ok', 'EIO'))).toEqual(['pass']);
    expect(statuses(judge('ok', 'ok'))).toEqual(['fail']);
    expect(statuses(judge('EIO', 'EIO'))).toEqual(['fail']);
  });
});
