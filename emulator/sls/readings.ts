import type { HttpResponse } from '../http.ts';

/**
 * How the service says what it says, where pages disagree or are silent. The first of each is what the newest page, or
 * a measured answer, shows.
 */
export interface SlsWording {
  /** Other letters, a plural (`ProjectNotExists`), or a dot (`Project.NotExist`). */
  codes: 'documented' | 'lowerCase' | 'plural' | 'dotted';
  /** `old`: 400 for all but what the service itself fails at; `ok`: 200 for everything. */
  errorStatus: 'documented' | 'old' | 'ok';
  /** The names of an error's two fields, and where they stand. */
  errorBody: 'errorCode' | 'ErrorCode' | 'error_code' | 'code' | 'nested';
  /** The header that every answer of the service has; without the first there is none of the other `x-log-` ones either. */
  requestIdHeader: 'x-log-requestid' | 'x-acs-request-id' | 'none';
  /** Names of headers as they are sent. */
  headerNames: 'lowerCase' | 'upperCase';
  /** Where the service tells its time: one header, the other, or none that can be read. */
  serverTime: 'date' | 'x-log-time' | 'none';
  /** The answer to a change: no body, an empty one called JSON, an object, or 204. */
  success: 'empty' | 'emptyJson' | 'object' | 'noContent';
  /** Rows bare, or in `data` beside `meta`. */
  rows: 'list' | 'data';
  /** `x-log-progress`; `none`: not in `meta` either. `meta` alone needs `rows: 'data'`. */
  progress: 'header' | 'lowerCase' | 'meta' | 'none';
  countHeader: boolean;
  /** No rows: an empty list, no body, or `null`. */
  noRows: 'list' | 'empty' | 'null';
  /** `typed`: what reads as a number, a truth value or JSON is one. */
  values: 'text' | 'typed';
  /** `__time__`: seconds as text or number, milliseconds, or not there. */
  timeField: 'text' | 'number' | 'milliseconds' | 'none';
  /** Fields in rows that the writer did not send: names of the service's own, or such as a processor at the store adds. */
  extraFields: 'none' | 'ofService' | 'ofProcessor';
}

export const DEFAULT_WORDING: Readonly<SlsWording> = {
  codes: 'documented',
  errorStatus: 'documented',
  errorBody: 'errorCode',
  requestIdHeader: 'x-log-requestid',
  headerNames: 'lowerCase',
  serverTime: 'date',
  success: 'empty',
  rows: 'list',
  progress: 'header',
  countHeader: true,
  noRows: 'list',
  values: 'text',
  timeField: 'text',
  extraFields: 'none',
};

type Headers = Record<string, string>;

/**
 * An answer of the service in the words that are set; what a proxy answered is left as it is.
 *
 * @param nowMs the service's time, epoch milliseconds.
 */
export function reword(
  response: HttpResponse,
  api: string,
  wording: SlsWording,
  nowMs: number,
): HttpResponse {
  if (response.headers?.['x-log-requestid'] === undefined) return response;
  const worded = rewordBody(response, api, wording);
  return { ...worded, headers: rewordHeaders({ ...worded.headers }, wording, nowMs) };
}

function rewordBody(response: HttpResponse, api: string, wording: SlsWording): HttpResponse {
  const value = parse(response);
  if (response.body === undefined) return rewordSuccess(response, wording.success);
  if (typeof value === 'object' && value !== null && 'errorCode' in value) {
    return { ...response, ...rewordError(response.status, value as Headers, wording) };
  }
  if (api !== 'GetLogs' || !Array.isArray(value)) return response;
  const rows = value.map((row) => rewordRow(row as Headers, wording));
  const progress = response.headers?.['x-log-progress'];
  const told = wording.progress === 'none' ? {} : { progress };
  const answer = wording.rows === 'data' ? { meta: { ...told, count: rows.length }, data: rows } : rows;
  const bare = rows.length === 0 && wording.rows === 'list' ? wording.noRows : 'list';
  return { ...response, body: { list: JSON.stringify(answer), empty: '', null: 'null' }[bare] };
}

function parse({ body }: HttpResponse): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

function rewordSuccess(response: HttpResponse, success: SlsWording['success']): HttpResponse {
  if (success === 'empty') return response;
  if (success === 'noContent') return { ...response, status: 204 };
  const headers = { ...response.headers, 'content-type': 'application/json' };
  return { ...response, headers, body: success === 'object' ? '{}' : '' };
}

function rewordError(
  status: number,
  error: Headers,
  wording: SlsWording,
): { readonly status: number; readonly body: string } {
  const { errorCode = '', errorMessage = '' } = error;
  const code = {
    documented: errorCode,
    lowerCase: errorCode.toLowerCase(),
    plural: errorCode.replace(/(NotExist|Exceed)$/, '$1s'),
    dotted: errorCode.replace(/(?<=[a-z])(NotExist|NotMatch|Exceed|Expired)$/, '.$1'),
  }[wording.codes];
  const body = {
    errorCode: { errorCode: code, errorMessage },
    ErrorCode: { ErrorCode: code, ErrorMessage: errorMessage },
    error_code: { error_code: code, error_message: errorMessage },
    code: { code, message: errorMessage },
    nested: { Error: { Code: code, Message: errorMessage } },
  }[wording.errorBody];
  const old = status < 500 ? 400 : status;
  return {
    status: { documented: status, old, ok: 200 }[wording.errorStatus],
    body: JSON.stringify(body),
  };
}

function rewordRow(row: Headers, wording: SlsWording): Readonly<Record<string, unknown>> {
  const { __time__: time = '', ...fields } = row;
  const times: Readonly<Record<SlsWording['timeField'], unknown>> = {
    text: time,
    number: Number(time),
    milliseconds: Number(time) * 1000,
    none: undefined,
  };
  const typed = Object.entries(fields).map(([name, value]) => [name, toTyped(value)]);
  return {
    ...(wording.values === 'typed' ? Object.fromEntries(typed) : fields),
    __time__: times[wording.timeField],
    ...EXTRA_FIELDS[wording.extraFields],
  };
}

const EXTRA_FIELDS: Readonly<Record<SlsWording['extraFields'], Readonly<Record<string, unknown>>>> = {
  none: {},
  ofService: { __pack_meta__: '1|MTcw', '__tag__:__receive_time__': '1767229200', nothing: null },
  ofProcessor: { added_by_processor: 'yes' },
};

/** Only what is written again as it was read. */
function toTyped(text: string): unknown {
  const value = parse({ status: 200, body: text });
  return value !== undefined && value !== null && JSON.stringify(value) === text ? value : text;
}

function rewordHeaders(headers: Headers, wording: SlsWording, nowMs: number): Readonly<Headers> {
  const { 'x-log-requestid': id = '', 'x-log-progress': progress, 'x-log-count': count, ...others } = headers;
  const shown = { header: progress, lowerCase: progress?.toLowerCase(), meta: undefined, none: undefined }[
    wording.progress
  ];
  const worded: Headers = {
    ...others,
    ...(wording.requestIdHeader !== 'none' && { [wording.requestIdHeader]: id }),
    ...(shown !== undefined && { 'x-log-progress': shown }),
    ...(count !== undefined && wording.countHeader && { 'x-log-count': count }),
  };
  if (wording.requestIdHeader !== 'x-log-requestid') {
    for (const name of Object.keys(worded)) if (name.startsWith('x-log-')) delete worded[name];
  }
  if (wording.serverTime !== 'date') worded.date = '';
  if (wording.serverTime === 'x-log-time') worded['x-log-time'] = String(Math.floor(nowMs / 1000));
  if (wording.headerNames === 'lowerCase') return worded;
  return Object.fromEntries(Object.entries(worded).map(([name, value]) => [name.toUpperCase(), value]));
}
