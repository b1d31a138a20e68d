import { lookup } from 'node:dns/promises';
import type { DoctorPorts } from '../doctor/doctor.ts';
import type { FunctionReader } from '../doctor/function-check.ts';
import type { ProbeApi } from '../doctor/probe-api.ts';
import type { Region } from '../resource.ts';
import { createSystemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Credentials } from './credentials.ts';
import { eciEndpoints, eciHost } from './eci/endpoints.ts';
import { silencePackages } from './silence-packages.ts';

/** What the doctor needs of the world beside ECI itself. */
export interface DoctorWorld extends DoctorPorts {
  /** The reading calls of a function's control plane. */
  functionReader(functionName: string, accountId: string): Promise<FunctionReader>;
  /** How each region's host is called; undefined where the settings name one host for all. */
  readonly hostOf: ((region: Region, network: 'public' | 'vpc') => string) | undefined;
  resolves(host: string): Promise<boolean>;
}

/** Makes what the doctor needs of the world; nothing is sent. */
export function connectDoctor(config: Config, credentials: () => Promise<Credentials>): DoctorWorld {
  let loaded: Promise<ProbeApi> | undefined;
  const load = () => {
    silencePackages();
    loaded ??= import('./eci/probe-client.ts').then(({ createProbeClient }) =>
      createProbeClient({ ...eciEndpoints(config.eciNetwork, config.eciEndpoint), credentials }),
    );
    return loaded;
  };
  return {
    api: { ask: async (call) => (await load()).ask(call) },
    clock: createSystemClock(),
    async functionReader(functionName, accountId) {
      silencePackages();
      const { createFunctionReader } = await import('./fc/function-reader.ts');
      const usual = `https://${accountId}.${config.region}.fc.aliyuncs.com`;
      return createFunctionReader(functionName, config.fcEndpoint ?? new URL(usual), credentials);
    },
    hostOf: config.eciEndpoint === undefined ? eciHost : undefined,
    resolves: async (host) => {
      try {
        await lookup(host);
        return true;
      } catch {
        return false;
      }
    },
  };
}
