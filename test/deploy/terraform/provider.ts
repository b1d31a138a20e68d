import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { decode, encode } from '@msgpack/msgpack';
import { type ArgumentFacts, RESOURCES } from './facts.ts';
import { valueFaults } from './faults.ts';
import { PROTOCOL } from './protocol.ts';

export const ACCOUNT_ID = '1234567890123456';

type Values = Readonly<Record<string, unknown>>;
type Arguments = Readonly<Record<string, ArgumentFacts>>;

/** What Terraform had the provider do. */
export interface Change {
  readonly action: 'create' | 'update' | 'delete';
  readonly type: string;
  /** As it is now; as it was, for a deletion. */
  readonly values: Values;
}

/** A provider that Terraform takes for alicloud: its own schemas and validators, with the account in memory. */
export interface StandInProvider {
  /** What `TF_REATTACH_PROVIDERS` has to hold. */
  readonly reattach: string;
  readonly changes: Change[];
  close(): void;
}

/** Every resource has one, which no schema names. */
const ID: ArgumentFacts = { type: 'string', optional: true, computed: true };
const ACCOUNT: Arguments = { id: ID };

export async function startProvider(): Promise<StandInProvider> {
  const changes: Change[] = [];
  const server = new Server();
  server.addService(serviceOf(), handlersFor(changes));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  const address = {
    Protocol: 'grpc',
    ProtocolVersion: 5,
    Pid: process.pid,
    Test: true,
    Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
  };
  return {
    reattach: JSON.stringify({ 'registry.terraform.io/aliyun/alicloud': address }),
    changes,
    close: () => server.forceShutdown(),
  };
}

function serviceOf(): ServiceDefinition {
  const options = { defaults: true, longs: Number, keepCase: true };
  return fromJSON(PROTOCOL as never, options)['tfplugin5.Provider'] as ServiceDefinition;
}

interface Wire {
  readonly msgpack: Uint8Array;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the protocol says of the call
type Message = any;

function handlersFor(changes: Change[]) {
  const calls: Readonly<Record<string, (request: Message) => object>> = {
    GetSchema: () => ({
      provider: schemaOf({ region: { type: 'string', optional: true } }),
      resourceSchemas: Object.fromEntries(
        Object.entries(RESOURCES).map(([type, facts]) => [type, schemaOf({ ...facts.arguments, id: ID })]),
      ),
      dataSourceSchemas: { alicloud_account: schemaOf(ACCOUNT) },
    }),
    PrepareProviderConfig: ({ config }) => ({ preparedConfig: config }),
    Configure: () => ({}),
    ValidateDataSourceConfig: () => ({}),
    ValidateResourceTypeConfig: ({ typeName, config }) => ({
      diagnostics: bodyFaults(typeName, argumentsOf(typeName), read(config) ?? {}).map((summary) => ({
        severity: 1,
        summary,
      })),
    }),
    UpgradeResourceState: ({ rawState }) => ({
      upgradedState: write(JSON.parse(Buffer.from(rawState.json).toString())),
    }),
    ReadResource: ({ currentState }) => ({ newState: currentState }),
    ReadDataSource: () => ({ state: write({ id: ACCOUNT_ID }) }),
    PlanResourceChange: ({ typeName, priorState, proposedNewState }) => {
      const proposed = read(proposedNewState);
      const planned = proposed && complete(typeName, proposed, read(priorState));
      return { plannedState: write(planned), legacyTypeSystem: true };
    },
    ApplyResourceChange: ({ typeName: type, priorState, plannedState }) => {
      const [before, after] = [read(priorState), read(plannedState)];
      const action = before === null ? 'create' : after === null ? 'delete' : 'update';
      changes.push({ action, type, values: after ?? before ?? {} });
      return { newState: plannedState, legacyTypeSystem: true };
    },
    Stop: () => ({}),
  };
  return Object.fromEntries(
    Object.entries(calls).map(([name, answer]) => [
      name,
      (call: { readonly request: Message }, done: (error: Error | null, value?: object) => void) => {
        try {
          done(null, answer(call.request));
        } catch (error) {
          done(error as Error);
        }
      },
    ]),
  );
}

function argumentsOf(type: string): Arguments {
  return RESOURCES[type]?.arguments ?? {};
}

function read(wire: Wire): Values | null {
  return decode(wire.msgpack) as Values | null;
}

function write(value: unknown): Wire {
  return { msgpack: encode(value) };
}

/** What the service makes up, and the defaults: nothing is left unknown, so that a plan shows all. */
function complete(type: string, proposed: Values, before: Values | null): Values {
  const filled = Object.entries(proposed).map(([name, value]) => {
    if (value !== null) return [name, value];
    if (name === 'id') return [name, before?.id ?? `${type}-id`];
    const facts = argumentsOf(type)[name];
    if (name === 'type' && type === 'alicloud_ram_policy') return [name, 'Custom'];
    return [name, before?.[name] ?? facts?.default ?? null];
  });
  return Object.fromEntries(filled);
}

function bodyFaults(at: string, known: Arguments, values: Values): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const facts = known[name];
    if (facts === undefined) return [];
    if (facts.block !== undefined && Array.isArray(value))
      return value.flatMap((one) => bodyFaults(`${at}.${name}`, facts.block ?? {}, one));
    return typeof value === 'object' ? [] : valueFaults(`${at}.${name}`, facts, value);
  });
}

function schemaOf(known: Arguments): object {
  return { version: 0, block: blockOf(known) };
}

function blockOf(known: Arguments): object {
  const entries = Object.entries(known);
  return {
    attributes: entries
      .filter(([, { block }]) => block === undefined)
      .map(([name, facts]) => ({
        name,
        type: Buffer.from(JSON.stringify(typeOf(facts))),
        required: facts.required ?? false,
        optional: facts.optional ?? false,
        computed: facts.computed ?? false,
        deprecated: facts.deprecated ?? false,
      })),
    blockTypes: entries.flatMap(([typeName, { block, type, required, minItems = 1, maxItems = 0 }]) =>
      block === undefined
        ? []
        : [
            {
              typeName,
              block: blockOf(block),
              nesting: type === 'set' ? 3 : 2,
              // The provider's own kit asks for a least number only where the block is required.
              minItems: required ? minItems : 0,
              maxItems,
            },
          ],
    ),
  };
}

function typeOf({ type, of = 'string' }: ArgumentFacts): unknown {
  return ['list', 'set', 'map'].includes(type) ? [type, of] : type;
}
