import { readConfig } from '../lib/cloud/config.ts';
import type { FunctionPlace } from '../lib/cloud/connect.ts';
import { safeText } from '../lib/text.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import { type Io, UsageError } from './io.ts';
import { effectiveEnvironment, readAccount } from './world.ts';

/** Which function is meant. */
export const FUNCTION_OPTIONS: OptionSpecs = {
  account: { type: 'text', value: 'ID', help: "the function's account (TAGSWEEP_DEPLOY_ACCOUNT_ID)" },
  function: {
    type: 'text',
    value: 'NAME',
    help: "the function's name (TAGSWEEP_DEPLOY_FUNCTION; default tagsweep)",
  },
  service: { type: 'text', value: 'NAME', help: 'its service, for a function of generation 2.0' },
  qualifier: { type: 'text', value: 'NAME', help: 'version or alias; default LATEST' },
  region: { type: 'text', value: 'REGION', help: 'its region (TAGSWEEP_REGION; default cn-hangzhou)' },
};

/**
 * The function that the flags and the environment name.
 *
 * @param what how the message names the command.
 * @throws {UsageError}
 */
export function functionPlace(args: Arguments, io: Io, what: string): FunctionPlace {
  const { service, qualifier } = args.texts;
  const functionName = args.texts.function ?? (io.env.TAGSWEEP_DEPLOY_FUNCTION || 'tagsweep');
  const accountId = readAccount(args).accountId ?? io.env.TAGSWEEP_DEPLOY_ACCOUNT_ID;
  if (!accountId) {
    throw new UsageError(
      `${what} needs the account that the function is in: --account ID, or --env FILE with what the deployment wrote.`,
    );
  }
  checkNames({ function: functionName, service, qualifier });
  return {
    accountId,
    region: readConfig(effectiveEnvironment(args, io)).region,
    functionName,
    ...(service !== undefined && { serviceName: service }),
    ...(qualifier !== undefined && { qualifier }),
  };
}

/** They become a part of the path that the request is sent to. */
function checkNames(names: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, name] of Object.entries(names)) {
    if (name === undefined || /^[A-Za-z0-9_][A-Za-z0-9_-]{0,127}$/.test(name)) continue;
    throw new UsageError(`--${flag} ${safeText(name)}: a name is made of letters, digits, "-" and "_".`);
  }
}
