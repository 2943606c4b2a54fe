/**
 * What the probes call, in each thread of a copy of the reference that is being observed.
 * @module
 */

import { writeFileSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** The functions that a module with probes calls, as `probe`. */
export interface ProbeRuntime {
  ran(number: number): void;
  value<Value>(number: number, original: Value, changed: () => unknown): Value;
  truth<Value>(number: number, original: Value, changed: () => unknown): Value;
  matches(number: number, original: RegExp, changed: RegExp): RegExp;
}

/** A buffer that all threads share. */
const SHARED = 'mutants/reported';

/**
 * Makes `probe` available in this thread. Before each message of the program, `file` gets a byte for each of `count`
 * numbers: 1 if its probe has reported since the message before.
 */
export function observe(count: number, file: string): void {
  const shared = isMainThread
    ? new SharedArrayBuffer(count)
    : (getEnvironmentData(SHARED) as SharedArrayBuffer);
  const reported = new Uint8Array(shared);
  Object.assign(globalThis, { probe: probeRuntime(reported) });
  if (!isMainThread) return;
  setEnvironmentData(SHARED, shared);
  const write = process.stdout.write.bind(process.stdout) as (...args: unknown[]) => boolean;
  process.stdout.write = (...args: unknown[]) => {
    if ((args[0] as string | Uint8Array).length > 0) {
      writeFileSync(file, reported);
      reported.fill(0);
    }
    return write(...args);
  };
}

/** Probes that set the byte of their number in `reported`. */
export function probeRuntime(reported: Uint8Array): ProbeRuntime {
  // Probes within an expression that is only evaluated for a comparison do not count.
  let isComparing = false;
  const compare = (number: number, differs: () => boolean) => {
    if (isComparing || reported[number] === 1) return;
    isComparing = true;
    try {
      if (differs()) reported[number] = 1;
    } catch {
      reported[number] = 1;
    } finally {
      isComparing = false;
    }
  };
  return {
    ran: number => {
      if (!isComparing) reported[number] = 1;
    },
    value: (number, original, changed) => {
      compare(number, () => !isSame(original, changed()));
      return original;
    },
    truth: (number, original, changed) => {
      compare(number, () => Boolean(original) !== Boolean(changed()));
      return original;
    },
    matches: (number, original, changed) => {
      const { exec, [Symbol.split]: split, [Symbol.matchAll]: matchAll } = original;
      const methods = {
        exec(text: string) {
          changed.lastIndex = original.lastIndex;
          const match = exec.call(original, text);
          compare(number, () => !isSame(shown(match), shown(changed.exec(text))));
          return match;
        },
        // These two use a copy of the expression, which has the usual method exec.
        [Symbol.split](text: string, limit?: number) {
          const parts = split.call(original, text, limit);
          compare(number, () => !isSame(parts, changed[Symbol.split](text, limit)));
          return parts;
        },
        [Symbol.matchAll](text: string) {
          const all = (of: Iterable<RegExpExecArray>) => [...of].map(shown);
          compare(
            number,
            () => !isSame(all(matchAll.call(original, text)), all(changed[Symbol.matchAll](text))),
          );
          return matchAll.call(original, text);
        },
      };
      return Object.assign(original, methods);
    },
  };
}

function shown(match: RegExpExecArray | null): unknown {
  return match && [match.index, ...match];
}

/** Whether two values cannot be told from each other. In case of doubt they can. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (!Array.isArray(a) && Object.getPrototypeOf(a) !== Object.prototype) return false;
  const [from, to] = [Object.entries(a), Object.entries(b)];
  return (
    from.length === to.length &&
    from.every(([key, value], i) => to[i]?.[0] === key && isSame(value, to[i]?.[1]))
  );
}
