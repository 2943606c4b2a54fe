/**
 * Stops a run of an adapter that does not answer any more.
 * @module
 */

import { limits } from '../limits.ts';
import type { Stop } from '../report/events.ts';

/** Counts the requests since the last answer that had no answer in time. */
export class TimeoutsInARow {
  #timeouts = 0;

  /** Counts one request. */
  count(timedOut: boolean): void {
    this.#timeouts = timedOut ? this.#timeouts + 1 : 0;
  }

  /** Why the run has to stop; null if it does not. */
  get stop(): Stop | null {
    if (this.#timeouts < limits.timeoutsInARow) return null;
    const message = `there was no answer in time to ${limits.timeoutsInARow} requests in a row`;
    return { by: 'timeouts', message };
  }

  /** `items` until the run has to stop. */
  *untilStop<Item>(items: Iterable<Item>): Generator<Item> {
    for (const item of items) {
      if (this.stop !== null) return;
      yield item;
    }
  }
}
