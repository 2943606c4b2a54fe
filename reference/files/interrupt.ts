/**
 * Cleanup of work that fails, or that a signal ends.
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

/**
 * Runs `work`, and `undo` if `work` throws or a signal ends the process meanwhile. Everything that `undo` removes must
 * be created synchronously, so that nothing is created after it has run.
 */
export async function undoUnlessDone<T>(undo: () => void, work: () => Promise<T>): Promise<T> {
  const cancel = onInterrupt(undo);
  try {
    return await work();
  } catch (error) {
    undo();
    throw error;
  } finally {
    cancel();
  }
}

/** Cleans up and dies of the signal, so that the parent process sees it. */
function interrupted(signal: NodeJS.Signals): void {
  try {
    for (const cleanup of cleanups) cleanup();
  } finally {
    for (const each of signals) process.off(each, interrupted);
    process.kill(process.pid, signal);
  }
}
