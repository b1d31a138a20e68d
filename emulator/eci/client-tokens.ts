import { ApiError } from '../errors.ts';

type Body = Readonly<Record<string, unknown>>;

/** Answers remembered by client token. */
export interface ClientTokens {
  /**
   * Says what became of a token: `undefined` when it is new, which it then no longer is.
   *
   * @throws {ApiError} `IdempotentParameterMismatch` for the token of another question, `LastTokenProcessing`
   * while the first call with it is still open.
   */
  claim(account: string, token: string, question: string, nowMs: number): Body | undefined;
  /** Remembers the answer; without one the token is free again. */
  settle(account: string, token: string, answer: Body | undefined): void;
}

interface Entry {
  readonly question: string;
  readonly atMs: number;
  answer: Body | undefined;
}

/** @param keepMs how long an answer is remembered; unpublished for ECI, so a setting. */
export function createClientTokens(keepMs: () => number): ClientTokens {
  const entries = new Map<string, Entry>();
  return {
    claim(account, token, question, nowMs) {
      const key = `${account} ${token}`;
      const entry = entries.get(key);
      if (entry === undefined || (entry.answer !== undefined && nowMs - entry.atMs >= keepMs())) {
        entries.set(key, { question, atMs: nowMs, answer: undefined });
        return undefined;
      }
      if (entry.question !== question) throw new ApiError('IdempotentParameterMismatch');
      if (entry.answer === undefined) throw new ApiError('LastTokenProcessing');
      return entry.answer;
    },
    settle(account, token, answer) {
      const key = `${account} ${token}`;
      const entry = entries.get(key);
      if (answer === undefined || entry === undefined) entries.delete(key);
      else entry.answer = answer;
    },
  };
}
