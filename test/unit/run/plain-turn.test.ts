import { describe, expect, it } from 'vitest';
import { runCleanup } from '../../../lib/run/cleanup.ts';
import { isPlainTurn } from '../../../lib/run/observe.ts';
import { aPolicy, aResource } from '../../support/builders.ts';
import { aRequest, aWorld } from '../../support/runs.ts';

const RUNS = Array.from({ length: 2000 }, (_, n) => `run-${n}`);

describe('isPlainTurn', () => {
  it.each([
    { share: undefined, least: 0, most: 0 },
    { share: 0, least: 0, most: 0 },
    { share: 0.1, least: 150, most: 250 },
    { share: 1, least: 2000, most: 2000 },
  ])('is the turn of a share of $share of all runs', ({ share, least, most }) => {
    const turns = RUNS.filter((run) => isPlainTurn(share, run)).length;

    expect(turns).toBeGreaterThanOrEqual(least);
    expect(turns).toBeLessThanOrEqual(most);
  });
});

describe('a run whose turn it is', () => {
  it('reads page by page, and a run that goes on with its work reads as it did', async () => {
    const fleet = Array.from({ length: 300 }, (_, n) =>
      aResource({ id: `eci-${n}`, tags: n % 50 === 0 ? { 'ci-old': 'x' } : { team: 'a' } }),
    );
    const callsOf = async (plainReadings: number, part: { readonly parentRunId?: string } = {}) => {
      const { ports } = aWorld(fleet);
      const policy = aPolicy({ remove: [{ key: 'ci-old' }], limits: { maxPercent: 100, plainReadings } });
      const request = aRequest({ policy, mode: 'dry-run', runId: 'run-2', ...part });
      return (await runCleanup(request, ports, { identity: {} })).calls.list;
    };
    const plain = RUNS.find((run) => isPlainTurn(0.1, run))!;
    const other = RUNS.find((run) => !isPlainTurn(0.1, run))!;

    const [whole, ofPlain, ofOther, narrow] = [
      await callsOf(1),
      await callsOf(0.1, { parentRunId: plain }),
      await callsOf(0.1, { parentRunId: other }),
      await callsOf(0),
    ];

    expect([ofPlain, ofOther]).toEqual([whole, narrow]);
    expect(whole).toBeGreaterThan(narrow);
  });
});
