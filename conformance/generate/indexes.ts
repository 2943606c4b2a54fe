/**
 * The files about all cases: `index.json`, `index.tsv` for C and shell, and `SHA256SUMS`.
 * @module
 */

import { createHash } from 'node:crypto';
import {
  type Case,
  type CaseFile,
  type CaseInput,
  type ExpectedRejection,
  type ExpectedResult,
  expectedRejection,
} from '../suite/case.ts';
import type { Files } from './files.ts';

/** JSON in the style of the vectors: indented by two spaces, with a final newline. */
export function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** `index.json`: the version of the suite and every `case.json`, in order of id. */
export function indexJson(version: string, cases: readonly Case[]): Uint8Array {
  return json({ version, cases });
}

/**
 * Columns of `index.tsv`. A cell never contains a tab; the items of a list are separated by spaces. New columns are
 * added at the end, for readers that count.
 */
const columns = [
  'id',
  'op',
  'since',
  'outcome',
  'requirements',
  'input',
  'params',
  'expected',
  'needs',
  'control',
  'rejection',
  'title',
] as const;

/**
 * `index.tsv`: a line of column names, then one line for each case. Paths are relative to the folder of the vectors.
 */
export function indexTsv(cases: readonly Case[]): Uint8Array {
  return tsv([columns, ...cases.map(row)]);
}

/** `SHA256SUMS` of all `files`, for `sha256sum --check`. */
export function sha256Sums(files: Files): Uint8Array {
  const lines = [...files].map(([path, content]) => {
    return `${createHash('sha256').update(content).digest('hex')}  ${path}\n`;
  });
  return Buffer.from(lines.join(''));
}

function tsv(rows: readonly (readonly string[])[]): Uint8Array {
  return Buffer.from(rows.map(cells => `${cells.join('\t')}\n`).join(''));
}

function row(test: Case): string[] {
  const folder = `cases/${test.id}`;
  const input = Object.entries(test.input).map(([name, value]) => `${name}=${inputCell(folder, value)}`);
  const params = Object.entries(test.params).map(([name, value]) => `${name}=${value}`);
  return [
    test.id,
    test.op,
    test.since,
    test.expect.outcome,
    test.requirements.join(' '),
    input.join(' '),
    params.join(' '),
    expectedCell(folder, test.expect),
    test.needs.join(' '),
    test.control ?? '',
    rejectionCell(expectedRejection(test)),
    test.title,
  ];
}

/** A path; `generate:PATTERNHEX:SIZE:SHA256`; `sparse:SIZE:SHA256:OFFSET@PATH,OFFSET@PATH`; or `PATH@MEDIATYPE` for each layer, separated by commas. */
function inputCell(folder: string, input: CaseInput[string]): string {
  if (typeof input === 'string' || 'sparse' in input) return fileCell(folder, input);
  if ('generate' in input) {
    const { patternHex, size, sha256 } = input.generate;
    return `generate:${patternHex}:${size}:${sha256}`;
  }
  return input.map(layer => `${folder}/${layer.path}@${layer.mediaType}`).join(',');
}

function fileCell(folder: string, file: CaseFile): string {
  if (typeof file === 'string') return `${folder}/${file}`;
  const { size, sha256, parts } = file.sparse;
  return `sparse:${size}:${sha256}:${parts.map(({ offset, path }) => `${offset}@${folder}/${path}`).join(',')}`;
}

/** `NAME=VALUE` and `NAME=PATH` of an expected answer, or `STAGE=CODE,CODE` of a rejection. */
function expectedCell(folder: string, expect: Case['expect']): string {
  switch (expect.outcome) {
    case 'accept':
      return acceptedCell(folder, expect);
    case 'either':
      return acceptedCell(folder, expect.ifAccept);
    case 'reject':
      return rejectionCell(expect);
  }
}

function rejectionCell(rejection: ExpectedRejection | undefined): string {
  return rejection === undefined ? '' : `${rejection.stage}=${rejection.reasons.join(',')}`;
}

function acceptedCell(folder: string, { values = {}, files = {} }: ExpectedResult): string {
  return [
    ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
    ...Object.entries(files).map(([name, file]) => `${name}=${fileCell(folder, file)}`),
  ].join(' ');
}
