import { parseArray } from './decode.ts';
import type { AuditRecord } from './record.ts';

/** The run id of one invocation of a family; at most 64 characters. */
export function memberRunId(familyId: string, shard: string, hop: number): string {
  return `${familyId.slice(0, 64 - shard.length - 6)}-${shard}-h${hop}`;
}

/** The shard and hop that a run id tells, where it is one that `familyId` gives to those who go on with its work. */
export function placeOfMember(
  familyId: string,
  runId: string,
): { readonly shard: string; readonly hop: number } | undefined {
  const [, shard = '', hop = ''] = /-((?:[a-z0-9]+-)*[a-z0-9]+)-h(\d+)$/.exec(runId) ?? [];
  // The family's own id may end like a shard: the longest that fits is tried first, and each shorter one.
  const words = shard.split('-');
  for (let from = 0; from < words.length; from += 1) {
    const one = words.slice(from).join('-');
    if (memberRunId(familyId, one, Number(hop)) === runId) return { shard: one, hop: Number(hop) };
  }
  return undefined;
}

/** The run ids that an end names as those who were asked to go on with its work. */
export function heirsOf(end: AuditRecord): readonly string[] {
  return (parseArray(end.heirs ?? '') ?? []).filter((heir): heir is string => typeof heir === 'string');
}

/** The run id of the invocation that goes on where `runId` stopped. */
export function nextMember(runId: string, familyId: string, hop: number): string {
  if (runId === familyId) return memberRunId(familyId, 'all', hop);
  return runId.replace(/-h\d+$/, `-h${hop}`);
}
