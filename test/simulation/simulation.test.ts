import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createTally, type Tallied } from './tally.ts';

/** Seeds of one check; `SEEDS=20000 npx vitest run test/simulation` plays more. */
const SEEDS = Number(process.env.SEEDS ?? 1000);

/** Everything that can go wrong; a check in which some of it never happens would prove less than it says. */
const EVERYTHING = [
  'throttled',
  'conflict',
  'lost reply',
  'never answered',
  'reset',
  'truncated answer',
  'HTML answer',
  'unavailable',
  'failed and done',
  'rejected',
  'answered and not done',
  'credentials expired',
  'slow to show',
  'short page',
  'empty page',
  'tag set by others',
  'tag dropped by others',
  'filled with tags by others',
  'resource vanished',
  'resource appeared',
  'log dead',
  'log kept, no answer',
  'log unreadable',
  'log slow',
  'crash',
  'invocation tried again',
  'submission refused',
  'submission without answer',
  'reading noTags absent',
  'reading goneOnRead refused',
  'reading statusList podsOnly',
  'reading filters less',
  'reading filters nothing',
  'reading untagTakes everything',
  'reading untagTakes anyCase',
  'reading listsGoEmptyAfter',
  'reading rowsGoEmptyToo true',
];

it('keeps every promise, whatever goes wrong and in whatever order', {
  timeout: 120_000 + SEEDS * 300,
}, async () => {
  const [here, there] = await Promise.all([playOdd(), playEvenElsewhere()]);

  expect([...here.failed, ...there.failed]).toEqual([]);
  const met = new Set([...Object.keys(here.faults), ...Object.keys(there.faults)]);
  if (SEEDS >= 1000) expect([...met].sort()).toEqual([...EVERYTHING].sort());
});

async function playOdd(): Promise<Tallied> {
  const tally = createTally();
  for (let seed = 1; seed <= SEEDS; seed += 2) await tally.run(seed);
  return tally;
}

/** A second process, so that two cores share the work. */
async function playEvenElsewhere(): Promise<Tallied> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const args = [
    '--import',
    'tsx',
    main,
    '--from',
    '2',
    '--every',
    '2',
    '--seeds',
    `${Math.floor(SEEDS / 2)}`,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, '--json']);
  return JSON.parse(stdout) as Tallied;
}
