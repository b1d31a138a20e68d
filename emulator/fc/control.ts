import type { FunctionSpec } from './function.ts';

/** What a control plane's reading call answers, or the code of its refusal. */
export type ControlAnswer =
  | { readonly body: Readonly<Record<string, unknown>> }
  | { readonly status: number; readonly code: string; readonly message: string };

/** The paths of the reading calls, and the RAM action of each. */
const CALLS = [
  { path: /^\/2023-03-30\/functions\/([^/]+)$/, action: 'fc:GetFunction', answer: readFunction },
  { path: /^\/2023-03-30\/functions\/([^/]+)\/triggers$/, action: 'fc:ListTriggers', answer: listTriggers },
  {
    path: /^\/2023-03-30\/functions\/([^/]+)\/async-invoke-config$/,
    action: 'fc:GetAsyncInvokeConfig',
    answer: readAsyncConfig,
  },
] as const;

/** Which reading call a path is, if it is one. */
export function findControlCall(
  path: string,
):
  | { readonly name: string; readonly action: string; readonly answer: (spec: FunctionSpec) => ControlAnswer }
  | undefined {
  for (const { path: form, action, answer } of CALLS) {
    const found = form.exec(path);
    if (found !== null) return { name: decodeURIComponent(found[1] ?? ''), action, answer };
  }
  return undefined;
}

function readFunction(spec: FunctionSpec): ControlAnswer {
  return {
    body: {
      functionName: spec.name,
      runtime: 'nodejs20',
      handler: spec.handler,
      timeout: spec.timeoutSeconds,
      memorySize: spec.memoryMb,
      role: `acs:ram::${spec.accountId}:role/tagsweep-function`,
      environmentVariables: spec.environment,
      state: 'Active',
      ...(spec.codeBytes !== undefined && { codeSize: spec.codeBytes }),
    },
  };
}

function listTriggers(spec: FunctionSpec): ControlAnswer {
  const triggers = (spec.triggers ?? []).map(({ name, type, config }) => ({
    triggerName: name,
    triggerType: type,
    qualifier: 'LATEST',
    triggerConfig: JSON.stringify(config),
  }));
  return { body: { triggers } };
}

function readAsyncConfig(spec: FunctionSpec): ControlAnswer {
  const { asyncInvoke } = spec;
  if (asyncInvoke === undefined) {
    return { status: 404, code: 'AsyncConfigNotExists', message: 'there is no asynchronous configuration' };
  }
  const { asyncTask = true, maxRetryAttempts = 3, onFailure } = asyncInvoke;
  return {
    body: {
      asyncTask,
      maxAsyncRetryAttempts: maxRetryAttempts,
      ...(onFailure !== undefined && { destinationConfig: { onFailure: { destination: onFailure } } }),
    },
  };
}
