import { describe, expect, it } from 'vitest';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import { collectRemovals } from '../../../lib/undo/collect.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const REF = { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' } as const;

/** What a run announced, one time after the other. */
async function announced(...times: readonly (readonly [value: string, keep: 'values' | 'keys'])[]) {
  const log = createMemoryLog();
  const clock = virtualClock();
  for (const [value, keep] of times) {
    const recorder = createRecorder({ log, runId: 'run-1', identity: {}, clock });
    await recorder.journal('removals_planned', [{ ...REF, tags: [{ key: 'ci-run', value }] }], keep);
    clock.advance(1000);
  }
  return collectRemovals(await log.read({}));
}

describe('collectRemovals', () => {
  it('takes the value that was announced last', async () => {
    const { changes, valueKept } = await announced(['old', 'values'], ['new', 'values']);

    expect(changes).toEqual([{ ...REF, tags: [{ key: 'ci-run', value: 'new' }] }]);
    expect(valueKept).toEqual([true]);
  });

  it('knows no value where the last announcement kept none, whatever an earlier one said', async () => {
    const { valueKept } = await announced(['old', 'values'], ['new', 'keys']);

    expect(valueKept).toEqual([false]);
  });

  it('knows the value where a later announcement kept it', async () => {
    const { changes, valueKept } = await announced(['old', 'keys'], ['new', 'values']);

    expect(changes[0]?.tags).toMatchObject([{ value: 'new' }]);
    expect(valueKept).toEqual([true]);
  });

  it('takes everything for asked where a run never ended', async () => {
    const { asked } = await announced(['old', 'values']);

    expect(asked).toEqual([true]);
  });
});
