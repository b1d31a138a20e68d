import type { SlsSettings } from '../../emulator/sls/state.ts';

/** One way in which the log store may say what it says. */
export interface ReadingOfLogStore {
  readonly name: string;
  readonly settings: Partial<SlsSettings>;
}

/** Of successes: whole runs go through, and are undone. */
export const SUCCESSES: readonly ReadingOfLogStore[] = [
  { name: 'as documented', settings: {} },
  { name: 'names of headers in upper case', settings: { headerNames: 'upperCase' } },
  {
    name: 'the request id in the header of other services',
    settings: { requestIdHeader: 'x-acs-request-id' },
  },
  { name: 'no body that is called JSON', settings: { success: 'emptyJson' } },
  { name: 'an object for what was written', settings: { success: 'object' } },
  { name: 'status 204 for what was written', settings: { success: 'noContent' } },
  { name: 'rows beside their meta', settings: { rows: 'data' } },
  { name: 'progress in lower case', settings: { progress: 'lowerCase' } },
  { name: 'progress in meta alone', settings: { rows: 'data', progress: 'meta' } },
  { name: 'progress nowhere', settings: { progress: 'none' } },
  {
    name: 'progress nowhere, and rows that come late',
    settings: { progress: 'none', visibilityDelayMs: 300 },
  },
  {
    name: 'answers that are not complete, told in meta alone',
    settings: { rows: 'data', progress: 'meta', incompleteReads: 3 },
  },
  {
    name: 'answers that are not complete, and told nowhere',
    settings: { progress: 'none', incompleteReads: 3 },
  },
  { name: 'no count', settings: { countHeader: false } },
  { name: 'no body where there are no rows', settings: { noRows: 'empty' } },
  { name: 'null where there are no rows', settings: { noRows: 'null' } },
  { name: 'numbers, truth values and lists in rows', settings: { values: 'typed' } },
  { name: 'the time of a row as a number', settings: { timeField: 'number' } },
  { name: 'the time of a row in milliseconds', settings: { timeField: 'milliseconds' } },
  { name: 'no time in rows', settings: { timeField: 'none' } },
  { name: 'fields of the service in rows', settings: { extraFields: 'ofService' } },
  { name: 'the newest rows first', settings: { rowOrder: 'newestFirst' } },
];

/** Of refusals: each is taken for what it is. */
export const REFUSALS: readonly ReadingOfLogStore[] = [
  { name: 'as documented', settings: {} },
  { name: 'codes in lower case', settings: { codes: 'lowerCase' } },
  { name: 'codes in the plural', settings: { codes: 'plural' } },
  { name: 'codes with a dot', settings: { codes: 'dotted' } },
  { name: 'the statuses of old pages', settings: { errorStatus: 'old' } },
  { name: 'status 200', settings: { errorStatus: 'ok' } },
  { name: 'ErrorCode', settings: { errorBody: 'ErrorCode' } },
  { name: 'error_code', settings: { errorBody: 'error_code' } },
  { name: 'code and message', settings: { errorBody: 'code' } },
  { name: 'code and message with status 200', settings: { errorBody: 'code', errorStatus: 'ok' } },
  { name: 'an error within an object', settings: { errorBody: 'nested' } },
  {
    name: 'the request id in the header of other services',
    settings: { requestIdHeader: 'x-acs-request-id' },
  },
  { name: 'names of headers in upper case', settings: { headerNames: 'upperCase' } },
];
