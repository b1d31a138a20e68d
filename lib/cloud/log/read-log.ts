import { createReadBudget } from '../../audit/query.ts';
import type { Clock } from '../../clock.ts';
import type { AuditQuery } from '../../ports.ts';
import type { Answer } from './exchange.ts';
import type { LogClient } from './log-client.ts';
import { invalidAnswer, LogFailure } from './log-failure.ts';
import { searchText } from './log-query.ts';

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

type Row = Readonly<Record<string, unknown>>;

interface Place {
  readonly client: LogClient;
  readonly project: string;
  readonly logstore: string;
  readonly clock: Clock;
}

/**
 * All rows that the search of a query finds, by time; some may come twice.
 *
 * A page that the service calls incomplete is asked for again, and only an empty page is the end, so that
 * nothing is missed however few rows a page holds.
 *
 * @throws {LogFailure}
 * @throws {CleanupError} code `AUDIT_UNAVAILABLE` when there is no end to them.
 */
export async function readRows(place: Place, query: AuditQuery): Promise<readonly Row[]> {
  const toS =
    query.toMs === undefined ? Math.floor(place.clock.now() / 1000) + AHEAD_S : Math.ceil(query.toMs / 1000);
  let fromS = Math.max(0, Math.floor((query.fromMs ?? 0) / 1000));
  const search = searchText(query);
  const line = wantsJournal(query) ? JOURNAL_PAGE_ROWS : PAGE_ROWS;
  const rows: Row[] = [];
  const spend = createReadBudget();
  let offset = 0;
  while (fromS < toS) {
    const answer = await readPage(place, { fromS, toS, search, line, offset });
    spend(answer.body.length);
    const page = parseRows(answer);
    if (page.length === 0) break;
    rows.push(...page);
    offset += page.length;
    const lastS = Number(page.at(-1)?.__time__);
    if (offset >= MAX_OFFSET && lastS > fromS) {
      fromS = lastS;
      offset = 0;
    }
  }
  return rows;
}

function wantsJournal(query: AuditQuery): boolean {
  return query.eventNames?.every((name) => !name.endsWith('_planned')) !== true;
}

interface PageQuery {
  readonly fromS: number;
  readonly toS: number;
  readonly search: string;
  readonly line: number;
  readonly offset: number;
}

async function readPage(place: Place, query: PageQuery): Promise<Answer> {
  for (let asked = 1; ; asked++) {
    const answer = (await place.client.getLogs(
      place.project,
      place.logstore,
      new Date(query.fromS * 1000),
      new Date(query.toS * 1000),
      { query: query.search, line: query.line, offset: query.offset, reverse: false },
    )) as Answer;
    if (String(answer.headers['x-log-progress'] ?? 'Complete').toLowerCase() === 'complete') return answer;
    if (asked >= MAX_INCOMPLETE) {
      throw new LogFailure(
        'final',
        'Incomplete',
        `the service called its answer incomplete ${asked} times`,
        answer,
      );
    }
    await place.clock.sleep(Math.min(LONGEST_PAUSE_MS, INCOMPLETE_PAUSE_MS * asked));
  }
}

function parseRows(answer: Answer): readonly Row[] {
  let value: unknown;
  try {
    value = JSON.parse(answer.body.toString());
  } catch {
    throw invalidAnswer(answer, 'an answer that is no JSON');
  }
  if (!Array.isArray(value)) throw invalidAnswer(answer, 'an answer that is no list of records');
  return value.filter((row): row is Row => typeof row === 'object' && row !== null);
}
