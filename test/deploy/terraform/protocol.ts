/** Terraform's plugin protocol, version 5, as far as a provider that keeps its resources in memory needs it. */
type Field = readonly [type: string, id: number, repeatedOrMap?: 'repeated' | 'map'];

function message(fields: Readonly<Record<string, Field>>, nested: object = {}): object {
  const entries = Object.entries(fields).map(([name, [type, id, how]]) => [
    name,
    {
      type,
      id,
      ...(how === 'repeated' ? { rule: 'repeated' } : {}),
      ...(how === 'map' ? { keyType: 'string' } : {}),
    },
  ]);
  return { fields: Object.fromEntries(entries), nested };
}

/** A call's two messages. */
function call(request: Readonly<Record<string, Field>>, response: Readonly<Record<string, Field>>): object {
  return { nested: { Request: message(request), Response: message(response) } };
}

const FAULTS: Field = ['Diagnostic', 4, 'repeated'];

const CALLS = {
  GetSchema: 'GetProviderSchema',
  PrepareProviderConfig: 'PrepareProviderConfig',
  ValidateResourceTypeConfig: 'ValidateResourceTypeConfig',
  ValidateDataSourceConfig: 'ValidateDataSourceConfig',
  UpgradeResourceState: 'UpgradeResourceState',
  Configure: 'Configure',
  ReadResource: 'ReadResource',
  PlanResourceChange: 'PlanResourceChange',
  ApplyResourceChange: 'ApplyResourceChange',
  ReadDataSource: 'ReadDataSource',
  Stop: 'Stop',
};

/** As protobufjs and `@grpc/proto-loader` take a protocol. */
export const PROTOCOL = {
  nested: {
    tfplugin5: {
      nested: {
        DynamicValue: message({ msgpack: ['bytes', 1], json: ['bytes', 2] }),
        Diagnostic: message({ severity: ['int32', 1], summary: ['string', 2], detail: ['string', 3] }),
        RawState: message({ json: ['bytes', 1] }),
        Schema: message(
          { version: ['int64', 1], block: ['Block', 2] },
          {
            Block: message({
              version: ['int64', 1],
              attributes: ['Attribute', 2, 'repeated'],
              blockTypes: ['NestedBlock', 3, 'repeated'],
            }),
            Attribute: message({
              name: ['string', 1],
              type: ['bytes', 2],
              required: ['bool', 4],
              optional: ['bool', 5],
              computed: ['bool', 6],
              deprecated: ['bool', 9],
            }),
            NestedBlock: message({
              typeName: ['string', 1],
              block: ['Block', 2],
              nesting: ['int32', 3],
              minItems: ['int64', 4],
              maxItems: ['int64', 5],
            }),
          },
        ),
        GetProviderSchema: call(
          {},
          {
            provider: ['Schema', 1],
            resourceSchemas: ['Schema', 2, 'map'],
            dataSourceSchemas: ['Schema', 3, 'map'],
            diagnostics: FAULTS,
          },
        ),
        PrepareProviderConfig: call(
          { config: ['DynamicValue', 1] },
          { preparedConfig: ['DynamicValue', 1], diagnostics: ['Diagnostic', 2, 'repeated'] },
        ),
        ValidateResourceTypeConfig: call(
          { typeName: ['string', 1], config: ['DynamicValue', 2] },
          { diagnostics: ['Diagnostic', 1, 'repeated'] },
        ),
        ValidateDataSourceConfig: call(
          { typeName: ['string', 1], config: ['DynamicValue', 2] },
          { diagnostics: ['Diagnostic', 1, 'repeated'] },
        ),
        UpgradeResourceState: call(
          { typeName: ['string', 1], version: ['int64', 2], rawState: ['RawState', 3] },
          { upgradedState: ['DynamicValue', 1], diagnostics: ['Diagnostic', 2, 'repeated'] },
        ),
        Configure: call({ terraformVersion: ['string', 1] }, { diagnostics: ['Diagnostic', 1, 'repeated'] }),
        ReadResource: call(
          { typeName: ['string', 1], currentState: ['DynamicValue', 2] },
          { newState: ['DynamicValue', 1], diagnostics: ['Diagnostic', 2, 'repeated'] },
        ),
        PlanResourceChange: call(
          {
            typeName: ['string', 1],
            priorState: ['DynamicValue', 2],
            proposedNewState: ['DynamicValue', 3],
            config: ['DynamicValue', 4],
          },
          { plannedState: ['DynamicValue', 1], diagnostics: FAULTS, legacyTypeSystem: ['bool', 5] },
        ),
        ApplyResourceChange: call(
          { typeName: ['string', 1], priorState: ['DynamicValue', 2], plannedState: ['DynamicValue', 3] },
          {
            newState: ['DynamicValue', 1],
            diagnostics: ['Diagnostic', 3, 'repeated'],
            legacyTypeSystem: ['bool', 4],
          },
        ),
        ReadDataSource: call(
          { typeName: ['string', 1], config: ['DynamicValue', 2] },
          { state: ['DynamicValue', 1], diagnostics: ['Diagnostic', 2, 'repeated'] },
        ),
        Stop: call({}, { error: ['string', 1] }),
        Provider: {
          methods: Object.fromEntries(
            Object.entries(CALLS).map(([method, name]) => [
              method,
              { requestType: `${name}.Request`, responseType: `${name}.Response` },
            ]),
          ),
        },
      },
    },
  },
};
