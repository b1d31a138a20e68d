import { createHash, randomBytes } from 'node:crypto';
import { invalid } from '../errors.ts';

/** A place in a list: after this resource, and, in lists of rows, after so many of its rows. */
export interface Cursor {
  readonly sequence: number;
  readonly row: number;
}

/** Makes page tokens that mean nothing to anybody else. */
export interface Pages {
  /**
   * @param query what the token may be used with again.
   * @param kept the token of this list, whose place is kept here: it moves on and stays the same.
   */
  issue(cursor: Cursor, query: string, kept?: string): string;
  /** A token for a list whose place is kept here. */
  keep(cursor: Cursor, query: string): string;
  /** @throws {ApiError} for a token that was not made here, or for another query. */
  resume(token: string, query: string): Cursor;
}

/** Tokens are checked by a key of this emulator alone; nothing needs to be remembered but the places that are kept. */
export function createPages(): Pages {
  const places = new Map<string, { cursor: Cursor; readonly query: string }>();
  const key = randomBytes(16).toString('hex');
  const seal = (place: string, query: string): string =>
    createHash('sha256').update(`${key}\n${place}\n${query}`).digest('base64url').slice(0, 16);
  return {
    keep(cursor, query) {
      const token = `kept-${randomBytes(8).toString('hex')}`;
      places.set(token, { cursor, query });
      return token;
    },
    issue({ sequence, row }, query, kept) {
      const own = kept === undefined ? undefined : places.get(kept);
      if (kept !== undefined && own !== undefined) {
        own.cursor = { sequence, row };
        return kept;
      }
      const place = `${sequence}.${row}`;
      return Buffer.from(`${place}.${seal(place, query)}`).toString('base64url');
    },
    resume(token, query) {
      const known = places.get(token);
      if (known?.query === query) return known.cursor;
      const parts = /^((\d+)\.(\d+))\.(.+)$/.exec(Buffer.from(token, 'base64url').toString());
      const [, place = '', sequence, row, mark] = parts ?? [];
      if (parts === null || mark !== seal(place, query)) throw invalid('NextToken', 'it is not one of ours');
      return { sequence: Number(sequence), row: Number(row) };
    },
  };
}
