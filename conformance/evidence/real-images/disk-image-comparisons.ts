/**
 * The comparisons of the disk image of a real image: written twice, read back, and checked by the programs that check
 * the disk images of the vectors.
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKeys } from '../../generate/builder/test-keys.ts';
import { type DiskImageChecker, diskImageCheckers } from '../external-checks/disk-images.ts';
import { CannotAnswer, type PlannedComparison, type ToolAnswer } from './comparison.ts';
import type { ImageUnderTest, SignerFiles } from './image-under-test.ts';

/** What a program says that finds nothing wrong. */
const SOUND = 'sound';

/** The comparisons of the disk image, which is signed with a test key. */
export function diskImageComparisons(image: ImageUnderTest): PlannedComparison[] {
  const paths = pathsIn(image.scratch);
  const signer = (): Promise<SignerFiles> => image.once('signer', async () => writtenSigner(paths.folder));
  const written = async (path: string) => image.writeDiskImage(path, await signer());
  return [
    {
      what: 'disk image, written again',
      by: 'composefs-oci ddi',
      ours: async () => sumOf(paths.disk, await written(paths.disk)),
      theirs: async () => sumOf(paths.again, await written(paths.again)),
    },
    {
      what: 'image, read back from the disk image',
      by: 'composefs-oci ddi --verify',
      ours: async () => sumOf(image.erofs('sha512'), await written(paths.disk)),
      theirs: async () => {
        const answer = await written(paths.disk);
        if (answer.kind === 'fails') return answer;
        return sumOf(paths.restored, await image.readDiskImage(paths.disk, paths.restored, await signer()));
      },
    },
    ...diskImageCheckers().map(checker => ({
      what: `${checker.what}, sound`,
      by: checker.checker,
      ours: async () => sound(await written(paths.disk)),
      theirs: async () => {
        const answer = await written(paths.disk);
        if (answer.kind === 'fails') return answer;
        const facts = {
          disk: readFileSync(paths.disk),
          image: readFileSync(image.erofs('sha512')),
          rootHash: answer.text,
          certificate: testKeys.rsa.certificate,
        };
        return checked(checker, facts, paths.folder);
      },
    })),
  ];
}

function pathsIn(scratch: string) {
  const folder = join(scratch, 'disk-image');
  const at = (name: string) => join(folder, name);
  return { folder, disk: at('first.raw'), again: at('second.raw'), restored: at('restored.erofs') };
}

function writtenSigner(folder: string): SignerFiles {
  mkdirSync(folder);
  const files = { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem') };
  writeFileSync(files.key, testKeys.rsa.key);
  writeFileSync(files.certificate, testKeys.rsa.certificate);
  return files;
}

/** The SHA-256 of the file that a command wrote, instead of what the command said. */
function sumOf(path: string, answer: ToolAnswer): ToolAnswer {
  if (answer.kind === 'fails') return answer;
  return { ...answer, text: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

function sound(answer: ToolAnswer): ToolAnswer {
  return answer.kind === 'says' ? { ...answer, text: SOUND } : answer;
}

/** What a checker says. Throws {@link CannotAnswer} without its program. */
function checked(
  { check }: DiskImageChecker,
  facts: Parameters<DiskImageChecker['check']>[0],
  folder: string,
): ToolAnswer {
  const started = performance.now();
  const result = check(facts, folder);
  const seconds = (performance.now() - started) / 1000;
  if (result.status === 'skip') throw new CannotAnswer(result.why);
  return result.status === 'pass'
    ? { kind: 'says', text: SOUND, seconds }
    : { kind: 'fails', why: result.why, seconds };
}
