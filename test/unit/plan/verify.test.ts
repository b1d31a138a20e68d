import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../lib/batch/types.ts';
import type { Removal } from '../../../lib/plan/types.ts';
import { verifyBatches } from '../../../lib/plan/verify.ts';
import { aBatch, aRemoval } from '../../support/removals.ts';

const LIMITS = { resources: 3, keys: 2, bytes: 8000 };
const REMOVALS = [aRemoval('eci-1', { a: '1', b: '2' }), aRemoval('eci-2', { a: '1' })];

function verify(
  batches: readonly Batch[],
  part: { removals?: readonly Removal[]; free?: readonly string[]; limits?: typeof LIMITS } = {},
) {
  verifyBatches({
    removals: part.removals ?? REMOVALS,
    batches,
    isFree: (ref, key) => (part.free ?? []).includes(`${ref.region}/${ref.type}/${ref.id} ${key}`),
    limits: part.limits ?? LIMITS,
  });
}

describe('verifyBatches', () => {
  it.each([
    {
      description: 'a request per key',
      batches: [aBatch(['eci-1', 'eci-2'], ['a']), aBatch(['eci-1'], ['b'])],
    },
    {
      description: 'requests that overlap',
      batches: [aBatch(['eci-1'], ['a', 'b']), aBatch(['eci-1', 'eci-2'], ['a'])],
    },
  ])('accepts $description', ({ batches }) => {
    expect(() => verify(batches)).not.toThrow();
  });

  it('accepts a pair that is free, and only that one', () => {
    const batches = [aBatch(['eci-1', 'eci-2'], ['a', 'b'])];

    expect(() => verify(batches, { free: ['cn-hangzhou/ContainerGroup/eci-2 b'] })).not.toThrow();
    expect(() => verify(batches)).toThrow(
      /"b" from cn-hangzhou\/ContainerGroup\/eci-2, which is neither planned nor free/,
    );
  });

  const whole = aBatch(['eci-1'], ['a', 'b']);
  it.each([
    {
      description: 'a planned tag in no batch',
      batches: [whole],
      message: 'no batch removes "a" from cn-hangzhou/ContainerGroup/eci-2',
    },
    {
      description: 'the right id in another region',
      batches: [whole, aBatch(['eci-2'], ['a'], { region: 'cn-beijing' })],
      message: '"a" from cn-beijing/ContainerGroup/eci-2',
    },
    {
      description: 'the right id of another type',
      batches: [whole, aBatch(['eci-2'], ['a'], { type: 'ImageCache' })],
      message: '"a" from cn-hangzhou/ImageCache/eci-2',
    },
    {
      description: 'a resource outside the plan',
      batches: [whole, aBatch(['eci-2', 'eci-3'], ['a'])],
      message: '"a" from cn-hangzhou/ContainerGroup/eci-3',
    },
    { description: 'no keys', batches: [aBatch(['eci-1'], [])], message: 'batch 0 has no keys' },
    { description: 'no resources', batches: [aBatch([], ['a'])], message: 'has no resources' },
    { description: 'a resource twice', batches: [aBatch(['eci-1', 'eci-1'], ['a'])], message: 'twice' },
    { description: 'a key twice', batches: [aBatch(['eci-1'], ['a', 'a'])], message: 'twice' },
    {
      description: 'too many resources',
      batches: [aBatch(['1', '2', '3', '4'], ['a'])],
      message: '4 resources × 1 keys, at most 3 × 2',
    },
    {
      description: 'too many keys',
      batches: [aBatch(['eci-1'], ['a', 'b', 'c'])],
      message: '1 resources × 3 keys, at most 3 × 2',
    },
  ])('refuses $description', ({ batches, message }) => {
    expect(() => verify(batches)).toThrow(
      expect.objectContaining({ code: 'PLAN_UNPROVED', message: expect.stringContaining(message) }),
    );
  });

  it('accepts a batch of the largest size', () => {
    const removals = ['1', '2', '3'].map((id) => aRemoval(id, { a: '1', b: '2' }));

    expect(() => verify([aBatch(['1', '2', '3'], ['a', 'b'])], { removals })).not.toThrow();
  });

  it('names each planned tag that no batch holds, and only those', () => {
    expect(() => verify([aBatch(['eci-1', 'eci-2'], ['a'])])).toThrow(
      'nothing was sent: no batch removes "b" from cn-hangzhou/ContainerGroup/eci-1. Plan again',
    );
  });

  it('refuses a plan that names a resource twice', () => {
    expect(() => verify([whole], { removals: [REMOVALS[0]!, REMOVALS[0]!] })).toThrow(/eci-1 twice/);
  });

  it.each([
    { key: 'a', bytes: '&ResourceId.1=eci-1&TagKey.1=a'.length },
    { key: '键', bytes: '&ResourceId.1=eci-1&TagKey.1='.length + 9 },
    { key: "it's", bytes: '&ResourceId.1=eci-1&TagKey.1=it%27s'.length },
    { key: '🧹', bytes: '&ResourceId.1=eci-1&TagKey.1='.length + 12 },
  ])('counts the encoded bytes of $key', ({ key, bytes }) => {
    const removals = [aRemoval('eci-1', { [key]: '' })];
    const batches = [aBatch(['eci-1'], [key])];

    expect(() => verify(batches, { removals, limits: { ...LIMITS, bytes } })).not.toThrow();
    expect(() => verify(batches, { removals, limits: { ...LIMITS, bytes: bytes - 1 } })).toThrow(
      `takes ${bytes} bytes`,
    );
  });

  it('names the first offences, not thousands', () => {
    const ids = Array.from({ length: 50 }, (_, at) => `eci-${at}`);

    expect(() =>
      verify(
        ids.map((id) => aBatch([id], ['x'])),
        { removals: REMOVALS },
      ),
    ).toThrow(
      `exactly, so nothing was sent: ${ids
        .slice(0, 5)
        .map(
          (id, at) =>
            `batch ${at} would remove "x" from cn-hangzhou/ContainerGroup/${id}, which is neither planned nor free`,
        )
        .join('; ')}. Plan again`,
    );
  });
});
