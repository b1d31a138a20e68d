import { describe, expect, it } from 'vitest';
import { untilInterrupted } from '../../cli/interrupt.ts';
import type { Io } from '../../cli/io.ts';

const said: string[] = [];
const io = { err: (text: string) => said.push(text) } as unknown as Io;

describe('untilInterrupted', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'asks the work to end in order at %s, lets it end, and listens no more',
    async (signal) => {
      said.length = 0;
      const listeners = process.listenerCount(signal);

      const ended = await untilInterrupted(io, async (stop) => {
        process.emit(signal);
        return stop.aborted ? 'in order' : 'never asked';
      });

      expect(ended).toBe('in order');
      expect(said.join('')).toContain('what is under way is finished and written down');
      expect(process.listenerCount(signal)).toBe(listeners);
    },
  );
});
