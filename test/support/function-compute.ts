import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionSpec } from '../../emulator/fc/function.ts';
import {
  createFunctionCompute,
  type FunctionCompute,
  type FunctionComputeOptions,
} from '../../emulator/fc/service.ts';
import { DEFAULT_IDENTITY, DEFAULT_STS_IDENTITY } from '../../emulator/identities.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/server.ts';

/** A folder with one handler in it, as if it had been deployed. */
export function deployedCode(source: string): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'tagsweep-code-'));
  writeFileSync(join(folder, 'index.js'), source);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function aFunction(spec: Pick<FunctionSpec, 'codeFolder'> & Partial<FunctionSpec>): FunctionSpec {
  return {
    name: 'tagsweep',
    region: 'cn-hangzhou',
    accountId: DEFAULT_IDENTITY.accountId,
    handler: 'index.handler',
    environment: {},
    timeoutSeconds: 10,
    memoryMb: 512,
    credentials: {
      accessKeyId: DEFAULT_STS_IDENTITY.accessKeyId,
      accessKeySecret: DEFAULT_STS_IDENTITY.accessKeySecret,
      securityToken: DEFAULT_STS_IDENTITY.securityToken ?? '',
    },
    ...spec,
  };
}

/** An emulator with Function Compute on it. */
export async function startWithFunctions(
  options: FunctionComputeOptions,
  emulatorOptions: EmulatorOptions = {},
): Promise<{ readonly emulator: Emulator; readonly fc: FunctionCompute }> {
  let fc: FunctionCompute | undefined;
  const emulator = await startEmulator({
    ...emulatorOptions,
    services: [
      ...(emulatorOptions.services ?? []),
      (context) => {
        fc = createFunctionCompute(context, options);
        return fc;
      },
    ],
  });
  if (fc === undefined) throw new Error('the service was not made');
  return { emulator, fc };
}
