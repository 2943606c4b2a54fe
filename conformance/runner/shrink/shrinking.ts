/**
 * The common part of all shrinkers: it tries changes on a copy, one or many at a time, and keeps those after which the
 * difference still occurs.
 * @module
 */

/** Whether the difference still occurs. */
export type Test<Subject> = (subject: Subject) => Promise<boolean>;

/** A change of a copy. Returns whether it changed something. */
export type Change<Subject> = (subject: Subject) => boolean;

/** The most candidates to try. */
const MAX_TRIES = 4000;

/** An input that passes its test, and becomes smaller. */
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

  /** Runs the passes one after the other, and repeats them until none of them changes anything. */
  async exhaust(passes: readonly (() => Promise<void>)[]): Promise<Subject> {
    for (let before = -1; this.#changes > before && this.#tries < MAX_TRIES; ) {
      before = this.#changes;
      for (const pass of passes) await pass();
    }
    return this.subject;
  }

  /** Applies the change to a copy, and keeps it if it passes the test. Returns whether it was kept. */
  async try(change: Change<Subject>): Promise<boolean> {
    if (this.#tries >= MAX_TRIES) return false;
    const changed = this.#copy(this.subject);
    if (!change(changed)) return false;
    this.#tries++;
    if (!(await this.#test(changed))) return false;
    this.subject = changed;
    this.#changes++;
    return true;
  }

  /** Tries `remove` on ranges of `count` items: first all of them, then half of them, and so on down to one. */
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

  /** Tries smaller lengths: 0, 1, then by bisection. */
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
