import { createHash } from 'node:crypto';
import type { Batch } from '../batch/types.ts';
import { compareText } from '../resource.ts';

/**
 * The ClientToken of one request: 48 hexadecimal digits.
 *
 * Equal for equal requests of one execution, whatever the order of ids and keys, so that a repeated call
 * has no second effect; `round` tells apart requests between which the resources were read again, since
 * the service may answer a known token from memory without doing anything.
 */
export function clientToken(execution: string, batch: Batch, round: number): string {
  const parts = [
    execution,
    batch.region,
    batch.type,
    [...batch.ids].sort(compareText),
    [...batch.keys].sort(compareText),
    round,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 48);
}
