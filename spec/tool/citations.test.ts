import { describe, expect, test } from 'vitest';
import { codes } from '../../reference/errors.ts';
import { withoutCase } from './error-codes.ts';
import {
  type Contents,
  chapter,
  chapterFiles,
  citedIn,
  claimsOf,
  codesIn,
  contentsOf,
  names,
  type Requirements,
  requirements,
} from './tables.test.helper.ts';

/** Error codes outside requirements that no requirement there gives, or that are not error codes. */
function wrongCodes(contents: Contents, requirements: Requirements): string[] {
  return claimsOf(contents).flatMap(({ code, requirements: cited, line }) => {
    if (!(code in codes)) return [`line ${line}: ${code} is not an error code`];
    if (cited.some(id => names(requirements, id, code)) || code in withoutCase) return [];
    return [`line ${line}: ${code} is given by none of ${cited.join(', ') || 'no requirement'}`];
  });
}

/** Everything outside withdrawn requirements that can name requirements: passages, and rows of tables. */
function texts({ passages, tables }: Contents, requirements: Requirements) {
  const rows = tables.flatMap(({ rows, ...place }) =>
    rows.map(({ cells, line }) => ({ ...place, line, text: cells.join(' | ') })),
  );
  return [...passages, ...rows].filter(({ requirement }) => {
    return requirement === undefined || requirements.get(requirement)?.status === 'active';
  });
}

/** Links that name one requirement and lead to another, or to one that is withdrawn. */
function wrongLinks(contents: Contents, requirements: Requirements): string[] {
  return texts(contents, requirements).flatMap(({ text, line }) => {
    const elsewhere = [...text.matchAll(/\[([A-Z]+-[0-9]{3})\]\(([^)]*)\)/g)]
      .filter(([, id = '', target = '']) => !target.endsWith(`#${id}`))
      .map(([link]) => `line ${line}: ${link} leads to a different requirement`);
    // Between the ends of a range there can be gaps.
    const inactive = [...text.matchAll(/#([A-Z]+-[0-9]{3})\)/g)]
      .map(([, id = '']) => id)
      .filter(id => requirements.get(id)?.status !== 'active')
      .map(id => `line ${line}: ${id} is not active`);
    return [...elsewhere, ...inactive];
  });
}

/** Which requirements an overview has to name, and why it leaves some out. */
interface Overview {
  readonly sections: readonly string[];
  readonly covers: (id: string, actor: string) => boolean;
  /** Requirements that are not a step. */
  readonly notSteps: Readonly<Record<string, string>>;
  /** Requirements whose error codes no step gives. */
  readonly withoutRejection: Readonly<Record<string, string>>;
}

/** Requirements that no step of an overview names, and error codes of requirements that their steps leave out. */
function missingSteps(contents: Contents, overview: Overview, requirements: Requirements): string[] {
  const steps = texts(contents, requirements).filter(({ sections, requirement }) => {
    return requirement === undefined && sections.some(section => overview.sections.includes(section));
  });
  const cited = new Set(steps.flatMap(({ text }) => citedIn(text)));
  const missing = [...requirements]
    .filter(([id, { actor, status }]) => status === 'active' && overview.covers(id, actor))
    .filter(([id]) => cited.has(id) === id in overview.notSteps)
    .map(([id]) => (cited.has(id) ? `${id} is a step after all` : `no step names ${id}`));
  const silent = [...cited].flatMap(id =>
    codesIn(requirements.get(id)?.text ?? '')
      .filter(code => {
        const stage = code.split('_')[0]?.toLowerCase() ?? '';
        return !steps.some(({ text }) => {
          if (!citedIn(text).includes(id)) return false;
          return (
            codesIn(text).includes(code) || new RegExp(`error codes of stages?[^:;)]*\`${stage}\``).test(text)
          );
        });
      })
      .filter(() => !(id in overview.withoutRejection))
      .map(code => `no step with ${id} gives ${code}`),
  );
  return [...missing, ...silent];
}

const reading: Overview = {
  sections: ['Reader steps'],
  covers: (id, actor) => id.startsWith('EROFS-') && actor === 'reader',
  notSteps: {
    'EROFS-078': 'the result of all steps',
    'EROFS-079': 'reasons that are none for a rejection',
    'EROFS-080': 'time and memory of all steps',
    'EROFS-096': 'the result of all steps',
  },
  withoutRejection: {},
};
const sealing: Overview = {
  sections: ['Sealing steps'],
  covers: id => id.startsWith('SEAL-'),
  notSteps: {},
  withoutRejection: { 'SEAL-006': 'a layer that would give the codes is left out, not rejected' },
};
const verifying: Overview = {
  sections: ['Verification steps'],
  covers: id => id.startsWith('VERIFY-'),
  notSteps: {},
  withoutRejection: {},
};

describe.each(chapterFiles)('%s', file => {
  const contents = chapter(file);

  test('names error codes with a requirement that gives them', () => {
    expect(wrongCodes(contents, requirements)).toEqual([]);
  });

  test('links to the requirements that it names, which are active', () => {
    expect(wrongLinks(contents, requirements)).toEqual([]);
  });
});

test.each([
  ['erofs.md', reading],
  ['sealing.md', sealing],
  ['verification.md', verifying],
] as const)('the steps of %s name every requirement and its error codes', (file, overview) => {
  expect(missingSteps(chapter(file), overview, requirements)).toEqual([]);
});

test('there are many error codes outside requirements', () => {
  expect(chapterFiles.flatMap(file => claimsOf(chapter(file))).length).toBeGreaterThan(350);
});

describe('a wrong chapter', () => {
  const requirement = (text: string, status: 'active' | 'withdrawn' = 'active') =>
    ({ actor: 'verifier', file: 'spec/verification.md', level: 'MUST', status, text }) as const;
  const some: Requirements = new Map([
    ['VERIFY-001', requirement('The verifier MUST reject it with `VERIFY_KEY`.')],
    ['VERIFY-002', requirement('The verifier MUST reject it with `VERIFY_PLACE`.')],
    ['VERIFY-003', requirement('', 'withdrawn')],
    ['VERIFY-004', requirement('The verifier MUST do it.')],
  ]);
  const [one, two, three, four] = ['001', '002', '003', '004'].map(n => `[VERIFY-${n}](#VERIFY-${n})`);
  const table = (...rows: string[]) => ['| requirements | a | b |', '|---|---|---|', ...rows].join('\n');

  test.each([
    ['a code after its requirement', `Wrong (${one}: \`VERIFY_KEY\`; ${two}: \`VERIFY_PLACE\`).`],
    ['a code before one of its requirements', `\`VERIFY_KEY\` (${two}, ${one}), \`VERIFY_PLACE\` (${two})`],
    ['a code within a range', `\`VERIFY_PLACE\` (${one} to ${four})`],
    ['a code in a row', table(`| ${one} | \`VERIFY_KEY\` | |`)],
    ['a code in a cell of its own', table(`| ${one} | \`VERIFY_PLACE\` (${two}) | |`)],
    ['a code in a requirement', '- <a id="VERIFY-001"></a>**VERIFY-001** The verifier MUST, `VERIFY_PLACE`.'],
    ['a code without a requirement', 'Unless `REQUEST_FILE` is given.'],
    ['another code span', 'For `VERIFY` and `FS_IOC_ENABLE_VERITY`.'],
  ])('is not one with %s', (_, source) => {
    expect(wrongCodes(contentsOf(source), some)).toEqual([]);
  });

  test.each([
    ['of another requirement, after it', `Wrong (${one}: \`VERIFY_PLACE\`).`],
    ['of another requirement, before it', `\`VERIFY_KEY\` (${one}); else: \`VERIFY_KEY\` (${two})`],
    ['of a second clause', `Wrong (${one}: \`VERIFY_KEY\`; ${two}: \`VERIFY_KEY\`).`],
    ['of another requirement, in a row', table(`| ${one} | \`VERIFY_KEY\` | \`VERIFY_PLACE\` |`)],
    ['without a requirement', `It gives \`VERIFY_KEY\`. Then \`VERIFY_PLACE\` (${two}).`],
    ['without a requirement, at the end', `\`VERIFY_PLACE\` (${two}), \`VERIFY_KEY\``],
    ['in a note', '- <a id="VERIFY-001"></a>**VERIFY-001** It.\n\n  > **Note:** As `VERIFY_KEY`.'],
    ['that does not exist', `\`VERIFY_KEYS\` (${one})`],
  ])('has a code %s', (_, source) => {
    expect(wrongCodes(contentsOf(source), some)).toHaveLength(1);
  });

  test.each([
    ['to another requirement', 'See [VERIFY-001](verification.md#VERIFY-002).'],
    ['to a withdrawn requirement', table(`| ${three} | | |`)],
    ['to a requirement that does not exist', 'See [it](#VERIFY-009).'],
    ['in a requirement', `- <a id="VERIFY-001"></a>**VERIFY-001** The verifier MUST, as ${three}.`],
  ])('has a link %s', (_, source) => {
    expect(wrongLinks(contentsOf(source), some)).toHaveLength(1);
  });

  test('has links to active requirements', () => {
    const withdrawn = `- <a id="VERIFY-003"></a>**VERIFY-003** *(withdrawn)* After ${three}.`;
    expect(wrongLinks(contentsOf(`${one} to ${four}\n\n${withdrawn}\n`), some)).toEqual([]);
  });

  const steps = (...items: string[]) =>
    contentsOf(`## Verification steps\n\n${items.join('\n')}\n\n## Other\n\n${four}`);
  const complete = [`1. First (${one}: \`VERIFY_KEY\`).`, `2. Then (${two}: \`VERIFY_PLACE\`; ${four}).`];

  test('has steps for all requirements', () => {
    expect(missingSteps(steps(...complete), verifying, some)).toEqual([]);
    const byStage = `1. First (${one}, ${two}: error codes of stages \`image\` and \`verify\`), then ${four}.`;
    expect(missingSteps(steps(byStage), verifying, some)).toEqual([]);
  });

  test.each([
    [
      'a requirement',
      [...complete.slice(0, 1), `2. Then (${two}: \`VERIFY_PLACE\`).`],
      'no step names VERIFY-004',
    ],
    [
      'an error code',
      [`1. First (${one}).`, ...complete.slice(1)],
      'no step with VERIFY-001 gives VERIFY_KEY',
    ],
    [
      'an error code of another stage',
      [`1. First (${one}: error codes of stage \`image\`).`, ...complete.slice(1)],
      'no step with VERIFY-001 gives VERIFY_KEY',
    ],
  ])('has steps without %s', (_, items, problem) => {
    expect(missingSteps(steps(...items), verifying, some)).toEqual([problem]);
  });

  test('leaves a requirement out that is a step', () => {
    const overview = { ...verifying, notSteps: { 'VERIFY-004': 'no reason' } };
    expect(missingSteps(steps(...complete), overview, some)).toEqual(['VERIFY-004 is a step after all']);
  });
});
