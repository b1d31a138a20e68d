import type { Batch } from '../batch/types.ts';
import type { ChangeTable } from '../change/table.ts';
import { RESOURCE_KINDS } from '../kinds.ts';
import type { Resource } from '../resource.ts';

/** Rows whose resources are in a final status, and which of these statuses take no tag changes. */
export interface FinalRows {
  /** Notes what a reading says of a resource. */
  note(live: Resource): void;
  /** Whether some resource of a batch is in a final status. */
  has(batch: Batch): boolean;
  /** The final status that all resources of a batch share, if they do. */
  shared(batch: Batch): string | undefined;
  /** Notes that resources in this status were refused among themselves. */
  learn(status: string): void;
  /** A batch without those whose status is known to be refused, and these by themselves, status by status. */
  apart(batch: Batch): readonly Batch[];
  /** The same for every final status, known to be refused or not. */
  split(batch: Batch): readonly Batch[];
}

/** @param seen - resources as they were read before the first request. */
export function createFinalRows(table: ChangeTable, seen: readonly Resource[]): FinalRows {
  const statuses = new Map<number, string>();
  const refused = new Set<string>();
  const note = ({ region, type, id, status }: Resource): void => {
    const finals = RESOURCE_KINDS[type].finalStatuses;
    if (finals.length === 0) return;
    const row = table.find(region, type, id);
    if (row < 0) return;
    if (status !== undefined && finals.includes(status)) statuses.set(row, status);
    else statuses.delete(row);
  };
  for (const resource of seen) note(resource);
  const statusOf = ({ region, type }: Batch, id: string) => statuses.get(table.find(region, type, id));
  const cut = (batch: Batch, isApart: (status: string) => boolean): readonly Batch[] => {
    if (statuses.size === 0) return [batch];
    const groups = new Map<string, string[]>();
    for (const id of batch.ids) {
      const status = statusOf(batch, id);
      const name = status !== undefined && isApart(status) ? status : '';
      groups.set(name, [...(groups.get(name) ?? []), id]);
    }
    return [...groups.values()].map((ids) => ({ ...batch, ids }));
  };
  return {
    note,
    has: (batch) => statuses.size > 0 && batch.ids.some((id) => statusOf(batch, id) !== undefined),
    shared(batch) {
      const [first, ...others] = new Set(batch.ids.map((id) => statusOf(batch, id)));
      return others.length === 0 ? first : undefined;
    },
    learn: (status) => void refused.add(status),
    apart: (batch) => (refused.size === 0 ? [batch] : cut(batch, (status) => refused.has(status))),
    split: (batch) => cut(batch, () => true),
  };
}
