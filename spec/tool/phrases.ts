/**
 * Phrases that the project does not use, wherever a person reads: chapters, README files, help, messages, comments.
 * @module
 */

/** A phrase, and what to write. */
interface Phrase {
  readonly pattern: RegExp;
  readonly instead: string;
}

const phrases: readonly Phrase[] = [
  { pattern: /\brefus(?:e|es|ed|er|ing|als?)\b/i, instead: '"reject", "rejection"' },
  { pattern: /\bwhoever\b/i, instead: '"an implementation that"' },
  { pattern: /\bcan not\b/i, instead: '"cannot"' },
  { pattern: /\bha(?:s|ve) not (?:the|its|a|an|as|one)\b/i, instead: '"does not match", "lacks"' },
  {
    pattern: /\bstands? (?:in|at|there|on|for|beside|behind|alone|outside)\b/i,
    instead: '"is", "represents"',
  },
  { pattern: /\bin the place of\b/i, instead: '"instead of"' },
  { pattern: /\banother one than\b/i, instead: '"different from"' },
  { pattern: /\bown (?:tree|image) of\b/i, instead: '"standalone layer tree", "layer image"' },
  { pattern: /\b(?:layer's|its) own tree\b/i, instead: '"standalone layer tree"' },
  {
    pattern: /(?<!\bthere )\b(?:is|are) no (?!longer\b|more\b|less\b|way\b|such\b)/i,
    instead: '"is not a"',
  },
  { pattern: /\bparts? here\b|\bwhat no\b/i, instead: 'a plain sentence' },
];

/** Ids of cases, paths and URLs are names: they stay as they are. */
const NAME = /\S*\/\S*/g;

/** Every phrase in `text`, as `path:line: problem`. */
export function lintPhrases(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    phrases.flatMap(({ pattern, instead }) => {
      const [found] = pattern.exec(line.replace(NAME, '')) ?? [];
      return found === undefined ? [] : [`${path}:${index + 1}: "${found}"; write ${instead}`];
    }),
  );
}
