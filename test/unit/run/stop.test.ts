import { describe, expect, it } from 'vitest';
import { CODES, STOP_CODES } from '../../../lib/codes.ts';
import { CleanupError } from '../../../lib/errors.ts';
import { isRefusal, stopOf } from '../../../lib/run/stop.ts';

describe('stopOf', () => {
  it.each(STOP_CODES)('says of %s what the table of codes says', (code) => {
    const error = new CleanupError(code, 'Why.');

    expect(stopOf(error)).toEqual({ kind: CODES[code].before, code, reason: 'Why.' });
    expect(isRefusal(error)).toBe(CODES[code].before === 'refused');
  });

  it('takes an error that nobody made on purpose for a defect', () => {
    expect(stopOf(new TypeError('x is undefined'))).toMatchObject({ kind: 'failed', code: 'UNKNOWN' });
    expect(isRefusal(new TypeError('x is undefined'))).toBe(false);
  });
});

describe('CODES', () => {
  it('say no to a run before it has begun', () => {
    expect(STOP_CODES.filter((code) => CODES[code].before === 'refused')).toEqual([
      'INVALID_POLICY',
      'NOT_ALLOWED',
      'BUSY',
      'PLAN_REFUSED',
      'PLAN_UNPROVED',
      'LIMIT_EXCEEDED',
      'APPROVAL_MISSING',
      'DIGEST_MISMATCH',
      'INVENTORY_INCOMPLETE',
      'AUDIT_UNAVAILABLE',
      'INTERRUPTED',
    ]);
  });

  it('leave work for another run where a person, time or a quota ended this one', () => {
    expect(STOP_CODES.filter((code) => CODES[code].during === 'cut')).toEqual([
      'INTERRUPTED',
      'TIME',
      'THROTTLED',
    ]);
  });
});
