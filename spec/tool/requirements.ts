/**
 * `spec/requirements.json`: the requirements as data, generated from the chapters.
 * @module
 */

import { createHash } from 'node:crypto';
import type { Chapter, Requirement } from './parse.ts';
import { actors, type ConformanceClass } from './vocabulary.ts';

/** One entry; `conformance/schema/requirements.schema.json` says the same for everybody else. */
export interface Entry {
  readonly id: string;
  /** The keyword. */
  readonly level: string;
  /** The noun of `actors`. */
  readonly actor: string;
  readonly text: string;
  /** First 8 hex digits of the SHA-256 of `text`. */
  readonly hash: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Version of the specification that brought it. */
  readonly since: string;
  readonly status: 'active' | 'withdrawn';
  readonly replacedBy: string | null;
  readonly classes: readonly ConformanceClass[];
  /** `vector`, `runner`, or `inspection: ` and the reason. */
  readonly verification: string;
}

/** The entries of `chapters`, in order of id. What `before` has keeps its `since`; what is new has `version`. */
export function entriesOf(chapters: readonly Chapter[], before: readonly Entry[], version: string): Entry[] {
  const since = new Map(before.map(entry => [entry.id, entry.since]));
  return chapters
    .flatMap(chapter => chapter.requirements.map(requirement => entryOf(requirement, chapter.file)))
    .map(entry => ({ ...entry, since: since.get(entry.id) ?? version }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Ids of `before` that no chapter has any more. A requirement is withdrawn, never removed. */
export function vanishedIds(chapters: readonly Chapter[], before: readonly Entry[]): string[] {
  const ids = new Set(chapters.flatMap(chapter => chapter.requirements.map(requirement => requirement.id)));
  return before.map(entry => entry.id).filter(id => !ids.has(id));
}

/** The file as it has to be. */
export function printEntries(entries: readonly Entry[]): string {
  return `${JSON.stringify(entries, null, 2)}\n`;
}

function entryOf(requirement: Requirement, file: string): Entry {
  const { id, text, line, withdrawn, verification } = requirement;
  const actor = requirement.actor ?? '';
  return {
    id,
    level: requirement.keywords[0] ?? '',
    actor,
    text,
    hash: createHash('sha256').update(text).digest('hex').slice(0, 8),
    file: `spec/${file}`,
    line,
    since: '',
    status: withdrawn ? 'withdrawn' : 'active',
    replacedBy: requirement.replacedBy ?? null,
    classes: actors[actor] ?? [],
    verification: verification.by === 'inspection' ? `inspection: ${verification.because}` : verification.by,
  };
}
