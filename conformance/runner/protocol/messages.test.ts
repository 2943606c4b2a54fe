import { describe, expect, it } from 'vitest';
import { messageLine, parseAdapterLine } from './messages.ts';

const hello = {
  type: 'hello',
  protocol: 1,
  implementation: { name: 'x', version: '1' },
  specVersions: ['1.0'],
  operations: ['fsverity.digest'],
  features: ['digest.sha512-12'],
};

const good: readonly unknown[] = [
  hello,
  {
    ...hello,
    implementation: { ...hello.implementation, language: 'C', url: 'https://example.org' },
    concurrency: 4,
  },
  { type: 'done', id: 'a', status: 'ok' },
  { type: 'done', id: 'a', status: 'ok', values: { digest: '00' }, files: { image: 'image.erofs' } },
  { type: 'done', id: 'a', status: 'rejected', stage: 'tar' },
  { type: 'done', id: 'a', status: 'rejected', stage: 'tar', reason: 'TAR_CHECKSUM', message: 'no' },
  { type: 'done', id: 'a', status: 'unsupported', feature: 'compression.zstd' },
  { type: 'done', id: 'a', status: 'error', message: 'no disk' },
];

const bad: readonly (readonly [problem: string, message: unknown])[] = [
  ['must be object', []],
  ["must have required property 'type'", {}],
  ['value of tag "type" must be in oneOf ("bye")', { type: 'bye' }],
  ['must have required property', { type: 'hello', protocol: 1 }],
  ['/protocol must be equal to constant 1', { ...hello, protocol: 2 }],
  ['/operations/0 must be string', { ...hello, operations: [1] }],
  ['/specVersions must NOT have fewer than 1 items', { ...hello, specVersions: [] }],
  ["must have required property 'id'", { type: 'done', status: 'ok' }],
  ['value of tag "status" must be in oneOf ("fine")', { type: 'done', id: 'a', status: 'fine' }],
  ["must have required property 'stage'", { type: 'done', id: 'a', status: 'rejected' }],
  ['must NOT have additional properties ("output")', { type: 'done', id: 'a', status: 'ok', output: '' }],
  ['/values/digest must be string', { type: 'done', id: 'a', status: 'ok', values: { digest: 1 } }],
];

describe('a line of an adapter', () => {
  it.each(good)('is parsed: %j', message => {
    expect(parseAdapterLine(JSON.stringify(message))).toEqual({ message });
  });

  it.each(bad)('is rejected: %s', (problem, message) => {
    expect(parseAdapterLine(JSON.stringify(message))).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('is rejected if it is not JSON, and is quoted only in part', () => {
    expect(parseAdapterLine('Starting…')).toEqual({ problem: 'a line on stdout is not JSON: "Starting…"' });
    expect(JSON.stringify(parseAdapterLine('x'.repeat(10_000))).length).toBeLessThan(300);
  });
});

describe('a line of the runner', () => {
  it('is a single line that satisfies the schema', () => {
    expect(messageLine({ type: 'bye' })).toBe('{"type":"bye"}\n');
    const run = {
      type: 'run',
      id: 'a',
      op: 'layers.tree',
      specVersion: '1.0',
      input: { layers: [{ path: '/w/0', mediaType: 'application/vnd.oci.image.layer.v1.tar' }] },
      params: { role: 'merged' },
      outDir: '/w/out',
      timeoutMs: 1,
    } as const;
    expect(messageLine(run)).toBe(`${JSON.stringify(run)}\n`);
    expect(() => messageLine({ ...run, timeoutMs: 0 })).toThrow('/timeoutMs must be >= 1');
  });
});
