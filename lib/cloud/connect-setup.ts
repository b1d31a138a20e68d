import { createSystemClock, systemChance } from './clock.ts';
import type { Config } from './config.ts';
import type { CredentialGiver } from './connect.ts';
import { createLogAdmin } from './log/log-client.ts';
import { createLogKeeper, type LogRequest } from './setup/log-keeper.ts';
import { createQueueKeeper } from './setup/queue-keeper.ts';
import { createRamKeeper } from './setup/ram-keeper.ts';
import { createRpc } from './setup/rpc.ts';
import type { Keeper, Thing } from './setup/things.ts';
import { silencePackages } from './silence-packages.ts';

/** Where everything around the function is kept: RAM, the log service, the queues. Nothing is sent. */
export function connectSetup(config: Config, project: string, credentials: CredentialGiver): Keeper {
  silencePackages();
  const { region } = config;
  const ram = createRpc('2015-05-01', config.ramEndpoint ?? new URL('https://ram.aliyuncs.com'), credentials);
  const queues = config.mnsEndpoint ?? new URL(`https://mns-open.${region}.aliyuncs.com`);
  const keepers = {
    ram: createRamKeeper(ram),
    queue: createQueueKeeper(createRpc('2022-01-19', queues, credentials)),
    log: createLogKeeper(logRequest(config, credentials), project),
  };
  const of = ({ kind }: Thing): Keeper => {
    if (kind === 'queue') return keepers.queue;
    return ['role', 'policy', 'attachment'].includes(kind) ? keepers.ram : keepers.log;
  };
  return {
    find: (thing) => of(thing).find(thing),
    make: (thing) => of(thing).make(thing),
    change: (thing) => of(thing).change(thing),
    remove: (thing) => of(thing).remove(thing),
  };
}

function logRequest(config: Config, credentials: CredentialGiver): LogRequest {
  const endpoint = config.slsEndpoint ?? new URL(`https://${config.region}.log.aliyuncs.com`);
  const client = createLogAdmin({
    endpoint,
    credentials,
    clock: createSystemClock(),
    chance: systemChance,
  });
  return async (verb, project, path, body) => {
    const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const headers = { 'x-log-bodyrawsize': bytes?.length ?? 0, 'content-type': 'application/json' };
    const answer = await (await client)._request(verb, project, path, {}, bytes, headers);
    const text = (answer as { readonly body: Buffer }).body.toString('utf8');
    return text === '' ? undefined : JSON.parse(text);
  };
}
