import { afterEach, expect } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../emulator/server.ts';
import { aFleet } from './fleet.ts';
import { type RawAnswer, type RawCall, rawCall } from './rpc.ts';

export interface Running extends Emulator {
  readonly call: (
    action: string,
    parameters?: RawCall['parameters'],
    rest?: Partial<RawCall>,
  ) => Promise<RawAnswer>;
  /** The tags that one container group of the small fleet really has. */
  readonly tagsOf: (id: string) => Record<string, string>;
}

/** Gives a function that starts emulators, each closed after its test, none of which may have failed inside. */
export function useEmulator(): (options?: EmulatorOptions) => Promise<Running> {
  const started: Emulator[] = [];
  afterEach(async () => {
    for (const emulator of started.splice(0)) {
      await emulator.close();
      expect(emulator.failures).toEqual([]);
    }
  });
  return async (options = {}) => {
    const emulator = await startEmulator({ fleet: aFleet(), ...options });
    started.push(emulator);
    return {
      ...emulator,
      call: (action, parameters, rest) =>
        rawCall(emulator.url, { action, ...(parameters === undefined ? {} : { parameters }), ...rest }),
      tagsOf: (id) =>
        Object.fromEntries(
          emulator.state.get({ region: 'cn-hangzhou', type: 'ContainerGroup', id })?.tags ?? [],
        ),
    };
  };
}
