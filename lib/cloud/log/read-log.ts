import { createReadBudget } from '../../audit/query.ts';
import type { JournalName } from '../../audit/record.ts';
import type { Clock } from '../../clock.ts';
import type { AuditQuery } from '../../ports.ts';
import type { Answer } from './exchange.ts';
import type { LogClient } from './log-client.ts';
import { LogFailure } from './log-failure.ts';
import { searchText } from './log-query.ts';
import { type Page, type Row, readPageOf } from './log-rows.ts';

/** The service's own most; journal records are large, so that fewer of them come at once. */
const PAGE_ROWS = 100;
const JOURNAL_PAGE_ROWS = 20;

/** Deeper than this a new window begins at the last time seen: deep offsets are slow, and may be refused. */
const MAX_OFFSET = 10_000;

/** The service takes logs whose time is so far ahead of its own. */
const AHEAD_S = 15 * 60;

/** How often an answer that is not complete is asked for again, and the pauses in between. */
const MAX_INCOMPLETE = 12;
const INCOMPLETE_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

interface Place {
  readonly client: LogClient;
  readonly project: string;
  readonly logstore: string;
  readonly clock: Clock;
}

/**
 * All rows that the search of a query finds; some may come twice.
 *
 * A page that the service calls incomplete is asked for again, and only an empty page is the end, so that
 * nothing is missed however few rows a page holds. Where the service does not say whether a page is complete,
 * everything is read again until that brings no more.
 *
 * @throws {LogFailure}
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when there is no end to them.
 */
export async function readRows(place: Place, query: AuditQuery): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  let most = -1;
  for (let passes = 1; passes <= MAX_INCOMPLETE; passes++) {
    const pass = await readThrough(place, query);
    rows = rows.concat(pass.rows);
    if (pass.told || pass.rows.length <= most) return rows;
    most = pass.rows.length;
    await pauseBeforeAgain(place.clock, passes);
  }
  throw new LogFailure(
    'final',
    'Incomplete',
    `the service does not say whether its answers are complete, and found more each of ${MAX_INCOMPLETE} times`,
  );
}

/** From the first page to the last; `told`: the service called each of them complete. */
async function readThrough(
  place: Place,
  query: AuditQuery,
): Promise<{ readonly rows: readonly Row[]; readonly told: boolean }> {
  const toS =
    query.toMs === undefined ? Math.floor(place.clock.now() / 1000) + AHEAD_S : Math.ceil(query.toMs / 1000);
  let fromS = Math.max(0, Math.floor((query.fromMs ?? 0) / 1000));
  const search = searchText(query);
  const line = wantsJournal(query) ? JOURNAL_PAGE_ROWS : PAGE_ROWS;
  const rows: Row[] = [];
  const spend = createReadBudget();
  let offset = 0;
  let told = true;
  let lastS: number | undefined = fromS;
  while (fromS < toS) {
    const page = await readPage(place, { fromS, toS, search, line, offset }, spend);
    told &&= page.complete === true;
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
    offset += page.rows.length;
    lastS = lastTime(page.rows, lastS);
    // Only where rows come by time, and the time is in seconds, is there nothing left before it.
    if (offset >= MAX_OFFSET && lastS !== undefined && lastS > fromS && lastS < toS) {
      fromS = lastS;
      offset = 0;
    }
  }
  return { rows, told };
}

/** The time of the last row; `undefined` once a row was older than one before it, or has no time. */
function lastTime(rows: readonly Row[], beforeS: number | undefined): number | undefined {
  let lastS = beforeS;
  for (const { __time__ } of rows) {
    const atS = Number(__time__);
    lastS = lastS !== undefined && atS >= lastS ? atS : undefined;
  }
  return lastS;
}

const JOURNALS: ReadonlySet<string> = new Set<JournalName>([
  'removals_planned',
  'restores_planned',
  'removal_noticed',
  'notice_withdrawn',
]);

function wantsJournal(query: AuditQuery): boolean {
  return query.eventNames?.every((name) => !JOURNALS.has(name)) !== true;
}

interface PageQuery {
  readonly fromS: number;
  readonly toS: number;
  readonly search: string;
  readonly line: number;
  readonly offset: number;
}

async function readPage(place: Place, query: PageQuery, spend: (bytes: number) => void): Promise<Page> {
  for (let asked = 1; ; asked++) {
    const answer = (await place.client.getLogs(
      place.project,
      place.logstore,
      new Date(query.fromS * 1000),
      new Date(query.toS * 1000),
      { query: query.search, line: query.line, offset: query.offset, reverse: false },
    )) as Answer;
    const page = readPageOf(answer);
    if (page.complete !== false) {
      spend(answer.body.length);
      return page;
    }
    if (asked >= MAX_INCOMPLETE) {
      throw new LogFailure(
        'final',
        'Incomplete',
        `the service called its answer incomplete ${asked} times`,
        answer,
      );
    }
    await pauseBeforeAgain(place.clock, asked);
  }
}

function pauseBeforeAgain(clock: Clock, asked: number): Promise<void> {
  return clock.sleep(Math.min(LONGEST_PAUSE_MS, INCOMPLETE_PAUSE_MS * asked));
}
