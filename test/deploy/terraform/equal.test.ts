import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../../emulator/identities.ts';
import { startEmulator } from '../../../emulator/server.ts';
import { aroundTheFunction, LOG_PROJECT, runSetup } from '../../support/setup.ts';
import { ACCOUNT_ID, type Change } from './provider.ts';
import { HAS_TERRAFORM, startTerraform } from './terraform.ts';

type Values = Change['values'];
type Rows = readonly Values[];

/** What Terraform made, in the words of `aroundTheFunction`. */
function madeBy(changes: readonly Change[]): Record<string, unknown> {
  const all = (type: string): Rows =>
    changes.filter((change) => change.type === `alicloud_${type}`).map(({ values }) => values);
  const named = (rows: Rows, key: string, tell: (row: Values) => unknown) =>
    Object.fromEntries(rows.map((row) => [String(row[key]), tell(row)]));
  const attached = all('ram_role_policy_attachment').map(({ policy_name }) => policy_name);
  return {
    project: all('log_project')[0]?.description,
    stores: named(all('log_store'), 'logstore_name', (row) => ({
      logstoreName: row.logstore_name,
      ttl: row.retention_period,
      shardCount: row.shard_count,
      autoSplit: row.auto_split ?? false,
      ...(row.max_split_shard_count === null ? {} : { maxSplitShard: row.max_split_shard_count }),
    })),
    indexes: named(all('log_store_index'), 'logstore', indexOf),
    dashboards: named(all('log_dashboard'), 'dashboard_name', (row) => ({
      description: '',
      dashboardName: row.dashboard_name,
      displayName: row.display_name,
      attribute: JSON.parse(String(row.attribute)),
      charts: JSON.parse(String(row.char_list)),
    })),
    alarms: named(all('log_alert'), 'alert_name', alarmOf),
    queues: named(all('message_service_queue'), 'queue_name', (row) => row.message_retention_period),
    roles: named(all('ram_role'), 'role_name', (row) => ({
      description: row.description,
      trust: JSON.parse(String(row.assume_role_policy_document)),
      attached: attached.map(String).sort(),
    })),
    policies: named(all('ram_policy'), 'policy_name', (row) => ({
      description: row.description,
      document: JSON.parse(String(row.policy_document)),
    })),
  };
}

const characters = (token: unknown) => [...String(token)].sort();

/** Both forms, as far as the provider can say them. */
function indexOf(row: Values): unknown {
  const [line] = row.full_text as Rows;
  const fields = row.field_search as Rows;
  return {
    ...(line && { line: { token: characters(line.token), caseSensitive: line.case_sensitive } }),
    ...(row.max_text_len === null ? {} : { max_text_len: row.max_text_len }),
    keys: Object.fromEntries(
      fields.map((field) => [
        field.name,
        {
          type: field.type,
          doc_value: field.enable_analytics,
          ...(field.token === null
            ? {}
            : { caseSensitive: field.case_sensitive, token: characters(field.token) }),
        },
      ]),
    ),
  };
}

function comparableIndex(index: unknown): unknown {
  const { line, keys = {}, max_text_len } = index as Record<string, Record<string, Values>>;
  return {
    ...(line && {
      line: {
        token: characters((line.token as unknown as string[]).join('')),
        caseSensitive: line.caseSensitive,
      },
    }),
    ...(max_text_len === undefined ? {} : { max_text_len }),
    keys: Object.fromEntries(
      Object.entries(keys).map(([name, { type, doc_value, caseSensitive, token }]) => [
        name,
        {
          type,
          doc_value,
          ...(token === undefined ? {} : { caseSensitive, token: characters((token as string[]).join('')) }),
        },
      ]),
    ),
  };
}

function alarmOf(row: Values): unknown {
  const [schedule] = row.schedule as Rows;
  const [policy] = row.policy_configuration as Rows;
  const [group] = row.group_configuration as Rows;
  return {
    name: row.alert_name,
    displayName: row.alert_displayname,
    schedule: { type: schedule?.type, interval: schedule?.interval },
    configuration: {
      version: row.version,
      type: row.type,
      threshold: row.threshold,
      queryList: (row.query_list as Rows).map((query) => ({
        storeType: query.store_type,
        region: query.region,
        project: query.project,
        store: query.store,
        chartTitle: query.chart_title,
        timeSpanType: query.time_span_type,
        start: query.start,
        end: query.end,
        query: query.query,
      })),
      joinConfigurations: (row.join_configurations as Rows).map(({ type, condition }) => ({
        type,
        condition,
      })),
      groupConfiguration: { type: group?.type },
      severityConfigurations: (row.severity_configurations as Rows).map(({ severity, eval_condition }) => {
        const { condition, count_condition } = eval_condition as Values;
        return { severity, evalCondition: { condition, countCondition: count_condition } };
      }),
      policyConfiguration: {
        alertPolicyId: policy?.alert_policy_id,
        actionPolicyId: policy?.action_policy_id,
        repeatInterval: policy?.repeat_interval,
      },
      annotations: (row.annotations as Rows).map(({ key, value }) => ({ key, value })),
    },
  };
}

describe.runIf(HAS_TERRAFORM)('deploy/*.tf and tagsweep setup', () => {
  it.each([
    { title: 'as delivered', variables: {}, line: '' },
    {
      title: 'with all that can be switched on',
      variables: { allow_apply: 'true', alarm_action_policy: 'ops', alarm_tags_removed: '77' },
      line: '--allow-apply --alarm-action-policy ops --alarm-tags-removed 77',
    },
    {
      title: 'with other names, elsewhere',
      variables: {
        region: 'cn-beijing',
        function_name: 'sweeper',
        log_store: 'records',
        platform_log_store: 'sweeper-platform',
        audit_retention_days: '30',
        alarm_action_policy: 'ops',
      },
      line: '--region cn-beijing --function sweeper --log-store records --retention-days 30 --alarm-action-policy ops',
    },
  ])(
    'make the same, $title, but for the saved searches that the provider cannot make',
    async ({ variables, line }) => {
      expect(ACCOUNT_ID).toBe(DEFAULT_IDENTITY.accountId);
      const emulator = await startEmulator();
      const terraform = await startTerraform();

      const { code, stderr } = await runSetup(emulator, `--yes ${line}`);
      const { searches, indexes, ...made } = aroundTheFunction(emulator);
      const expected = madeBy(await terraform.apply({ ...variables, log_project: LOG_PROJECT }));
      await emulator.close();
      terraform.close();

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(Object.keys(searches as object).length).toBeGreaterThan(0);
      const compared = Object.fromEntries(
        Object.entries(indexes as object).map(([store, index]) => [store, comparableIndex(index)]),
      );
      expect({ ...made, indexes: compared }).toEqual(expected);
    },
    60_000,
  );
});
