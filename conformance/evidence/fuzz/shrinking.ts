/**
 * What shrinkers have in common: changes of a copy, one or many at a time, kept as long as the difference stays.
 * @module
 */

/** Whether a subject still shows what it has to. */
export type Test<Subject> = (subject: Subject) => Promise<boolean>;

/** A change of a copy. Gives whether it changed something. */
export type Change<Subject> = (subject: Subject) => boolean;

/** Subjects that are tried, at most. */
const TRIES = 4000;

/** A subject that passes its test, and becomes smaller. */
export class Shrinking<Subject> {
  subject: Subject;
  readonly #copy: (subject: Subject) => Subject;
  readonly #test: Test<Subject>;
  #tries = 0;
  #changes = 0;

  constructor(subject: Subject, copy: (subject: Subject) => Subject, test: Test<Subject>) {
    this.subject = subject;
    this.#copy = copy;
    this.#test = test;
  }

  /** Runs `passes` one after the other, again and again, until none of them changes anything. */
  async exhaust(passes: readonly (() => Promise<void>)[]): Promise<Subject> {
    for (let before = -1; this.#changes > before && this.#tries < TRIES; ) {
      before = this.#changes;
      for (const pass of passes) await pass();
    }
    return this.subject;
  }

  /** Keeps the change if what comes of it passes. */
  async try(change: Change<Subject>): Promise<boolean> {
    if (this.#tries >= TRIES) return false;
    const changed = this.#copy(this.subject);
    if (!change(changed)) return false;
    this.#tries++;
    if (!(await this.#test(changed))) return false;
    this.subject = changed;
    this.#changes++;
    return true;
  }

  /** Tries `remove` on runs of what there are `count` of: half of them, a quarter, at last one by one. */
  async runs(
    count: () => number,
    remove: (subject: Subject, from: number, to: number) => void,
  ): Promise<void> {
    for (let size = count(); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < count(); ) {
        const removed = await this.try(subject => {
          remove(subject, from, from + size);
          return true;
        });
        if (!removed) from += size;
      }
    }
  }

  /** The least of the lengths that will do: 0, 1, then by halves. */
  async shorter(length: () => number, set: (subject: Subject, length: number) => void): Promise<void> {
    const tryLength = (to: number) =>
      this.try(subject => {
        set(subject, to);
        return true;
      });
    for (const least of [0, 1]) if (length() > least && (await tryLength(least))) return;
    for (let step = Math.floor(length() / 2); step >= 1; step = Math.floor(step / 2)) {
      while (length() - step > 1 && (await tryLength(length() - step)));
    }
  }
}
