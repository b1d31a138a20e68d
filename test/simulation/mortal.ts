import type { Clock } from '../../lib/clock.ts';
import type { AuditLog, EciApi, Invoker } from '../../lib/ports.ts';
import type { RunPorts } from '../../lib/run/request.ts';

/** Ports of a process that can be killed. */
export interface Mortal {
  readonly ports: RunPorts;
  /** Resolves when the process was killed; never, when it was not. */
  readonly died: Promise<undefined>;
  /** Steps taken so far. */
  readonly steps: () => number;
}

export interface MortalOptions {
  readonly eci: EciApi;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly signer?: RunPorts['signer'];
  readonly invoker?: Invoker;
  /** The step, counted from 1, at which it is killed: each call and each pause is one. */
  readonly diesAt?: number;
  /** Whether what was sent last still arrives. */
  readonly lastArrives: boolean;
  /** Called before each step. */
  readonly onStep?: () => void;
}

/**
 * Ports that answer nothing any more from a certain step on, as for a process that was killed: what it had
 * sent arrives or not, and nobody hears of it.
 */
export function createMortal(options: MortalOptions): Mortal {
  const { clock, diesAt = Number.POSITIVE_INFINITY } = options;
  let steps = 0;
  let die: (value: undefined) => void = () => undefined;
  const died = new Promise<undefined>((resolve) => {
    die = resolve;
  });
  const never = <T>(): Promise<T> => new Promise(() => undefined);
  const isDead = (): boolean => steps >= diesAt;

  const living = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead()) return never();
    steps += 1;
    if (isDead()) {
      if (options.lastArrives) await work().catch(() => undefined);
      die(undefined);
      return never();
    }
    options.onStep?.();
    try {
      return await work();
    } finally {
      if (isDead()) await never();
    }
  };
  const wrap = <T extends object>(port: T, names: readonly (keyof T)[]): T => {
    const wrapped = names.map((name) => [
      name,
      (...args: never[]) => living(() => (port[name] as (...args: never[]) => Promise<unknown>)(...args)),
    ]);
    return { ...port, ...Object.fromEntries(wrapped) };
  };
  const ports: RunPorts = {
    eci: wrap(options.eci, Object.keys(options.eci) as (keyof EciApi)[]),
    audit: wrap(options.audit, ['write', 'read']),
    clock: { now: clock.now, sleep: (ms, signal) => living(() => clock.sleep(ms, signal)) },
    chance: options.chance,
    ...(options.signer && { signer: options.signer }),
    ...(options.invoker && { invoker: wrap(options.invoker, ['submit', 'call']) }),
  };
  return { ports, died, steps: () => steps };
}
