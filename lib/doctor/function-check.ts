import type { Finding } from './finding.ts';

type Raw = Readonly<Record<string, unknown>>;

/** The deployed function as its control plane tells it; each rejects with an error whose message can be shown. */
export interface FunctionReader {
  readFunction(): Promise<Raw>;
  readTriggers(): Promise<readonly Raw[]>;
  /** Undefined where none is configured. */
  readAsyncConfig(): Promise<Raw | undefined>;
}

export interface FunctionCheckOptions {
  readonly functionName: string;
  /** Bytes of the archive that was built here; left out: none is here. */
  readonly archiveBytes?: number | undefined;
}

const CREATIONS: ReadonlySet<unknown> = new Set([
  'CreateContainerGroup',
  'CreateImageCache',
  'CreateDataCache',
  'CreateVirtualNode',
]);

/** Compares a deployed function with what the deployment files ask for. */
export async function checkFunction(
  reader: FunctionReader,
  { functionName, archiveBytes }: FunctionCheckOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const say = (status: Finding['status'], text: string, todo?: string) =>
    void findings.push({ check: 'function', status, text, ...(todo !== undefined && { todo }) });
  const tried = async <T>(what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const todo =
        'Allow fc:GetFunction, fc:ListTriggers and fc:GetAsyncInvokeConfig on it (tagsweep ram --for doctor), or name another with --function.';
      say(
        'failed',
        `${what} of ${functionName}: ${error instanceof Error ? error.message : String(error)}`,
        todo,
      );
      return undefined;
    }
  };
  const found = await tried('settings', () => reader.readFunction());
  if (found === undefined) return findings;
  checkSettings(found, archiveBytes, say);
  const triggers = await tried('triggers', () => reader.readTriggers());
  if (triggers !== undefined) checkTriggers(triggers, say);
  const asynchronous = await tried(
    'asynchronous settings',
    async () => (await reader.readAsyncConfig()) ?? {},
  );
  if (asynchronous !== undefined) checkAsync(asynchronous, say);
  return findings;
}

type Say = (status: Finding['status'], text: string, todo?: string) => void;

function checkSettings(found: Raw, archiveBytes: number | undefined, say: Say): void {
  const { runtime, role, timeout, memorySize, codeSize } = found;
  const environment = objectOf(found.environmentVariables);
  say('passed', `runtime ${String(runtime)}, ${String(timeout)} s, ${String(memorySize)} MB`);
  if (runtime !== 'nodejs20')
    say('warned', `the runtime is ${String(runtime)}`, 'Set runtime: nodejs20 in s.yaml and deploy again.');
  if (typeof role !== 'string' || role === '') {
    say(
      'failed',
      'it has no role, and so no credentials',
      'Give it the role of deploy/main.tf, as docs/deploy.md says.',
    );
  }
  if (Number(timeout) < 300) {
    say(
      'warned',
      `it has ${String(timeout)} s: a run hands over to the next invocation all the time`,
      'Set timeout: 900 in s.yaml.',
    );
  }
  if (Number(memorySize) < 512) {
    say(
      'warned',
      `it has ${String(memorySize)} MB, which is enough for about 10,000 resources`,
      'Set memorySize: 512 in s.yaml.',
    );
  }
  if (!environment.TAGSWEEP_LOG_PROJECT || !environment.TAGSWEEP_LOG_STORE) {
    say(
      'failed',
      'it knows no log store: every apply is refused',
      'Set TAGSWEEP_LOG_PROJECT and TAGSWEEP_LOG_STORE (s.yaml does).',
    );
  }
  if (archiveBytes !== undefined && typeof codeSize === 'number') {
    if (codeSize === archiveBytes)
      say('passed', `its code has the size of dist/cleanup.zip, ${archiveBytes} bytes`);
    else
      say(
        'warned',
        `its code has ${codeSize} bytes, and dist/cleanup.zip ${archiveBytes}: another version runs`,
        'Deploy again: npx s deploy -y.',
      );
  }
}

function checkTriggers(triggers: readonly Raw[], say: Say): void {
  const timers = triggers.filter(({ triggerType }) => triggerType === 'timer');
  const rules = triggers.filter(({ triggerType }) => triggerType === 'eventbridge');
  for (const { triggerName, triggerConfig } of timers) {
    const { enable, cronExpression } = configOf(triggerConfig);
    say(
      'passed',
      `timer ${String(triggerName)}: ${String(cronExpression)}${enable === false ? ' (off)' : ''}`,
    );
  }
  if (timers.every(({ triggerConfig }) => configOf(triggerConfig).enable === false)) {
    say(
      'warned',
      'no timer starts it',
      'Without one it runs by hand and by events alone: see triggers in s.yaml.',
    );
  }
  for (const { triggerName, triggerConfig } of rules) {
    const names = eventNames(configOf(triggerConfig).eventRuleFilterPattern);
    if (names !== undefined && names.length > 0 && names.every((name) => CREATIONS.has(name))) {
      say('passed', `rule ${String(triggerName)}: ${names.join(', ')}`);
    } else {
      say(
        'failed',
        `rule ${String(triggerName)} does not filter on the creations by data.eventName: the function's own removals would start it again and again`,
        'Take eventRuleFilterPattern from s.yaml and deploy again.',
      );
    }
  }
}

function checkAsync({ asyncTask, destinationConfig }: Raw, say: Say): void {
  if (asyncTask === true) say('passed', 'asynchronous tasks are on');
  else {
    say(
      'failed',
      'asynchronous tasks are off: a hand-over that is sent twice would be done twice',
      'Set asyncInvokeConfig.asyncTask: true (s.yaml does).',
    );
  }
  const { destination } = objectOf(objectOf(destinationConfig).onFailure);
  if (typeof destination === 'string' && destination !== '')
    say('passed', `what fails for good goes to ${destination}`);
  else
    say(
      'warned',
      'what fails for good is dropped',
      'Set asyncInvokeConfig.destinationConfig.onFailure (s.yaml does).',
    );
}

/** A trigger's own settings travel as JSON text. */
function configOf(value: unknown): Raw {
  if (typeof value !== 'string') return objectOf(value);
  try {
    return objectOf(JSON.parse(value));
  } catch {
    return {};
  }
}

function eventNames(pattern: unknown): readonly unknown[] | undefined {
  const { eventName } = objectOf(configOf(pattern).data);
  return Array.isArray(eventName) ? eventName : undefined;
}

function objectOf(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}
