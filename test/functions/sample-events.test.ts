import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/cli.ts';
import { type Deployed, deployFunction, TRUSTING } from '../support/deployed.ts';

const FOLDER = join(ROOT, 'functions/cleanup/events');

function sample(name: string) {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
}

/** The resource that the sample of a creation names, and one beside it. */
const FLEET = ['eci-bp1createdjustnow', 'eci-other'].map((id) => ({
  id,
  type: 'ContainerGroup' as const,
  region: 'cn-hangzhou',
  created: '2026-01-01T00:00:00Z',
  tags: { 'ci-run': '1', env: 'dev', Env: 'dev', team: 'a' },
}));

let fn: Deployed;

beforeEach(async () => {
  fn = await deployFunction({ emulator: { fleet: FLEET } });
});
afterEach(() => fn.close());

const keysOf = (index: number) => Object.keys(fn.emulator.state.snapshot()[index]?.tags ?? {}).sort();
const WHOLE = ['Env', 'ci-run', 'env', 'team'];
const CLEANED = ['Env', 'env', 'team'];

describe('the sample events, sent to the archive that is deployed', () => {
  it.each([
    { name: 'manual-dry-run', trigger: { type: 'manual' }, policy: 'strip-ci-markers', planned: 2 },
    { name: 'timer', trigger: { type: 'timer', name: 'nightly' }, policy: 'strip-ci-markers', planned: 2 },
    { name: 'resource-created', trigger: { type: 'event' }, policy: 'misspelt-keys', planned: 1 },
  ])('$name starts a dry run', async ({ name, trigger, policy, planned }) => {
    const { result } = await fn.invoke(sample(name));

    expect(result).toMatchObject({
      outcome: 'success',
      mode: 'dry-run',
      trigger,
      policy: { name: policy },
      tags: { planned },
    });
    expect(keysOf(0)).toEqual(WHOLE);
  });

  it('manual-apply does nothing as it is, and exactly what manual-dry-run planned with its digest', async () => {
    const { error: refused } = await fn.invoke(sample('manual-apply'));
    const { result: plan } = await fn.invoke(sample('manual-dry-run'));

    const { result } = await fn.invoke({ ...sample('manual-apply'), planDigest: plan.planDigest });

    expect(refused?.errorMessage).toMatch(/^DIGEST_MISMATCH: .* was refused/);
    expect(result).toMatchObject({ outcome: 'success', mode: 'apply', tags: { planned: 2, removed: 2 } });
    expect([keysOf(0), keysOf(1)]).toEqual([CLEANED, CLEANED]);
  });

  it('manual-undo finds no run as it is, tells with an id what could be put back, and puts it back', async () => {
    const { error } = await fn.invoke(sample('manual-undo'));
    const { result: applied } = await fn.invoke({ mode: 'apply' }, { environment: TRUSTING });
    const undo = { ...sample('manual-undo'), undo: applied.runId };

    const { result: told } = await fn.invoke(undo);
    const between = keysOf(0);
    const { result } = await fn.invoke({ ...undo, mode: 'apply' });

    expect(error?.errorMessage).toContain('put-the-id-of-the-run-here');
    expect(told).toMatchObject({ outcome: 'success', mode: 'dry-run', undo: { restorable: 2 } });
    expect(between).toEqual(CLEANED);
    expect(result).toMatchObject({ outcome: 'success', tags: { restored: 2 } });
    expect(keysOf(0)).toEqual(WHOLE);
  });
});

describe('the folder of samples', () => {
  it('holds no file that is not tried here', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([
      'manual-apply.json',
      'manual-dry-run.json',
      'manual-undo.json',
      'resource-created.json',
      'timer.json',
    ]);
  });

  it('has the timer send what s.yaml makes it send', () => {
    const { resources } = parse(readFileSync(join(ROOT, 's.yaml'), 'utf8'));
    const [timer] = resources.cleanup.props.triggers;
    const { triggerName, payload } = sample('timer');

    expect(triggerName).toBe(timer.triggerName);
    expect(payload).toBe(timer.triggerConfig.payload.replace(`\${vars.mode}`, 'dry-run'));
  });
});
