import type { Type } from '../resource.ts';
import type { Call } from './operation.ts';

/** Resources as RAM names them, `*` for all of the type; a call that names none is judged on all. */
export function arnsOf(call: Call, type: Type, ids: readonly string[] = ['*']): readonly string[] {
  const { region, identity } = call;
  return ids.map((id) => `acs:eci:${region}:${identity.accountId}:${type.toLowerCase()}/${id}`);
}
