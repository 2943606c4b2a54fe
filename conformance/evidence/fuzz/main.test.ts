import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownDifferences } from '../../generate/random-trees/known-differences.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { knownPoints } from './compare.ts';

// `npm test` builds before it tests.
const main = join(packageRoot, 'dist/conformance/evidence/fuzz/main.js');
const reference = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'dist', path)));

/** An adapter that only tells digests. */
const digester = `exec ${process.execPath} ${join(packageRoot, 'conformance/runner/test-adapters/late-duplicate.mjs')}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An adapter that writes what the reference writes, but for what `damage` does to the image of a tree. */
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

/** An adapter that builds the trees that the reference builds, but for what `damage` does to the lines of one. */
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
  // A folder of its own for what it writes, since other tests have theirs beside it.
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: temporary },
  });
  return { status, stdout, stderr, left: readdirSync(temporary) };
}

describe('npm run fuzz', { timeout: 120_000 }, () => {
  it('finds nothing where nothing is, and says how to repeat it', () => {
    const result = fuzz('--impl', adapter('honest', ''), '--count', '40', '--seed', '5', '--jobs', '1');
    expect(result).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('40 trees compared: 40 the same'),
    });
    expect(result.stdout).toContain('--stream all --seed 5 --count 40\n');
  });

  it('makes a difference small, and says which field it is', () => {
    const impl = adapter(
      'counts',
      `if (/ 120[0-7]{3} 2 /.test(lines)) image[image.readUInt16LE(1038) * 32 + 6] ^= 1;`,
    );
    const { status, stdout } = fuzz('--impl', impl, '--count', '200', '--seed', '0', '--most', '1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^DIFFERENCE in the tree of seed \d+, made small from \d+ names to 2:$/m);
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
  ])('tells other failures: %s', (text, damage) => {
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

  it('compares trees of layers, in which nothing is found where nothing is', () => {
    const impl = builder('builds', '');
    const { status, stdout } = fuzz('--area', 'layers', '--impl', impl, '--count', '40', '--seed', '5');
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^40 layer sets compared: 40 the same.*\n {2}\d+ of these are refused by both$/m,
      ),
    });
    expect(stdout).toContain('--area layers --stream all --seed 5 --count 40\n');
  });

  it('makes layers small, shows each entry, and writes them', () => {
    const impl = builder('counts-links', `lines = lines.replace(/( 10[0-7]{4}) 2 /, '$1 1 ');`);
    const out = join(folder, 'out');
    const args = ['--count', '200', '--seed', '0', '--most', '1', '--jobs', '1', '--out', out];
    const { status, stdout } = fuzz('--area', 'layers', '--impl', impl, ...args);
    expect(status).toBe(1);
    const seed = /^DIFFERENCE in the layers of seed (\d+), made small from \d+ entries to 2:$/m.exec(
      stdout,
    )?.[1];
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

  it('leaves to anybody what the standard leaves open', () => {
    const refuse = `if (lines.split('\\n').some(line => / 100[0-7]{3} /.test(line) && +line.split(' ')[1] > 512 && line.split(' ')[9] !== '-')) return send({ ...done, status: 'rejected', stage: 'dumpfile' });`;
    const { status, stdout } = fuzz('--impl', adapter('short', refuse), '--count', '30', '--seed', '0');
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/long-content: \d+ trees/),
    });
  });

  it.each([
    ['one of --against and --impl is needed', []],
    ["'--count <n>' argument 'many' is invalid", ['--count', 'many']],
    ['Allowed choices are reference', ['--against', 'nobody']],
    ['cannot be used with', ['--against', 'reference', '--impl', 'x']],
    ['layers have no --format', ['--against', 'reference', '--area', 'layers', '--format', 'v1']],
  ])('is used wrongly: %s', (text, args) => {
    expect(fuzz(...args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(text) });
  });

  it.each([
    ['the adapter exited with code 127 before it sent hello', './no-such-adapter'],
    ['hello does not declare the operation erofs.write', digester],
    ['hello does not declare the operation layers.tree', digester, '--area', 'layers'],
  ])('can not start: %s', (text, impl, ...args) => {
    expect(fuzz('--impl', impl, '--count', '1', ...args)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(text),
    });
  });

  it('teaches itself', () => {
    const { status, stdout } = fuzz('--help');
    expect(status).toBe(0);
    for (const text of ['--against <name>', 'Examples:', 'Exit code:']) expect(stdout).toContain(text);
  });
});

it('knows the points of an implementation by its name', () => {
  const points = (name: string) =>
    knownPoints(knownDifferences, name).map(list => list.map(point => point.name));
  expect(points('mkcomposefs')).toEqual([
    ['whiteout-linked', 'whiteout-marks-replaced'],
    ['whiteout-linked', 'whiteout-marks-replaced', 'long-content'],
  ]);
  expect(points('mine')).toEqual([[], ['long-content']]);
  expect(points('composefs-rs')[0]).toContain('more-than-128-shared');
});
