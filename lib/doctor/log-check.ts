import type { Clock } from '../clock.ts';
import { describeError } from '../redact.ts';
import type { Finding } from './finding.ts';

/** The log store as the doctor needs it. */
export interface LogLook {
  /** Its name and its project's, or a file's. */
  readonly place: string;
  /** How its index compares with the shipped one; left out: a file has none. */
  readonly index?: () => Promise<'missing' | 'other' | 'equal'>;
  /** Writes one record that no run is told by. */
  write(): Promise<void>;
  /** Whether the record is found by the search that an undo would make. */
  find(): Promise<boolean>;
}

/** Pauses while the record is looked for: a log store shows what was written after some seconds. */
const PATIENCE_MS = [250, 500, 1000, 2000, 4000, 8000, 15_000] as const;

/** Whether records can be kept, and found again; how long that takes. */
export async function checkLog(log: LogLook | undefined, clock: Clock): Promise<readonly Finding[]> {
  const check = 'log store';
  if (log === undefined) {
    return [
      {
        check,
        status: 'warned',
        text: 'no log store is named: plans can be made, and nothing can be applied',
        todo: 'Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE, or TAGSWEEP_LOG_FILE; npx tagsweep setup makes a log store.',
      },
    ];
  }
  const findings: Finding[] = [];
  if (log.index !== undefined) findings.push(await lookAtIndex(log.place, log.index));
  const startedAtMs = clock.now();
  try {
    await log.write();
    for (const pauseMs of PATIENCE_MS) {
      if (await log.find()) {
        const tookMs = clock.now() - startedAtMs;
        return [
          ...findings,
          { check, status: 'passed', text: `${log.place}: a written record was found after ${tookMs} ms` },
        ];
      }
      await clock.sleep(pauseMs);
    }
    const todo =
      'Without it an apply is refused (limits.requireUndo). Is there an index on event_name and run_id? npx tagsweep setup makes the one of deploy/log-index.json.';
    return [
      ...findings,
      { check, status: 'failed', text: `${log.place}: a written record was not found in 30 s`, todo },
    ];
  } catch (error) {
    return [...findings, { check, status: 'failed', text: describeError(error), todo: ALLOW }];
  }
}

const ALLOW =
  'Check the names and the region, and allow log:PostLogStoreLogs and log:GetLogStoreLogs (tagsweep ram --for doctor).';

async function lookAtIndex(place: string, look: NonNullable<LogLook['index']>): Promise<Finding> {
  const check = 'log index';
  try {
    const state = await look();
    if (state === 'equal') return { check, status: 'passed', text: `${place}: the index is the shipped one` };
    return state === 'missing'
      ? {
          check,
          status: 'failed',
          text: `${place}: there is no index, so nothing can be searched: no undo, no history`,
          todo: 'Make it: npx tagsweep setup --yes, or terraform -chdir=deploy apply.',
        }
      : {
          check,
          status: 'warned',
          text: `${place}: the index differs from deploy/log-index.json; fields may be cut or not be found`,
          todo: 'Compare them, max_text_len included: npx tagsweep setup shows the difference, and --yes takes it away.',
        };
  } catch (error) {
    return {
      check,
      status: 'warned',
      text: `${place}: the index cannot be read: ${describeError(error)}`,
      todo: 'Allow log:GetIndex (tagsweep ram --for doctor); what counts is whether a record is found.',
    };
  }
}
