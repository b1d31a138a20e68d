import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deploymentFaults } from '../deployment.ts';
import { serverlessDevs } from '../s-preview.ts';
import type { Change } from './provider.ts';
import { HAS_TERRAFORM, startTerraform, type Terraform } from './terraform.ts';

describe.runIf(HAS_TERRAFORM)('deploy/*.tf, by Terraform itself', () => {
  let terraform: Terraform;

  beforeEach(async () => {
    terraform = await startTerraform();
  });
  afterEach(() => terraform.close());

  const kinds = (changes: readonly Change[]) => changes.map(({ action, type }) => `${action} ${type}`);

  it('is written in its form, and valid', async () => {
    expect(await terraform.run('fmt', '-check', '-diff')).toEqual({ code: 0, output: '' });
    expect(await terraform.run('validate', '-no-color')).toMatchObject({ code: 0 });
  });

  it('makes what stands around the function, and takes all of it away again', async () => {
    const made = await terraform.apply({ alarm_action_policy: 'ops' });
    const before = terraform.changes.length;
    const { code } = await terraform.run('destroy', '-auto-approve', '-var=log_project=acme-audit');
    const gone = terraform.changes.slice(before);

    expect(new Set(made.map(({ type }) => type))).toEqual(
      new Set([
        'alicloud_ram_role',
        'alicloud_ram_policy',
        'alicloud_ram_role_policy_attachment',
        'alicloud_log_project',
        'alicloud_log_store',
        'alicloud_log_store_index',
        'alicloud_log_dashboard',
        'alicloud_log_alert',
        'alicloud_message_service_queue',
      ]),
    );
    expect(code).toBe(0);
    expect(kinds(gone).sort()).toEqual(
      kinds(made)
        .map((line) => line.replace('create', 'delete'))
        .sort(),
    );
  });

  it('switches the right to change tags by an attachment alone, as often as one likes', async () => {
    await terraform.apply();

    for (let round = 0; round < 3; round += 1) {
      const on = await terraform.apply({ allow_apply: 'true' });
      const off = await terraform.apply({ allow_apply: 'false' });

      expect(on).toMatchObject([
        {
          action: 'create',
          values: { role_name: 'tagsweep-function', policy_name: 'tagsweep-function-changes' },
        },
      ]);
      expect(kinds([...on, ...off])).toEqual([
        'create alicloud_ram_role_policy_attachment',
        'delete alicloud_ram_role_policy_attachment',
      ]);
    }
  }, 60_000);

  it.each([
    { title: 'packed policies', variables: {}, mode: 'dry-run', dir: '/code/policies' },
    {
      title: 'policies in a bucket, a timer that applies',
      variables: { policies_bucket: 'acme-policies', mode: 'apply' },
      mode: 'apply',
      dir: '/mnt/policies',
    },
  ])('writes an .env from which s.yaml resolves without faults: $title', async ({ variables, mode, dir }) => {
    await terraform.apply(variables);
    const { output } = await terraform.run('output', '-raw', 'env');
    writeFileSync(join(terraform.folder, '.env'), output);
    const s = serverlessDevs();

    const resolved = await s.preview({}, terraform.folder);
    s.remove();

    const { environmentVariables, triggers } = resolved.resources.cleanup.props;
    expect(deploymentFaults(resolved)).toEqual([]);
    expect(environmentVariables.TAGSWEEP_POLICIES_DIR).toBe(dir);
    expect(triggers[0]?.triggerConfig).toMatchObject({ payload: JSON.stringify({ mode }) });
    expect(parseEnv(output)).toMatchObject({
      TAGSWEEP_REGION: 'cn-hangzhou',
      TAGSWEEP_LOG_PROJECT: environmentVariables.TAGSWEEP_LOG_PROJECT,
      TAGSWEEP_LOG_STORE: environmentVariables.TAGSWEEP_LOG_STORE,
    });
  });

  it('names what belongs to a further region after its function, so that both stand side by side', async () => {
    const home = await terraform.apply({ alarm_action_policy: 'ops' });
    await terraform.run('workspace', 'new', 'cn-beijing');
    const further = await terraform.apply({
      region: 'cn-beijing',
      function_name: 'tagsweep-beijing',
      log_project: 'acme-audit-beijing',
      timer: 'false',
      alarm_action_policy: 'ops',
    });
    const namesOf = (changes: readonly Change[]) =>
      changes
        .filter(({ type }) => /_ram_(role|policy)$|project|queue/.test(type))
        .map(
          ({ values }) => values.role_name ?? values.policy_name ?? values.queue_name ?? values.project_name,
        );

    expect(namesOf(further)).toHaveLength(namesOf(home).length);
    expect(namesOf(further).filter((name) => namesOf(home).includes(name))).toEqual([]);
  });

  it.each([
    {
      fault: 'a retention out of range',
      file: 'main.tf',
      text: 'message_retention_period = 604800',
      instead: 'message_retention_period = 1209600',
      says: '1209600 lies outside of 60 to 604800',
    },
    {
      fault: 'an alarm of a severity that there is not',
      file: 'alarms.json',
      text: '"severity": 8',
      instead: '"severity": 7',
      says: '7 is none of 2, 4, 6, 8, 10',
    },
    {
      fault: 'an index of a type that there is not',
      file: 'log-index.json',
      text: '"type": "long"',
      instead: '"type": "int"',
      says: '"int" is none of text, long, double, json',
    },
    {
      fault: 'a policy that is no JSON',
      file: '../policies/ram/function-changes.json',
      text: '"Statement"',
      instead: 'Statement',
      says: 'policy_document: is not JSON',
    },
    {
      fault: 'a mode that there is not',
      file: 'variables.tf',
      text: 'default     = "dry-run"',
      instead: 'default     = "aply"',
      says: 'The mode is dry-run or apply.',
    },
  ])('refuses $fault before anything is made', async ({ file, text, instead, says }) => {
    terraform.edit(file, text, instead);

    const { code, output } = await terraform.run(
      ...['apply', '-no-color', '-auto-approve', '-var=log_project=acme-audit', '-var=alarm_action_policy=x'],
    );

    expect(code).toBe(1);
    expect(output.replace(/\s+/g, ' ')).toContain(says);
    expect(terraform.changes).toEqual([]);
  });
});
