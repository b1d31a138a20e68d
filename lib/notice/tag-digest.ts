import { createHash } from 'node:crypto';
import type { ResourceRef, TagKey } from '../resource.ts';

/**
 * What stands for one tag of one resource in a notice: the value is proved by it, and kept nowhere, since a policy may
 * say that values must not be. 132 bits in base64url; the resource is in it, so that equal values do not show.
 */
export function tagDigest({ region, type, id }: ResourceRef, key: TagKey, value: string): string {
  const text = JSON.stringify([region, type, id, key, value]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
