/**
 * Cleanup before a signal ends the process.
 * @module
 */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const cleanups = new Set<() => void>();

/** Runs `cleanup`, which is synchronous, if a signal ends the process. Returns a function that cancels this. */
export function onInterrupt(cleanup: () => void): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, interrupted);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) for (const signal of signals) process.off(signal, interrupted);
  };
}

/** Cleans up and dies of the signal, so that the parent process sees it. */
function interrupted(signal: NodeJS.Signals): void {
  for (const cleanup of cleanups) cleanup();
  for (const each of signals) process.off(each, interrupted);
  process.kill(process.pid, signal);
}
