import { DEFAULT_IDENTITY } from '../../emulator/identities.ts';
import type { Emulator } from '../../emulator/server.ts';
import { type CliResult, emulatorEnvironment, runCli } from './cli.ts';

export const LOG_PROJECT = 'acme-audit';

/** Runs `tagsweep setup` on an emulator as the account itself. */
export function runSetup(emulator: Emulator, line = '', cwd?: string): Promise<CliResult> {
  const words = ['setup', '--log-project', LOG_PROJECT, '--account', DEFAULT_IDENTITY.accountId];
  return runCli([...words, ...line.split(' ').filter(Boolean)], {
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      ...emulatorEnvironment(emulator.url, DEFAULT_IDENTITY),
      TAGSWEEP_RAM_ENDPOINT: emulator.url,
      TAGSWEEP_MNS_ENDPOINT: emulator.url,
    },
  });
}

/** Everything around the function as it stands on an emulator, by kind and name. */
export function aroundTheFunction(
  emulator: Emulator,
  logProject: string = LOG_PROJECT,
): Record<string, unknown> {
  const project = emulator.sls.projects.get(logProject);
  const named = <T>(map: ReadonlyMap<string, T> | undefined, tell: (value: T) => unknown) =>
    Object.fromEntries([...(map ?? [])].map(([name, value]) => [name, tell(value)]));
  return {
    project: project?.description,
    stores: named(project?.logstores, ({ config }) => config),
    indexes: named(project?.logstores, ({ index }) => index),
    searches: named(project?.documents.savedsearches, (search) => search),
    dashboards: named(project?.documents.dashboards, (dashboard) => dashboard),
    alarms: named(project?.documents.alerts, (alarm) => alarm),
    queues: named(emulator.queues, ({ messageRetentionPeriod }) => messageRetentionPeriod),
    roles: named(emulator.ram.roles, ({ description, trust, attached }) => ({
      description,
      trust: JSON.parse(trust),
      attached: [...attached].sort(),
    })),
    policies: named(emulator.ram.policies, ({ description, versions, defaultVersion }) => ({
      description,
      document: JSON.parse(versions.find(({ id }) => id === defaultVersion)?.document ?? '{}'),
    })),
  };
}
