import { expect, test } from 'vitest';
import { failureOutcome } from './composefs-rs-messages.ts';

const importing = (...causes: readonly string[]) =>
  `Error: Importing OCI layout from /l\n\nCaused by:\n${causes.map((cause, i) => `    ${i}: ${cause}\n`).join('')}`;
const layer = 'Failed to import layer sha256:00';

test.each<[string, string]>([
  ['compression', importing(layer, 'Invalid gzip header')],
  ['compression', importing(layer, 'zstd stream did not finish')],
  ['tar', importing(layer, 'header error: checksum mismatch: expected 1, computed 2')],
  ['tar', importing(layer, 'unexpected EOF in tar stream')],
  ['tar', 'Error: Unexpected EOF in splitstream\n'],
  ['tar', 'Error: Processing tar entry\n\nCaused by:\n    Invalid filename "/d/.."\n'],
  ['merge', 'Error: Processing tar entry\n\nCaused by:\n    Directory entry "a" does not exist\n'],
  ['image', importing('Resolving manifest for platform', "Tag 'x' not found in image index")],
  ['image', importing('Failed to import image content', 'Opening layer blob sha256:00', 'i/o error')],
  [
    'image',
    'Error: Importing OCI layout from /l\n\nCaused by:\n    Cannot find the Image Index (index.json)\n',
  ],
  [
    'image',
    "Error: Opening stream ''\n\nCaused by:\n    0: Creating new splitstream reader\n    1: Invalid splitstream content type\n",
  ],
  ['transform', 'Error: Directory entry "usr" does not exist\n'],
  ['transform', 'Error: Applying SELinux labels to filesystem\n\nCaused by:\n    no\n'],
  [
    'transform',
    'Error: Applying SELinux labels to filesystem\n\nCaused by:\n    0: Building SELinux policy\n    1: Invalid filename "."\n',
  ],
  ['erofs', 'Error: Committing filesystem as EROFS images\n\nCaused by:\n    invalid composefs filesystem\n'],
])('a rejection in stage %s (%#)', (stage, stderr) => {
  expect(failureOutcome({ code: 1, stdout: '', stderr })).toMatchObject({ status: 'rejected', stage });
});

test.each([
  importing('Opening OCI layout directory /l', 'No such file or directory (os error 2)'),
  importing(layer, 'No space left on device (os error 28)'),
  'Error: Permission denied\n',
])('an error is not a rejection (%#)', stderr => {
  expect(failureOutcome({ code: 1, stdout: '', stderr })).toMatchObject({ status: 'error' });
});

test('an exit code other than 1 is not a rejection', () => {
  const stderr = 'Error: Directory entry "usr" does not exist\n';
  expect(failureOutcome({ code: 2, stdout: '', stderr })).toMatchObject({ status: 'error' });
});
