import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';
import { lookTwice } from '../support/hostile-text.ts';
import { goThroughAll, type Told } from '../support/journey.ts';

/** One of each kind of what a terminal acts upon, or an eye does not see. */
const NASTY = [
  '\u001b[2J\u001b[31m',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil.example\u001b\\link',
  '\u009b31m',
  '\u009d0;x\u009c',
  '\u0000\u0008\u007f',
  '\r\nremoved 0 tags\r',
  '\u0085\u2028\u2029',
  '\u202eevil\u202c',
  '\u2066\u2069\u061c\u200f',
  '\u200b\u200d\u2060\ufeff',
  '\u00ad\u034f\u3164\uffa0',
  '\u{e0041}\u{e0101}\ufe0f',
  '<script>alert(1)</script>\u001b',
] as const;

const tagsOf = (prefix: string): Record<string, string> =>
  Object.fromEntries(NASTY.map((text, at) => [`${prefix}${at}${text}`, `${text}${at}`]));

const FLEET = [
  { id: 'eci-1', tags: { ...tagsOf('ci-'), team: NASTY[0] } },
  { id: 'eci-2', tags: { ...tagsOf('ci-'), env: NASTY[8] } },
  { id: 'eci-3', tags: { ...tagsOf('keep-'), 'ci-x': NASTY[3] } },
].map((one, at) => ({
  ...one,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  name: `api${NASTY[at]}`,
  status: 'Running',
}));

const ALL = NASTY.join(' ');

const POLICY = {
  version: 1,
  name: 'nasty',
  description: ALL,
  scope: { regions: ['cn-hangzhou'] },
  remove: [{ key: 'ci-*' }, { key: `gone${ALL}`.slice(0, 100) }],
  protect: [
    { keys: [`keep-*${NASTY[8]}`], reason: ALL, owner: ALL, until: '2026-01-01' },
    { resources: { tag: `hold${NASTY[3]}`, exists: true }, reason: ALL },
  ],
  limits: { maxPercent: 100, maxFailures: 100 },
};

const TESTS = {
  policy: 'nasty',
  asOf: '2026-06-01T00:00:00Z',
  tests: [
    {
      name: ALL,
      resource: { name: ALL, tags: tagsOf('ci-') },
      removes: [Object.keys(tagsOf('ci-'))[0]],
      because: { [Object.keys(tagsOf('ci-'))[1]!]: 'noRule' },
    },
  ],
};

let fn: Deployed;
let folder: string;
let told: readonly Told[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), `tagsweep-${NASTY[0]}-${NASTY[8]}-`));
  fn = await deployFunction({ emulator: { fleet: FLEET }, function: { environment: TRUSTING } });
  told = await goThroughAll(fn, {
    folder,
    policy: POLICY,
    tests: TESTS,
    fileName: `nasty${NASTY[0]}${NASTY[3]}${NASTY[8]}`,
    resourceIds: ['eci-1', 'eci-2', 'eci-3'],
    // One resource cannot be changed by the function, and the service says why in its own way.
    beforeFunction: () =>
      fn.emulator.faults.add({
        fault: { kind: 'error', code: `Refused${NASTY[1]}`, status: 400, message: ALL },
        api: 'UntagResources',
        when: ({ parameters }) => [...parameters.values()].includes('eci-2'),
      }),
    events: [{ policy: ALL }, { [ALL]: ALL }, { policy: { ...POLICY, [ALL]: 1 } }],
  });
}, 120_000);

afterAll(async () => {
  await fn?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a fleet, a policy and files full of what a terminal acts upon', () => {
  it('pass through every command, the function and its records without any of it', () => {
    const raw = told.flatMap(({ where, text }) => {
      const found = [...new Set(lookTwice(text))];
      return found.length === 0
        ? []
        : [`${where}: ${found.join(' ')} in ${JSON.stringify(text.slice(0, 200))}`];
    });

    expect(raw).toEqual([]);
  });

  it('are told all the same, spelt out, where they were met', () => {
    const spelt = told.filter(({ text }) => /x9b31m|u009b31m/i.test(text)).map(({ where }) => where);

    expect(spelt).toEqual(
      expect.arrayContaining([
        // The file is called otherwise than its policy.
        'validate (2)',
        'plan (0)',
        'explain (0)',
        'diff (0)',
        'apply (0)',
        'undo (1)',
        'invoke (1)',
        'its answer',
        'what the functions printed',
        'record removals_planned',
        'record batch_completed',
        'record run_completed',
        join(folder, 'saved-plan.json'),
        join(folder, 'plan.html'),
      ]),
    );
    // A tag that holds a URL can be removed, and not be set again.
    expect(told.find(({ where }) => where === 'undo (1)')?.text).toContain('it holds a URL');
  });
});
