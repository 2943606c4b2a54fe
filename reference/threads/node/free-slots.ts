/**
 * The free slots of a ring in shared memory, for the thread that fills them.
 * @module
 */

/** Counts free slots. */
export class FreeSlots {
  #count: number;
  #whenFree: (() => void) | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** Waits for a free slot, which is then filled. Not to be called again before. */
  async take(): Promise<void> {
    while (this.#count === 0) {
      await new Promise<void>(resolve => {
        this.#whenFree = resolve;
      });
    }
    this.#count--;
  }

  /** A slot was read. */
  free(): void {
    this.#count++;
    this.#whenFree?.();
  }
}
