import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../../cli/read-report.ts';
import { reportFields } from '../../../lib/audit/run-record.ts';
import { reportJsonSchema } from '../../../lib/report/json-schema.ts';
import { REPORT_PARTS, valueAt } from '../../../lib/report/parts.ts';
import { reportPage } from '../../../scripts/report-page.ts';
import { aReport } from '../../support/audit-builders.ts';

const NO_BATCHES = { total: 0, failed: 0 };

/** What an older function answers: a report without the parts that came later. */
function older(): object {
  const { unseen: _unseen, skipped: _skipped, tags, calls, proof, ...rest } = aReport();
  const { ended: _ended, ...ends } = tags;
  const { tag: _tag, ...others } = calls;
  const { lost: _lost, unread: _unread, ...account } = proof;
  return { ...rest, tags: ends, calls: others, proof: account };
}

describe('reportSchema', () => {
  it('is what docs/report.schema.json and docs/report.md hold: run npm run schema when it is not', () => {
    const schema = JSON.parse(readFileSync('docs/report.schema.json', 'utf8'));

    expect(schema).toEqual(reportJsonSchema());
    expect(readFileSync('docs/report.md', 'utf8')).toBe(reportPage());
  });

  it('says of every part what it means', () => {
    expect(REPORT_PARTS.length).toBeGreaterThan(50);
    expect(REPORT_PARTS.filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it('gives no two parts the same field', () => {
    const fields = REPORT_PARTS.flatMap(({ field }) => field ?? []);

    expect(new Set(fields).size).toBe(fields.length);
  });

  it('tells a number in the report by that number in its record', () => {
    const report = aReport({ unseen: 7, proof: { ...aReport().proof, lost: 3, unread: 2 } });

    const record = reportFields(report, NO_BATCHES);

    for (const part of REPORT_PARTS) {
      const value = valueAt(report, part);
      if (part.field !== undefined && typeof value === 'number') expect(record[part.field]).toBe(`${value}`);
    }
    expect(record).toMatchObject({ resources_unseen: '7', proof_lost: '3', proof_unread: '2' });
  });

  it('names the places that were left out, and hides what their refusal may hold', () => {
    const why = 'You are not authorized: AccessKeyId=LTAI5tEXAMPLEexample1234';
    const skipped = [{ region: 'me-central-1', code: 'Forbidden', why }];

    const { places_skipped } = reportFields(aReport({ skipped, code: 'TIME' }), NO_BATCHES);

    expect(JSON.parse(places_skipped ?? '')).toMatchObject([{ region: 'me-central-1', code: 'Forbidden' }]);
    expect(places_skipped).not.toContain('LTAI5t');
  });
});

describe('readReport', () => {
  it('reads a report back as it was', () => {
    const report = aReport({ code: 'MAX_FAILURES', undo: { of: 'run-0', restorable: 2, left: [] } });

    expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('reads the answer of an older function, which knew nothing of what came later', () => {
    expect(readReport(older())).toEqual(aReport());
  });

  it('reads the answer of a newer function, without what it cannot name', () => {
    const report = { ...aReport(), code: 'SOLAR_FLARE', moon: 'full' };

    expect(readReport(report)).toEqual(aReport({ code: 'UNKNOWN' }));
  });

  it.each([undefined, null, 'ignored', {}, { outcome: 'success' }, { ...aReport(), tags: {} }])(
    'takes %j for no report',
    (answer) => {
      expect(readReport(answer)).toBeUndefined();
    },
  );
});
