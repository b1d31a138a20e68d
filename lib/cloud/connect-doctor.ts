import type { DoctorPorts } from '../doctor/doctor.ts';
import type { ProbeApi } from '../doctor/probe-api.ts';
import { createSystemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Credentials } from './credentials.ts';
import { eciEndpoints } from './eci/endpoints.ts';
import { silencePackages } from './silence-packages.ts';

/** Makes what the doctor needs of the world; nothing is sent. */
export function connectDoctor(config: Config, credentials: () => Promise<Credentials>): DoctorPorts {
  let loaded: Promise<ProbeApi> | undefined;
  const load = () => {
    silencePackages();
    loaded ??= import('./eci/probe-client.ts').then(({ createProbeClient }) =>
      createProbeClient({ ...eciEndpoints(config.eciNetwork, config.eciEndpoint), credentials }),
    );
    return loaded;
  };
  return { api: { ask: async (call) => (await load()).ask(call) }, clock: createSystemClock() };
}
