/**
 * Random command lines for `composefs-oci`, in a folder with a few inputs.
 * @module
 */

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComposefsError } from '../../../reference/errors.ts';
import { algorithms } from '../../../reference/fsverity/algorithm.ts';
import type { RandomBytes } from '../../generate/random-trees/random-bytes.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { mutated } from './mutate.ts';
import type { Surroundings } from './target.ts';

const program = join(packageRoot, 'dist/reference/cli/main.js');

const commands = [
  ...[
    'digest',
    'tree',
    'mkfs',
    'dump',
    'inspect',
    'fsck',
    'fsverity',
    'seal',
    'verify',
    'chunked',
    'ddi',
    'lint',
    'adapter',
  ],
  ...['help', '--help', '--version', 'nothing', ''],
];
const options = [
  ...['--role', '--transform', '--xattrs', '--platform', '--max-expansion', '--max-size', '--algorithm'],
  ...['--format', '--json', '--output', '--salt', '--path', '--mode', '--sign', '--cert', '--replace'],
  ...[
    '--convert',
    '--manifest-digest',
    '--require-signature',
    '--verify',
    '--cmdline',
    '--help',
    '--nothing',
    '--',
    '-',
  ],
];
const values = [
  ...[
    'merged',
    'merged.bootable',
    'layer',
    'oci',
    'none',
    'keep-user-xattrs',
    'linux/amd64',
    'linux',
    '/',
    '0',
  ],
  ...['1', '-1', '1e9', '99999999999999999999', ...algorithms, 'v0', 'v2', 'inline', 'artifact', '00', 'xyz'],
  ...[
    'layout',
    'oci:layout',
    'oci:layout:latest',
    'oci:out',
    'oci:out:a b',
    'oci:',
    'oci:image',
    'oci:.',
    'image',
  ],
  ...[
    'dumpfile',
    'pem',
    'out',
    'out/x',
    '.',
    '/dev/null',
    '',
    'docker://x',
    'a\nb',
    'ä',
    '\ufffd',
    '__proto__',
  ],
];

/** The exit codes of acceptance, a rejection, a wrong command line, and writing that fails. */
const allowed = new Set([0, 1, 2, 74]);
/** More than the longest message; help is on stdout. */
const STDERR_MAX = 20_000;

/** Runs a random command line. Throws a rejection if the command rejects something, and an error for a fault. */
export async function runCommand(random: RandomBytes, { seeds, folder }: Surroundings): Promise<void> {
  const files = {
    image: mutated(random.pick(seeds.images), random.pick(seeds.images), random),
    dumpfile: random.pick(seeds.dumpfiles),
    pem: random.pick(seeds.pems),
    ...Object.fromEntries([...random.pick(seeds.layouts)].map(([name, bytes]) => [`layout/${name}`, bytes])),
  };
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  const words = Array.from({ length: random.below(8) }, () => word(random));
  const line = [random.pick(commands), ...words];
  const { code, stderr } = await ended(line, folder);
  const shown = `exit code ${code}, ${JSON.stringify(stderr.slice(0, 1000))}: ${JSON.stringify(line)}`;
  if (
    code === null ||
    !allowed.has(code) ||
    /^internal error|^ {4}at /m.test(stderr) ||
    stderr.length > STDERR_MAX
  )
    throw new Error(shown);
  if (code !== 0) throw new ComposefsError('REQUEST_FILE', shown);
}

function word(random: RandomBytes): string {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return random.pick(options);
    case 3:
      return `${random.pick(options)}=${random.pick(values)}`;
    case 4:
      return random.pick(values).repeat(1 + random.below(50));
    default:
      return random.pick(values);
  }
}

function ended(
  words: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('latin1').on('data', text => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', code => resolve({ code, stderr }));
  });
}
