import { compareTag, type TagState } from '../change/compare.ts';
import type { ChangeTable } from '../change/table.ts';
import { readAgain } from '../inventory/look-again.ts';
import type { Proof } from '../report/report.ts';
import { resourceKey } from '../resource.ts';
import { type ProofOptions, unexplainedOf } from './prove.ts';

/** What became of the tags that a run announced to remove. */
export interface AnnouncedTags {
  /** Announced in the journal. */
  readonly announced: number;
  readonly gone: number;
  /** There again with the announced value, put back by an undo of the run. */
  readonly restored: number;
  /** There again, or still, with another value. */
  readonly changed: number;
  /** There with the announced value. */
  readonly there: number;
  /** Of resources that do not exist any more. */
  readonly vanished: number;
  /** Of resources that could not be read. */
  readonly unread: number;
}

/** What a journal announced, and what became known of each of its tags, by slot. */
export interface AnnouncedOptions extends Pick<ProofOptions, 'read' | 'clock' | 'time' | 'onProgress'> {
  readonly table: ChangeTable;
  /** Whether a request asked for it. */
  readonly asked: readonly boolean[];
  /** Whether its value was kept. */
  readonly valueKept: readonly boolean[];
  /** Whether an undo put it back. */
  readonly isRestored: (slot: number) => boolean;
  /** From when on everybody is taken to see what was done. Epoch milliseconds. */
  readonly settledAtMs: number;
}

const WORD = {
  there: 'there',
  changed: 'changed',
  absent: 'gone',
  gone: 'vanished',
  unseen: 'unread',
} as const satisfies Record<TagState, keyof AnnouncedTags>;

/**
 * Holds what a run announced against what is there: a tag that was asked for, and is there with its old value
 * when patience ends, is unexplained.
 *
 * The journal tells of what was to go only, so other tags are not looked at.
 */
export async function proveAnnounced(
  options: AnnouncedOptions,
): Promise<{ readonly tags: AnnouncedTags; readonly proof: Proof }> {
  const { table, read, clock, time, settledAtMs } = options;
  const states = new Array<TagState>(table.slots).fill('unseen');
  const seen = new Set<number>();
  const isStrange = (slot: number): boolean =>
    states[slot] === 'there' && options.asked[slot] === true && !options.isRestored(slot);
  const slotsOf = (row: number): readonly number[] =>
    table.rows[row]!.tags.map((_, at) => table.firstSlot(row) + at);
  const waiting = () => table.rows.filter((_, row) => slotsOf(row).some(isStrange));
  const look = (rows: ChangeTable['rows']) =>
    read(
      rows,
      (ref, live) => {
        const row = table.find(ref.region, ref.type, ref.id);
        options.onProgress?.(seen.add(row).size);
        // Listed without its tags: no better known than before.
        if (live !== undefined && live.tags === undefined) return;
        for (const slot of slotsOf(row)) {
          const { key, value } = table.rows[row]!.tags[slot - table.firstSlot(row)]!;
          states[slot] = compareTag({ key, value: options.valueKept[slot] ? value : undefined }, live);
        }
      },
      time.mayStart,
    );
  await look(table.rows);
  const again = await readAgain({
    clock,
    time,
    isWaiting: () => clock.now() < settledAtMs && waiting().length > 0,
    read: () => look(waiting()),
  });
  for (const { region, type, id } of again.unread) {
    for (const slot of slotsOf(table.find(region, type, id))) states[slot] = 'unseen';
  }
  const tags = { announced: table.slots, gone: 0, restored: 0, changed: 0, there: 0, vanished: 0, unread: 0 };
  for (const [slot, state] of states.entries()) {
    tags[state === 'there' && options.isRestored(slot) ? 'restored' : WORD[state]] += 1;
  }
  const strange = table.rows.flatMap((change, row) =>
    slotsOf(row)
      .filter(isStrange)
      .map((slot) => `${resourceKey(change)} ${change.tags[slot - table.firstSlot(row)]!.key}`),
  );
  // What still shows when time ends too early may only show late: not verified, and no accusation.
  const proof = {
    verified: tags.unread === 0 && strange.length === 0,
    foreign: tags.changed,
    lost: 0,
    unread: table.rows.filter((_, row) => slotsOf(row).some((slot) => states[slot] === 'unseen')).length,
    ...unexplainedOf(again.isSettled ? strange : []),
  };
  return { tags, proof };
}
