import { type Report, reportSchema } from '../lib/report/report.ts';

/**
 * What a function answered as a report; nothing where it answered something else, as for an event that it ignored.
 * An older function leaves out what came later; what a newer one adds is not shown.
 */
export function readReport(answer: unknown): Report | undefined {
  return reportSchema.safeParse(answer).data;
}
