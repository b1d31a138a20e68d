import alarms from '../../../deploy/alarms.json' with { type: 'json' };
import dashboard from '../../../deploy/dashboard.json' with { type: 'json' };
import index from '../../../deploy/log-index.json' with { type: 'json' };
import searches from '../../../deploy/saved-searches.json' with { type: 'json' };
import deployer from '../../../policies/ram/deployer.json' with { type: 'json' };
import trust from '../../../policies/ram/function-trust.json' with { type: 'json' };
import { RESOURCE_TYPES } from '../../resource.ts';
import { type RamPlace, type RamTemplate, ramPolicy } from '../ram.ts';
import type { Document, Thing } from './things.ts';

/** What an account chooses; the names and defaults are those of deploy/variables.tf. */
export interface SetupChoices extends RamPlace {
  readonly roleName: string;
  readonly auditRetentionDays: number;
  /** Whether the role may change tags. */
  readonly allowApply: boolean;
  /** The log service's action policy that alarms go to; left out: no alarms. */
  readonly alarmActionPolicy?: string;
  readonly alarmTagsRemoved: number;
}

/** Every description begins so, and what does not was made by somebody else. */
export const MARK = 'tagsweep: ';

/** How long the failure queue keeps a message, seconds: a week is the most that there is. */
const QUEUE_SECONDS = 604_800;

/**
 * Everything around the function, in the order in which it is made: the same that deploy/main.tf makes, from the same
 * files, and the saved searches, for which Terraform's provider has no resource.
 */
export function wantedThings(choices: SetupChoices): readonly Thing[] {
  return [...logThings(choices), queue(choices), ...ramThings(choices)];
}

function logThings(choices: SetupChoices): readonly Thing[] {
  const { logProject, logStore, platformLogStore, functionName, alarmActionPolicy } = choices;
  const places = { log_project: logProject, log_store: logStore, function: functionName };
  const board = fill(dashboard, places) as Document & { readonly dashboardName: string };
  const alarmsAreWanted = alarmActionPolicy !== undefined;
  return [
    thing('project', logProject, { description: `${MARK}audit records and the function's own output` }),
    thing('store', logStore, {
      ...{ ttl: choices.auditRetentionDays, shardCount: 1 },
      ...{ autoSplit: true, maxSplitShard: 4 },
    }),
    thing('store', platformLogStore, { ttl: 30, shardCount: 1, autoSplit: false }),
    { ...thing('index', logStore, index), of: logStore },
    { ...thing('index', platformLogStore, PLATFORM_INDEX), of: platformLogStore },
    ...Object.entries(searches).map(([name, { title, query }]) => {
      const savedsearchName = `${functionName}-${name}`;
      const search = {
        savedsearchName,
        displayName: title,
        logstore: logStore,
        searchQuery: query,
        topic: '',
      };
      return thing('search', savedsearchName, search);
    }),
    thing('dashboard', board.dashboardName, { description: '', ...board }),
    ...Object.entries(
      fill(alarms, { alarm_tags_removed: String(choices.alarmTagsRemoved) }) as typeof alarms,
    ).map(([name, alarm]) => ({
      ...thing('alarm', `${functionName}-${name}`, alarmDocument(name, alarm, choices)),
      wanted: alarmsAreWanted,
    })),
  ];
}

/** Full text, as it is for people to read. */
const PLATFORM_INDEX = {
  line: { caseSensitive: false, chn: false, token: [' ', '#', '$', '^', '*', '\r', '\n', '\t', ',', ';'] },
};

interface Alarm {
  readonly title: string;
  /** `audit` or `platform`. */
  readonly store: string;
  readonly queries: readonly { readonly query: string; readonly start: string; readonly end: string }[];
  readonly condition: string;
  readonly every: string;
  readonly threshold: number;
  readonly severity: number;
}

/** As the log service takes it (log service reference, section 9). */
function alarmDocument(name: string, alarm: Alarm, choices: SetupChoices): Document {
  const { region, logProject: project, functionName, alarmActionPolicy = '' } = choices;
  const store = alarm.store === 'platform' ? choices.platformLogStore : choices.logStore;
  return {
    name: `${functionName}-${name}`,
    displayName: alarm.title,
    schedule: { type: 'FixedRate', interval: alarm.every },
    configuration: {
      version: '2.0',
      type: 'default',
      threshold: alarm.threshold,
      queryList: alarm.queries.map(({ query, start, end }, at) => ({
        ...{ storeType: 'log', region, project, store, chartTitle: `${name}-${at}` },
        ...{ timeSpanType: 'Custom', start, end, query },
      })),
      // Each query counts, and gives one row: side by side they are one row with a column of each.
      joinConfigurations: alarm.queries.slice(1).map(() => ({ type: 'cross_join', condition: '' })),
      groupConfiguration: { type: 'no_group' },
      severityConfigurations: [
        { severity: alarm.severity, evalCondition: { condition: alarm.condition, countCondition: '' } },
      ],
      policyConfiguration: {
        ...{ alertPolicyId: 'sls.builtin.dynamic', actionPolicyId: alarmActionPolicy },
        repeatInterval: '4h',
      },
      annotations: [{ key: 'title', value: alarm.title }],
    },
  };
}

function queue({ functionName }: SetupChoices): Thing {
  return thing('queue', `${functionName}-failures`, { messageRetentionPeriod: QUEUE_SECONDS });
}

function ramThings(choices: SetupChoices): readonly Thing[] {
  const { accountId: account, functionName, roleName, region } = choices;
  const scope = { regions: 'all', resourceTypes: RESOURCE_TYPES } as const;
  const policy = (name: string, does: string, document: unknown) =>
    thing('policy', name, { description: `${MARK}${does}`, document });
  const delivered = (template: RamTemplate) => ramPolicy(template, scope, choices);
  const changes = `${roleName}-changes`;
  const deployerPolicy = fill(deployer, { account, region, function: functionName, role: roleName });
  return [
    thing('role', roleName, { description: `${MARK}what the cleanup function may do`, trust }),
    policy(roleName, 'list ECI resources, keep the record', delivered('function-dry-run')),
    policy(
      changes,
      'remove and restore tags; attached to the role while allow_apply is true',
      delivered('function-changes'),
    ),
    policy(`${functionName}-reader`, 'for people, the reader', delivered('reader')),
    policy(`${functionName}-operator`, 'for people, the operator', delivered('operator')),
    policy(`${functionName}-deployer`, 'for people, the deployer', deployerPolicy),
    { ...thing('attachment', roleName, {}), of: roleName },
    { ...thing('attachment', changes, {}), of: roleName, wanted: choices.allowApply },
  ];
}

function thing(kind: Thing['kind'], name: string, document: unknown): Thing {
  return { kind, name, document: document as Document, wanted: true };
}

/** The file with values in the places that Terraform would fill. */
function fill(file: unknown, values: Readonly<Record<string, string>>): unknown {
  const text = JSON.stringify(file).replaceAll(/\$\{(\w+)\}/g, (slot, name: string) => values[name] ?? slot);
  return JSON.parse(text);
}
