/**
 * The rejections of the other files, as requests to a tool that only parses: `dumpfile/parse-<slug>` has the input of
 * `dumpfile/<slug>`. What is parsed and rejected is the same, so that witnesses of one confirm the other.
 * @module
 */

import { type Draft, either, longContent, type Recipe } from '../../recipe.ts';
import { canonical } from './lines.ts';
import { recipes as readings } from './readings.ts';
import { recipes as content } from './rejected-content.ts';
import { recipes as lines } from './rejected-lines.ts';
import { recipes as paths } from './rejected-paths.ts';

const emptyFile = '/a 0 100644 1 0 0 0 0.0 - - -';
const rootLine = '/ 0 40755 2 0 0 0 0.0 - - -';
const linked = [rootLine, '/a 5 100644 2 0 0 0 0.0 - hello - user.a=b', '/b 0 @100644 - - - - 0.0 /a - -'];

/** The canonical forms of controls, written by hand. The input of a control that is not listed is canonical. */
const canonicalForms: Readonly<Record<string, readonly string[]>> = {
  escapes: [
    rootLine,
    '/\\\\\\n\\r\\tA\\xc3\\xa9 3 100644 1 0 0 0 0.0 - \\x00\\xff\\n - user.\\xff=\\t',
    '/l 2 120777 1 0 0 0 0.0 \\xe9\\\\ - -',
  ],
  'empty-file-with-object': [rootLine, emptyFile, emptyFile.replace('/a', '/b')],
  'hard-link': linked,
  'hard-link-fields-without-meaning': linked,
  'hard-link-size-of-2-64-less-1': linked,
  'largest-numbers-written': [
    '/ 0 40755 3 0 0 0 0.0 - - -',
    '/a 9007199254740992 100644 1 4294967295 4294967295 0 9223372036854775807.999999999 - - -',
    '/b 0 60644 1 0 0 4294967295 0.0 - - -',
    '/d 0 40755 2 0 0 0 0.0 - - -',
  ],
  'lines-in-any-order': [
    '/ 0 40755 4 0 0 0 0.0 - - -',
    '/a 0 40755 2 0 0 0 0.0 - - -',
    '/a/b 0 100644 1 0 0 0 0.0 - - -',
    '/z 0 40755 2 0 0 0 0.0 - - -',
    '/z/a 0 100644 1 0 0 0 0.0 - - -',
    '/z/b 0 100644 1 0 0 0 0.0 - - -',
  ],
  'mode-with-zeros': [rootLine, emptyFile],
  symlink: [rootLine, '/a 14 120777 1 0 0 0 0.0 ..//a/./b/../c - -'],
  xattrs: [
    rootLine,
    '/a 0 100644 1 0 0 0 0.0 - - - user.a=b\\x3dc user.b= user.c=- user.d\\x3d=\\x3d user.e=\\x3d',
  ],
};

const drafts = new Map<string, Draft>();
for (const { id, make } of [...readings, ...lines, ...paths, ...content]) drafts.set(id, await make());

const rejections = [...drafts].filter(([, { expect }]) => expect.outcome !== 'accept');
const controls = new Set(rejections.flatMap(([, { control }]) => (control === undefined ? [] : [control])));

const slugOf = (id: string) => id.slice('dumpfile/'.length);
const parseSlug = (id: string) => `parse-${slugOf(id)}`;

/** The text of an input that is stored. */
function textOf({ files }: Draft): string {
  return Buffer.from(files['in/dumpfile'] ?? []).toString('latin1');
}

/** The control as a request to parse: the same dumpfile, and its canonical form. */
function parsedControl(id: string): Recipe {
  const draft = drafts.get(id);
  if (draft === undefined) throw new Error(`there is no control ${id}`);
  const { title, requirements } = draft;
  const form = canonicalForms[slugOf(id)]?.map(line => `${line}\n`).join('');
  const kind = draft.class === 'KNOWN_BUG' || draft.class === undefined ? {} : { class: draft.class };
  const input = textOf(draft);
  return canonical(parseSlug(id), { title, requirements, input, canonical: form ?? input, ...kind });
}

function parsedRejection(id: string, draft: Draft): Recipe {
  const parsed = {
    ...draft,
    op: 'dumpfile.canonical',
    params: {},
    control: `dumpfile/${parseSlug(draft.control ?? '')}`,
  } as const;
  return {
    id: `dumpfile/${parseSlug(id)}`,
    make: () => {
      if (draft.expect.outcome === 'reject') return parsed;
      // The inputs that can be accepted are in canonical form. Their witnesses made images.
      return {
        ...parsed,
        confirmedBy: [],
        expect: either(longContent, { files: { dumpfile: 'expect/dumpfile' } }),
        files: { ...draft.files, 'expect/dumpfile': Buffer.from(textOf(draft), 'latin1') },
      };
    },
  };
}

export const recipes: readonly Recipe[] = [
  ...[...controls].map(parsedControl),
  ...rejections.map(([id, draft]) => parsedRejection(id, draft)),
];
