/**
 * What a run takes under each reading of the service, of what is deployed: calls, time, outcome, and whether its undo brings all
 * back. `npm run --silent bench:readings -- [ARCHIVE]`: the archive of another version, which is held against the same
 * services; default the one of this working tree.
 */

import { goThrough, type Journey, type Told } from '../test/readings/journey.ts';
import { faultsOf } from '../test/readings/judge.ts';
import { READINGS, type ReadingOfService } from '../test/readings/readings.ts';
import { loadBundle } from '../test/support/in-bundle.ts';

const [archive] = process.argv.slice(2);
const fn = loadBundle(archive);

console.log(
  '| the service | calls | seconds | outcome | tags of those meant | told beside | undo | what is wrong |',
);
console.log('| --- | ---: | ---: | --- | --- | --- | --- | --- |');
for (const reading of READINGS) {
  const cells = await cellsOf(reading);
  console.log(`| ${[reading.name, ...cells].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}
fn.close();

async function cellsOf(reading: ReadingOfService): Promise<readonly string[]> {
  try {
    const journey = await goThrough([reading], 'all', { bundle: fn, isOther: archive !== undefined });
    const faults = faultsOf(journey, [reading]);
    return [...told(journey), faults[0]?.slice(0, 160) ?? ''];
  } catch (error) {
    return ['', '', 'broken', '', '', '', String((error as Error).message).slice(0, 160)];
  }
}

function told({ meant, before, afterApply, afterUndo, report, calls, tookMs }: Journey): readonly string[] {
  const gone = [...before].filter((tag) => !afterApply.has(tag));
  const asMeant = gone.filter((tag) => meant.has(tag)).length;
  const others = gone.length - asMeant;
  // What the second run took is not of this undo.
  const lost = gone.filter((tag) => !afterUndo.has(tag)).length;
  return [
    String(calls),
    (tookMs / 1000).toFixed(1),
    report.proof.verified ? `${report.outcome}, verified` : report.outcome,
    `${asMeant} of ${meant.size}${others > 0 ? `, and ${others} others` : ''}`,
    besideOutcome(report),
    gone.length === 0 ? 'nothing to do' : lost === 0 ? 'all back' : `${lost} not back`,
  ];
}

/** What a reader of the report would stop at. */
function besideOutcome({ tags, unseen = 0, skipped = [], warnings = [] }: Partial<Told>): string {
  const counts: readonly (readonly [number, string])[] = [
    [tags?.ended ?? 0, 'ended'],
    [skipped.length, 'skipped'],
    [unseen, 'unseen'],
    [warnings.length, 'warned'],
  ];
  return counts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(', ');
}
