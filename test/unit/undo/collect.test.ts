import { describe, expect, it } from 'vitest';
import { createRecorder } from '../../../lib/audit/recorder.ts';
import { collectRemovals } from '../../../lib/undo/collect.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

const REF = { region: 'cn-hangzhou', type: 'ContainerGroup', id: 'eci-1' } as const;
const NAME = 'cn-hangzhou/ContainerGroup/eci-1 ci-run';

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
    const { removals, withoutValue } = await announced(['old', 'values'], ['new', 'values']);

    expect(removals[0]?.tags).toEqual([{ key: 'ci-run', value: 'new', rule: 'undo' }]);
    expect([...withoutValue]).toEqual([]);
  });

  it('knows no value where the last announcement kept none, whatever an earlier one said', async () => {
    const { withoutValue } = await announced(['old', 'values'], ['new', 'keys']);

    expect([...withoutValue]).toEqual([NAME]);
  });

  it('knows the value where a later announcement kept it', async () => {
    const { removals, withoutValue } = await announced(['old', 'keys'], ['new', 'values']);

    expect(removals[0]?.tags).toMatchObject([{ value: 'new' }]);
    expect([...withoutValue]).toEqual([]);
  });

  it('takes everything for asked where a run never ended', async () => {
    const { neverAsked } = await announced(['old', 'values']);

    expect([...neverAsked]).toEqual([]);
  });
});
