import { expect, test } from 'vitest';
import { example } from '../../spec/tool/example.ts';
import { ascii } from '../bytes.ts';
import { parseDumpfile } from '../dumpfile/parse.ts';
import { type InspectedStructure, inspectErofs, inspectInode } from './inspect.ts';
import { writeErofs } from './write.ts';

const tree = parseDumpfile(Buffer.from(example('erofs-tree')));
const image = Buffer.concat([...writeErofs(tree, { format: 'v1', algorithm: 'fsverity-sha256-12' })]);

/** The column of a figure that shows the worked example. */
function column(figure: string): number[] {
  return [...figure.matchAll(/ 0x([0-9a-f]{4}) /g)].map(([, digits = '']) => Number.parseInt(digits, 16));
}

function begin({ fields }: InspectedStructure): number {
  return fields[0]?.at ?? Number.NaN;
}

function end({ fields }: InspectedStructure): number {
  const last = fields.at(-1);
  return last === undefined ? Number.NaN : last.at + last.size;
}

test('the figure of the file shows the offsets of the worked example', () => {
  const structures = [...inspectErofs(image)];
  const first = (is: (structure: InspectedStructure) => boolean) => structures.find(is) as InspectedStructure;
  const inode = (number: number) => first(each => each.kind.endsWith(' inode') && each.inode === number);
  const shared = structures.filter(each => each.kind === 'attribute' && each.inode === undefined);
  const inodesEnd = begin(shared[0] as InspectedStructure);
  expect(column(example('erofs-file'))).toEqual([
    begin(first(each => each.kind === 'composefs header')),
    end(first(each => each.kind === 'composefs header')),
    begin(first(each => each.kind === 'superblock')),
    ...[0, 1, 261].map(number => begin(inode(number))),
    inodesEnd,
    end(shared.at(-1) as InspectedStructure),
    begin(first(each => each.kind === 'directory entry' && begin(each) >= inodesEnd)),
    image.length,
  ]);
});

test('the figure of an inode shows the offsets of /d/e', () => {
  const structures = [...(inspectInode(image, ascii('/d/e')) ?? [])];
  const of = (kind: string) => structures.filter(each => each.kind === kind);
  const [form] = of('compact inode');
  const [body] = of('attribute body');
  const [references] = of('attribute references');
  const [entry] = of('attribute').filter(each => begin(each) < end(form as InspectedStructure) + 0x100);
  const [chunks] = of('chunks');
  const found = [form, body, body, references, entry, chunks] as InspectedStructure[];
  const [formAt, bodyAt, filterAt, referencesAt, entryAt, tailAt] = found.map(begin);
  expect(column(example('erofs-inode'))).toEqual([
    formAt,
    bodyAt,
    filterAt,
    body?.fields[1]?.at,
    referencesAt,
    entryAt,
    tailAt,
    end(chunks as InspectedStructure),
  ]);
});
