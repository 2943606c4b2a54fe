import { describe, expect, test } from 'vitest';
import { warnings } from '../../reference/lint/warnings.ts';
import { parseChapter, type Requirement } from './parse.ts';
import { chapter, chapterFiles, citedIn, sourceOf } from './tables.test.helper.ts';

/** The chapters about what an image contains. */
const chapters = [
  ...['layers.md', 'merge.md', 'transform.md', 'selinux.md', 'chunked.md', 'sealing.md', 'verification.md'],
];
const requirements: ReadonlyMap<string, Requirement> = new Map(
  chapters.flatMap(file => parseChapter(file, sourceOf(file)).requirements).map(each => [each.id, each]),
);

/** Other implementations, by name or as a group. */
const OTHERS = new RegExp(
  [
    ...['composefs-rs', 'oci-spec-rs', 'tar-core', 'GNU tar', 'Go', 'libarchive', 'Python'],
    ...[
      'containers/(?:storage|image)',
      'containerd',
      'moby',
      'Docker',
      'skopeo',
      'podman',
      'BuildKit',
      'buildah',
    ],
    ...[
      'buildx',
      'bootc',
      'ostree',
      'kaniko',
      'cosign',
      'kernel',
      'Linux',
      'overlayfs',
      'openssl',
      'Node\\.js',
    ],
    ...['serde_json', 'fzstd', 'libzstd', 'zstd [0-9.]+', 'klauspost/compress'],
    ...['[Ii]mplementations', '[Rr]eaders', '[Tt]ools', '[Dd]ecoders', '[Pp]arsers'],
  ]
    .map(name => `(?<![\\w-])${name}(?![\\w-])`)
    .join('|'),
);

const rejected = 'the requirement rejects the input';
const elsewhere = 'another requirement, which the note names, rejects the input';
const writers = 'the note is about what writes such input, and all read it in the same way';
const motivation =
  'the note is the reason for the requirement, not about input that is read in different ways';
const request = 'the note is about a request, and an image cannot cause it';
const optional = 'accepting the input is optional, and the reference does not see where decoders differ';
const unseen = 'no writer is known to make such input';
const agreement = 'all readers that the note names agree on what the standard accepts';

/** Requirements whose notes name other implementations and no warning, each with the reason. */
const without: Readonly<Record<string, string>> = {
  ...of(rejected, [
    'LAYER-003',
    'LAYER-005',
    'LAYER-012',
    'LAYER-020',
    'LAYER-026',
    'LAYER-031',
    'LAYER-035',
  ]),
  ...of(rejected, [
    'LAYER-042',
    'LAYER-044',
    'LAYER-051',
    'LAYER-048',
    'LAYER-052',
    'LAYER-055',
    'LAYER-056',
  ]),
  ...of(rejected, [
    'LAYER-057',
    'LAYER-059',
    'LAYER-060',
    'LAYER-062',
    'LAYER-063',
    'LAYER-065',
    'LAYER-067',
  ]),
  ...of(rejected, [
    'LAYER-068',
    'LAYER-071',
    'LAYER-074',
    'LAYER-079',
    'LAYER-080',
    'LAYER-081',
    'LAYER-083',
  ]),
  ...of(rejected, ['LAYER-090', 'LAYER-095', 'LAYER-097']),
  ...of(rejected, ['MERGE-006', 'MERGE-015', 'MERGE-024', 'MERGE-025', 'MERGE-027']),
  ...of(rejected, ['VERIFY-013', 'VERIFY-030', 'VERIFY-031', 'VERIFY-043', 'VERIFY-044', 'VERIFY-056']),
  ...of(rejected, ['VERIFY-057', 'SELINUX-004', 'SELINUX-007', 'SELINUX-028']),
  ...of(rejected, ['TOC-003', 'TOC-007', 'TOC-011', 'TOC-020', 'TOC-021']),
  ...of(elsewhere, ['LAYER-031', 'SELINUX-018']),
  ...of(writers, ['LAYER-010', 'LAYER-038', 'LAYER-043', 'LAYER-088', 'SEAL-046', 'TOC-041']),
  ...of(writers, ['VERIFY-018']),
  ...of(motivation, ['LAYER-109', 'MERGE-010', 'SEAL-031', 'SEAL-080', 'SELINUX-012', 'SELINUX-024']),
  ...of(motivation, ['TOC-032', 'TOC-052', 'VERIFY-036']),
  ...of(request, ['SEAL-041', 'SEAL-058', 'VERIFY-003', 'VERIFY-045', 'VERIFY-059', 'VERIFY-071']),
  ...of(optional, ['LAYER-105', 'LAYER-141', 'LAYER-151']),
  ...of(unseen, ['LAYER-119']),
  ...of(agreement, ['LAYER-150']),
};

function of(reason: string, ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(ids.map(id => [id, reason]));
}

/** The line that ends a note, and the warnings in it. */
const LINE = /^Lint warnings?: ((?:\[`[a-z0-9-]+`\]\(upstream\.md#lint-warnings\)(?:, )?)+)\.$/;

/** The warnings that the notes of a requirement name. */
function namedIn({ notes }: Requirement): string[] {
  return notes.flatMap(note => {
    const list = LINE.exec(note.split('\n').at(-1) ?? '')?.[1] ?? '';
    return [...list.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code);
  });
}

/** The requirements in the column "Standard" of each warning. */
const standard = new Map(
  chapter('upstream.md')
    .tables.filter(({ header }) => header[0] === 'Warning')
    .flatMap(({ rows }) => rows)
    .map(({ cells }) => [cells[0]?.replaceAll('`', '') ?? '', citedIn(cells.at(-1) ?? '')]),
);

describe('lint warnings in the notes of the specification', () => {
  test.each(Object.keys(warnings))('%s is named below one of its requirements', code => {
    const ids = standard.get(code) ?? [];
    const naming = [...requirements.values()]
      .filter(each => namedIn(each).includes(code))
      .map(({ id }) => id);
    expect(naming.length).toBeGreaterThan(0);
    expect(naming.filter(id => !ids.includes(id))).toEqual([]);
  });

  test('names in notes are those of warnings, at the end of the note', () => {
    const wrong = chapterFiles
      .flatMap(file => parseChapter(file, sourceOf(file)).requirements)
      .filter(({ notes, text }) => `${text}\n${notes.join('\n')}`.includes('Lint warning'))
      .filter(each => {
        const lines = [each.text, ...each.notes].join('\n').split('\n');
        const named = namedIn(each);
        return (
          lines.filter(line => line.includes('Lint warning')).length !==
            each.notes.filter(note => LINE.test(note.split('\n').at(-1) ?? '')).length ||
          named.some(code => !Object.hasOwn(warnings, code))
        );
      })
      .map(({ id }) => id);
    expect(wrong).toEqual([]);
  });

  const naming = [...requirements.values()].filter(({ notes }) =>
    OTHERS.test(withoutLinks(notes.join('\n'))),
  );

  test('a note that names another implementation names a warning, or is on the list', () => {
    const silent = naming.filter(each => namedIn(each).length === 0).map(({ id }) => id);
    expect(silent.filter(id => !Object.hasOwn(without, id))).toEqual([]);
  });

  test('nothing is on the list without need', () => {
    const needed = new Set(naming.filter(each => namedIn(each).length === 0).map(({ id }) => id));
    expect(Object.keys(without).filter(id => !needed.has(id))).toEqual([]);
  });

  test('what is on the list as rejected is rejected', () => {
    const ids = Object.keys(without).filter(id => without[id] === rejected);
    expect(ids.filter(id => !/\b(?:MUST|MAY) reject\b/.test(requirements.get(id)?.text ?? ''))).toEqual([]);
  });
});

/** Markdown without the targets of links, which are often in the repository of an implementation. */
function withoutLinks(text: string): string {
  return text.replace(/\]\([^)]*\)/g, ']');
}
