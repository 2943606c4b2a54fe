import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownTreeDifferences } from '../../generate/random-trees/known-differences.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { knownDifferencesOf } from './classify.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/evidence/fuzz/main.js');
const reference = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'dist', path)));

/** An adapter that only computes digests. */
const digester = `exec ${process.execPath} ${join(packageRoot, 'conformance/runner/test-adapters/late-duplicate.mjs')}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An adapter that writes the images of the reference, changed by the code `damage`. */
function adapter(name: string, damage: string): string {
  const path = join(folder, `${name}.mjs`);
  const program = `
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDumpfile } from ${reference('reference/dumpfile/parse.js')};
import { writeErofs } from ${reference('reference/erofs/write.js')};
import { fsverityDigest } from ${reference('reference/fsverity/digest.js')};
const algorithm = 'fsverity-sha256-12';
const send = message => console.log(JSON.stringify(message));
const write = ({ id, input, outDir, params }) => {
  const done = { type: 'done', id };
  const text = readFileSync(input.dumpfile);
  let image;
  try {
    image = Buffer.concat([...writeErofs(parseDumpfile(text), { format: params.format, algorithm })]);
  } catch ({ stage, code }) {
    return send({ ...done, status: 'rejected', stage, reason: code });
  }
  const lines = text.toString('latin1');
  let digest;
  ${damage}
  digest ??= Buffer.from(fsverityDigest(image, algorithm)).toString('hex');
  writeFileSync(outDir + '/image', image);
  send({ ...done, status: 'ok', values: { digest }, files: { image: 'image' } });
};
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === 'hello') {
    send({
      type: 'hello', protocol: 1, implementation: { name: ${JSON.stringify(name)}, version: '1' }, specVersions: ['1.0'],
      operations: ['erofs.write'], features: ['format.v1', 'digest.sha256-12'],
    });
  } else if (message.type === 'run') write(message);
  else process.exit(0);
}
`;
  writeFileSync(path, program);
  return `exec ${process.execPath} ${path}`;
}

/** An adapter that builds the trees of the reference, with dumpfile lines changed by the code `damage`. */
function builder(name: string, damage: string): string {
  const path = join(folder, `${name}.mjs`);
  const program = `
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const child = spawn(process.execPath, [${JSON.stringify(join(packageRoot, 'dist/reference/cli/main.js'))}, 'adapter']);
let outDir;
createInterface({ input: process.stdin }).on('line', line => {
  outDir = JSON.parse(line).outDir;
  child.stdin.write(line + '\\n');
});
createInterface({ input: child.stdout }).on('line', line => {
  const message = JSON.parse(line);
  if (message.type === 'hello') message.implementation = { name: ${JSON.stringify(name)}, version: '1' };
  if (message.status === 'ok') {
    const file = outDir + '/' + message.files.dumpfile;
    let lines = readFileSync(file, 'latin1');
    ${damage}
    writeFileSync(file, lines, 'latin1');
  }
  console.log(JSON.stringify(message));
});
child.on('exit', code => process.exit(code));
`;
  writeFileSync(path, program);
  return `exec ${process.execPath} ${path}`;
}

function fuzz(...args: string[]) {
  // A separate temporary folder, so that files left behind are not confused with those of other tests.
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    // Nothing is installed in an empty cache.
    env: { ...process.env, TMPDIR: temporary, XDG_CACHE_HOME: join(folder, 'cache') },
  });
  return { status, stdout, stderr, left: readdirSync(temporary) };
}

describe('npm run fuzz', { timeout: 120_000 }, () => {
  it('finds no difference in an equal implementation, and says how to repeat the run', () => {
    const result = fuzz('--impl', adapter('honest', ''), '--count', '40', '--seed', '5', '--jobs', '1');
    expect(result).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('40 trees compared: 40 the same'),
    });
    expect(result.stdout).toContain('--stream all --seed 5 --count 40\n');
  });

  it('shrinks a tree with a difference, and names the field that differs', () => {
    const impl = adapter(
      'counts',
      `if (/ 120[0-7]{3} 2 /.test(lines)) image[image.readUInt16LE(1038) * 32 + 6] ^= 1;`,
    );
    const { status, stdout } = fuzz('--impl', impl, '--count', '200', '--seed', '0', '--most', '1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^DIFFERENCE in the tree of seed \d+, shrunk from \d+ names to 2:$/m);
    expect(stdout).toMatch(
      /^ {2}\| \/ 0 40644 2 0 0 0 0\.0 - - -\n {2}\| \/a 1 120644 2 0 0 0 0\.0 t - -\n {2}\| \/b 0 @120644 - - - - 0\.0 \/a - -$/m,
    );
    expect(stdout).toMatch(/^ {2}image @0x486: inode 0 \/, i_nlink: expected 2, got 3 \(EROFS-\d+\)$/m);
    expect(stdout).toMatch(/^ {2}again: npm run fuzz -- --impl '.*' --stream all --seed \d+ --count 1$/m);
  });

  it.each([
    [
      'rejected, expected it to be accepted: erofs EROFS_LIMIT',
      `if (/user\\.a=/.test(lines)) return send({ ...done, status: 'rejected', stage: 'erofs', reason: 'EROFS_LIMIT' });`,
    ],
    ['digest of the image: expected', `if (/user\\.a=/.test(lines)) digest = '00'.repeat(32);`],
    ['crash: the adapter exited with code 7', `if (/user\\.a=/.test(lines)) process.exit(7);`],
    [
      'error: nothing',
      `if (/user\\.a=/.test(lines)) return send({ ...done, status: 'error', message: 'nothing' });`,
    ],
  ])('reports other failures: %s', (text, damage) => {
    const impl = adapter('fails', damage);
    const { status, stdout, left } = fuzz(
      '--impl',
      impl,
      '--count',
      '60',
      '--seed',
      '0',
      '--most',
      '1',
      '--jobs',
      '1',
    );
    expect(stdout).toContain(` user.a=\n  ${text}`);
    expect({ status, left }).toEqual({ status: 1, left: [] });
  });

  it('finds no difference in the trees of layers of an equal implementation', () => {
    const impl = builder('builds', '');
    const { status, stdout } = fuzz('--area', 'layers', '--impl', impl, '--count', '40', '--seed', '5');
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^40 layer sets compared: 40 the same.*\n {2}\d+ of these are rejected by both$/m,
      ),
    });
    expect(stdout).toContain('--area layers --stream all --seed 5 --count 40\n');
  });

  it('shrinks layers with a difference, shows each entry, and writes the layers', () => {
    const impl = builder('counts-links', `lines = lines.replace(/( 10[0-7]{4}) 2 /, '$1 1 ');`);
    const out = join(folder, 'out');
    const args = ['--count', '200', '--seed', '0', '--most', '1', '--jobs', '1', '--out', out];
    const { status, stdout } = fuzz('--area', 'layers', '--impl', impl, ...args);
    expect(status).toBe(1);
    const seed = /^DIFFERENCE in the layers of seed (\d+), shrunk from \d+ entries to 2:$/m.exec(stdout)?.[1];
    expect(stdout).toContain(
      [
        '  | role merged, xattrs allowlist-only',
        '  | layer 0',
        '  |   ustar file a 0644 0:0 0',
        '  |   ustar link b -> a 0644 0:0 0',
        '  dumpfile: line 2 /a, NLINK: expected "2", got "1"',
      ].join('\n'),
    );
    expect(stdout).toContain(`--area layers --stream all --seed ${seed} --count 1\n`);
    expect(readdirSync(out)).toEqual([seed]);
    expect(readdirSync(join(out, String(seed)))).toEqual(['layer-0.tar']);
  });

  it('compares labels, and says so if libselinux was not asked', () => {
    const impl = builder('labels', '');
    const { status, stdout, left } = fuzz(
      '--area',
      'selinux',
      '--impl',
      impl,
      '--count',
      '20',
      '--seed',
      '5',
    );
    expect({ status, left }).toEqual({ status: 0, left: [] });
    expect(stdout).toMatch(/^20 policies compared: 20 the same/m);
    expect(stdout).toMatch(/^ {2}libselinux was NOT asked: npm run peers -- libselinux$/m);
    expect(stdout).toContain('--area selinux --stream all --seed 5 --count 20\n');
  });

  it('lets every implementation differ where the standard leaves a choice', () => {
    const reject = `if (lines.split('\\n').some(line => / 100[0-7]{3} /.test(line) && +line.split(' ')[1] > 512 && line.split(' ')[9] !== '-')) return send({ ...done, status: 'rejected', stage: 'dumpfile' });`;
    const { status, stdout } = fuzz('--impl', adapter('short', reject), '--count', '30', '--seed', '0');
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/long-content: \d+ trees/),
    });
  });

  it.each([
    ['--against or --impl is required', []],
    ["'--count <n>' argument 'many' is invalid", ['--count', 'many']],
    ['Allowed choices are reference', ['--against', 'nobody']],
    ['cannot be used with', ['--against', 'reference', '--impl', 'x']],
    [
      '--format cannot be used with --area layers',
      ['--against', 'reference', '--area', 'layers', '--format', 'v1'],
    ],
    [
      '--format cannot be used with --area selinux',
      ['--against', 'reference', '--area', 'selinux', '--format', 'v1'],
    ],
  ])('rejects a wrong command line: %s', (text, args) => {
    expect(fuzz(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(text) });
  });

  it.each([
    ['the adapter exited with code 127 before it sent hello', './no-such-adapter'],
    ['hello does not declare the operation erofs.write', digester],
    ['hello does not declare the operation layers.tree', digester, '--area', 'layers'],
    ['hello does not declare the operation layers.tree', digester, '--area', 'selinux'],
  ])('cannot start: %s', (text, impl, ...args) => {
    expect(fuzz('--impl', impl, '--count', '1', ...args)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(text),
    });
  });

  it('explains its options in --help', () => {
    const { status, stdout } = fuzz('--help');
    expect(status).toBe(0);
    for (const text of ['--against <name>', 'Examples:', 'Exit code:']) expect(stdout).toContain(text);
  });
});

it('selects the known differences of an implementation by its name', () => {
  const names = (implementation: string) =>
    knownDifferencesOf(knownTreeDifferences, implementation).map(list => list.map(({ name }) => name));
  expect(names('mkcomposefs')).toEqual([
    ['whiteout-linked', 'whiteout-marks-replaced'],
    ['whiteout-linked', 'whiteout-marks-replaced', 'long-content'],
  ]);
  expect(names('mine')).toEqual([[], ['long-content']]);
  expect(names('composefs-rs')[0]).toContain('more-than-128-shared');
});
