/**
 * The rules that the text of the specification keeps.
 * @module
 */

import { parseErrorCodes, updateErrorCodes } from './error-codes.ts';
import type { Chapter, Fence, Requirement } from './parse.ts';
import { lintPhrases } from './phrases.ts';
import { type Entry, entriesOf, printEntries, vanishedIds } from './requirements.ts';
import { areas, bcp14, keywordPattern, languages } from './vocabulary.ts';

/** Everything that the rules look at. */
export interface Spec {
  readonly chapters: readonly Chapter[];
  /** `spec/README.md`, the table of contents. */
  readonly contents: Chapter;
  /** Source of the introduction, which holds the table of error codes. */
  readonly introduction: string;
  /** The error codes of the reference, and their meanings. */
  readonly referenceCodes: Readonly<Record<string, string>>;
  /** `spec/requirements.json` as it is on disk, and its entries. */
  readonly requirementsJson: string;
  readonly before: readonly Entry[];
  /** Version of the specification. */
  readonly version: string;
  /** Names that tests pass to `example`. */
  readonly testedExamples: ReadonlySet<string>;
  /** Everything that a person reads, chapters included: path from the top of the repository to text. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether a path from the top of the repository exists. */
  readonly exists: (path: string) => boolean;
}

/** Everything wrong with the specification, as `file:line: problem`, in the order of the files. */
export function lint(spec: Spec): string[] {
  const entries = entriesOf(spec.chapters, spec.before, spec.version);
  return [
    ...spec.chapters.flatMap(chapter => chapter.requirements.flatMap(r => lintRequirement(r, chapter.file))),
    ...lintIds(spec),
    ...[spec.contents, ...spec.chapters].flatMap(chapter => [
      ...lintKeywords(chapter),
      ...lintSentences(chapter),
      ...lintLinks(chapter, spec),
      ...lintExamples(chapter, spec),
    ]),
    ...lintExampleNames(spec),
    ...lintContents(spec),
    ...lintCodes(spec, entries),
    ...lintGenerated(spec, entries),
    ...[...spec.texts].flatMap(([path, text]) => lintPhrases(path, text)),
  ];
}

function lintRequirement(requirement: Requirement, file: string): string[] {
  const { id, anchor, keywords, actor, verification, line } = requirement;
  const problems: string[] = [];
  const [area = ''] = id.split('-');
  if (!areas.some(known => known === area)) problems.push(`${id} has an unknown area`);
  if (!/^[A-Z]+-[0-9]{3}$/.test(id)) problems.push(`${id} is not AREA-NNN`);
  if (anchor !== id) problems.push(`${id} does not follow an anchor of its own name`);
  if (keywords.length !== 1) {
    problems.push(
      `${id} has ${keywords.length === 0 ? 'no keyword' : `the keywords ${keywords.join(', ')}`}`,
    );
  } else if (actor === undefined) {
    problems.push(`${id} has no known actor right before its keyword`);
  }
  if (verification.by === 'unknown') {
    problems.push(`${id} says "${verification.line}", or goes on after it`);
  }
  return problems.map(problem => `spec/${file}:${line}: ${problem}`);
}

function lintIds({ chapters, before }: Spec): string[] {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const { file, requirements } of chapters) {
    for (const { id, line } of requirements) {
      const place = `spec/${file}:${line}`;
      const first = seen.get(id);
      if (first !== undefined) problems.push(`${place}: ${id} is used already, at ${first}`);
      seen.set(id, first ?? place);
    }
  }
  for (const id of vanishedIds(chapters, before)) {
    problems.push(
      `spec/requirements.json: ${id} is in no chapter any more; a requirement is withdrawn, not removed`,
    );
  }
  for (const { file, requirements } of chapters) {
    for (const { id, replacedBy, line } of requirements) {
      if (replacedBy !== undefined && !seen.has(replacedBy)) {
        problems.push(`spec/${file}:${line}: ${id} is replaced by ${replacedBy}, which does not exist`);
      }
    }
  }
  return problems;
}

function lintKeywords({ file, prose }: Chapter): string[] {
  return prose
    .filter(({ text }) => text.replace(/\s+/g, ' ') !== bcp14)
    .flatMap(({ text, line }) => {
      return text.split('\n').flatMap((row, i) => {
        return (row.match(keywordPattern) ?? []).map(keyword => {
          return `spec/${file}:${line + i}: ${keyword} is outside a requirement`;
        });
      });
    });
}

/** A full stop, then a capital or code: two sentences, but for an abbreviation or an initial before it. */
const SECOND_SENTENCE = /(?<!\b(?:e\.g|i\.e|cf|vs|etc|[A-Z]))[.!?]["”’)]*\s+["“‘(]*[A-Z`]/;

function lintSentences({ file, sentences }: Chapter): string[] {
  return sentences
    .filter(({ text }) => SECOND_SENTENCE.test(text))
    .map(({ line }) => `spec/${file}:${line}: more than one sentence on the line`);
}

function lintLinks({ file, links }: Chapter, { chapters, contents, exists }: Spec): string[] {
  const anchorsOf = new Map([contents, ...chapters].map(chapter => [chapter.file, chapter.anchors]));
  return links.flatMap(({ target, line }) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', fragment] = target.split('#');
    const anchors = anchorsOf.get(path === '' ? file : path);
    const broken =
      anchors === undefined
        ? !exists(new URL(path, 'file:///spec/').pathname.slice(1))
        : fragment !== undefined && !anchors.has(fragment);
    return broken ? [`spec/${file}:${line}: ${target} leads nowhere`] : [];
  });
}

function lintExamples({ file, fences }: Chapter, { testedExamples }: Spec): string[] {
  return fences.flatMap(({ name, language, line }) => {
    const problems: string[] = [];
    if (!languages.some(known => known === language)) problems.push(`a block in "${language}"`);
    if (name === undefined) problems.push('an example without a line <!-- example: NAME --> above it');
    else if (!testedExamples.has(name)) problems.push(`no test reads the example ${name}`);
    return problems.map(problem => `spec/${file}:${line}: ${problem}`);
  });
}

function lintExampleNames({ chapters, contents }: Spec): string[] {
  const seen = new Set<string>();
  const named = [contents, ...chapters].flatMap(({ file, fences }) => {
    return fences.map((fence): Fence & { file: string } => ({ ...fence, file }));
  });
  return named.flatMap(({ name, file, line }) => {
    if (name === undefined) return [];
    const twice = seen.has(name);
    seen.add(name);
    return twice ? [`spec/${file}:${line}: a second example ${name}`] : [];
  });
}

function lintContents({ chapters, contents }: Spec): string[] {
  const listed = new Set(contents.links.map(link => link.target));
  return chapters
    .filter(({ file }) => !listed.has(file))
    .map(({ file }) => `spec/README.md: ${file} is not in the table of contents`);
}

/**
 * A requirement that rejects says `with `CODE``. Requirements use only the codes of the table in the introduction, the
 * table has no unused code, and the reference has the codes of the table with their meanings. A code of the request
 * says that the request itself is wrong, so that its meaning is all there is to say.
 */
function lintCodes({ introduction, referenceCodes }: Spec, entries: readonly Entry[]): string[] {
  const table = parseErrorCodes(introduction);
  if (table === undefined) return ['spec/introduction.md: no table of error codes'];
  const active = entries.filter(entry => entry.status === 'active');
  const known = new Set(table.map(({ code }) => code));
  const unknown = active.flatMap(({ id, file, line, text }) =>
    [...text.matchAll(/\bwith `([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g)]
      .map(([, code = '']) => code)
      .filter(code => !known.has(code))
      .map(code => `${file}:${line}: ${id} rejects with ${code}, which is not in the table of error codes`),
  );
  const rows = table.flatMap(({ stage, code, meaning }) => {
    const problems: string[] = [];
    if (!code.startsWith(`${stage.toUpperCase()}_`))
      problems.push(`${code} is in the rows of stage ${stage}`);
    if (stage !== 'request' && !active.some(entry => entry.text.includes(`\`${code}\``))) {
      problems.push(`${code} is in no requirement`);
    }
    if (referenceCodes[code] !== meaning) problems.push(`reference/errors.ts differs in ${code}`);
    return problems;
  });
  const extra = Object.keys(referenceCodes)
    .filter(code => !known.has(code))
    .map(code => `reference/errors.ts has ${code}, which is not in the table of error codes`);
  return [...unknown, ...[...rows, ...extra].map(problem => `spec/introduction.md: ${problem}`)];
}

function lintGenerated(spec: Spec, entries: readonly Entry[]): string[] {
  const problems: string[] = [];
  if (spec.requirementsJson !== printEntries(entries)) {
    problems.push('spec/requirements.json is stale; run npm run spec:requirements');
  }
  if (spec.introduction !== updateErrorCodes(spec.introduction, entries)) {
    problems.push('spec/introduction.md: the links of error codes are stale; run npm run spec:requirements');
  }
  return problems;
}
