import type { Io } from './io.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does work that changes something, and lets it end in order when the person, or the machine, wants it to
 * stop: requests in flight are finished and written down, and the report tells what was not reached.
 *
 * Only once: the second Ctrl-C ends the process, as it would without us.
 */
export async function untilInterrupted<T>(io: Io, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupt = (): void => {
    unlisten();
    io.err(
      '\nStopping: what is under way is finished and written down. Once more ends it at once; undo can put back what was removed.\n',
    );
    stop.abort();
  };
  const unlisten = (): void => {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await work(stop.signal);
  } finally {
    unlisten();
  }
}
