import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../suite/case.ts';
import { packageRoot } from '../../suite/package-root.ts';
import { readSuite } from '../../suite/read-suite.ts';
import { temporaryFolder, testAdapter } from '../run/tiny-suite.test.helper.ts';
import { type CompleteAnswer, differenceOf } from './shrink-case.ts';
import { type InputPart, inputBytes, shrinkInput } from './shrink-input.ts';
import { shrunkId } from './write-vectors.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');
const part = (name: string, content: string, mediaType?: string): InputPart => ({
  name,
  bytes: Buffer.from(content, 'latin1'),
  ...(mediaType !== undefined && { mediaType }),
});

describe('shrinkInput', () => {
  it('leaves the lines and bytes that the difference needs', async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
    const [left] = await shrinkInput([part('dumpfile', lines)], async ([first]) => {
      return text(first?.bytes).includes('7') && text(first?.bytes).includes('23');
    });
    expect(text(left?.bytes)).toMatch(/^(723|237|7.?23|23.?7)$/s);
  });

  it('removes blocks of archives, and layers, but not the last one', async () => {
    const block = (letter: string) => letter.repeat(512);
    const layers = [
      part('layers', 'ab', 'x'),
      part('layers', block('a') + block('b') + block('c'), 'x'),
      part('layers', 'c', 'x'),
    ];
    const left = await shrinkInput(layers, async parts =>
      parts.some(({ bytes }) => text(bytes).includes(block('b'))),
    );
    expect(left.map(({ bytes }) => text(bytes))).toEqual([block('b')]);
    expect((await shrinkInput(layers, async () => true)).map(({ bytes }) => bytes.length)).toEqual([0]);
  });

  it('changes neither its input, nor keys and certificates', async () => {
    const parts = [part('image', 'abc'), part('key', 'secret')];
    const left = await shrinkInput(parts, async () => true);
    expect(left.map(({ bytes }) => text(bytes))).toEqual(['', 'secret']);
    expect(parts.map(({ bytes }) => text(bytes))).toEqual(['abc', 'secret']);
  });

  it('makes the inputs of a request', () => {
    const parts = [part('layers', 'a', 'x'), part('layers', 'b', 'y')];
    expect(inputBytes(parts)).toEqual({
      layers: [
        { bytes: Buffer.from('a'), mediaType: 'x' },
        { bytes: Buffer.from('b'), mediaType: 'y' },
      ],
    });
    expect(inputBytes([part('data', 'a')])).toEqual({ data: Buffer.from('a') });
  });
});

describe('differenceOf', () => {
  const test = {
    expect: { outcome: 'accept', values: { digest: '1' }, files: { image: 'expect/image' } },
  } as unknown as Case;
  const accepted = (digest: string, image: string): CompleteAnswer => ({
    kind: 'accepted',
    values: { digest, other: digest },
    files: new Map([['image', Buffer.from(image)]]),
  });
  const rejected = (reason?: string): CompleteAnswer => ({ kind: 'rejected', stage: 'tar', reason });

  it.each<[CompleteAnswer, CompleteAnswer, string | undefined]>([
    [accepted('1', 'a'), accepted('1', 'a'), undefined],
    [accepted('1', 'a'), accepted('2', 'a'), 'different digest'],
    [accepted('1', 'a'), accepted('2', 'b'), 'different digest, image'],
    [accepted('1', 'a'), rejected('TAR_SIZE'), 'accepted: rejected tar TAR_SIZE'],
    [rejected('TAR_SIZE'), rejected('TAR_SIZE'), undefined],
    [rejected('TAR_SIZE'), rejected(), undefined],
    [rejected('TAR_SIZE'), rejected('TAR_TYPE'), 'rejected tar TAR_SIZE: rejected tar TAR_TYPE'],
    [rejected('TAR_SIZE'), accepted('1', 'a'), 'rejected tar TAR_SIZE: accepted'],
    [accepted('1', 'a'), { kind: 'none', status: 'crash' }, 'accepted: crash'],
    [{ kind: 'none', status: 'error' }, accepted('1', 'a'), undefined],
  ])('%j and %j: %s', (expected, got, difference) => {
    expect(differenceOf(test, expected, got)).toBe(difference);
  });
});

describe('--shrink', () => {
  const main = join(packageRoot, 'dist/conformance/runner/main.js');
  /** Returns its input, so it fails whatever is not canonical, and accepts what has to be rejected. */
  const impl = `exec ${testAdapter('echo-input.mjs').join(' ')}`;
  const out = join(folder.path, 'shrunk');
  const select = ['--case', 'dumpfile/order', '--case', 'dumpfile/parse-sign', '--case', 'fsverity/hello'];
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it('writes cases that fail in the same way, and that the reference passes', { timeout: 120_000 }, () => {
    const found = readSuite(join(packageRoot, 'vectors'));
    const dumpfiles = found.cases.filter(
      ({ op, expect: { outcome } }) => op === 'dumpfile.canonical' && outcome === 'accept',
    );
    const [failing] = dumpfiles;
    const rejected = found.cases.find(
      ({ op, expect: { outcome } }) => op === 'dumpfile.canonical' && outcome === 'reject',
    );
    const args = [failing?.id, rejected?.id].flatMap(id => ['--case', id ?? '']);
    const { status, stderr } = run('--impl', impl, ...args, '--shrink', out);
    expect(status).toBe(1);
    expect(stderr).toMatch(/shrunk from \d+ to \d+ bytes/);
    const shrunk = readSuite(out);
    expect(shrunk.leftOut).toEqual([]);
    expect(shrunk.cases.map(({ id }) => id)).toContain(shrunkId(rejected?.id ?? ''));
    for (const { id } of shrunk.cases.filter(({ id }) => id.endsWith('-shrunk'))) {
      expect(run('--impl', impl, '--vectors', out, '--case', id).stdout).toMatch(
        /1 of \d+ cases? executed: 1 (fail|inconclusive)/,
      );
    }
    expect(run('--vectors', out).stdout).toMatch(/executed: \d+ pass\n/);
  });

  it('does not write into a folder that has something in it', () => {
    mkdirSync(join(folder.path, 'full'));
    writeFileSync(join(folder.path, 'full/x'), '');
    const { status, stderr } = run('--impl', impl, ...select, '--shrink', join(folder.path, 'full'));
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('not empty') });
    expect(readFileSync(join(folder.path, 'full/x'), 'utf8')).toBe('');
  });
});
