import type { Behavior } from '../behavior.ts';
import type { Service } from '../http.ts';
import type { Quotas } from '../quotas.ts';
import type { ServiceContext } from '../service-context.ts';
import { createGatekeeper } from '../signatures/gatekeeper.ts';
import { createClientTokens } from './client-tokens.ts';
import { createPages } from './pages.ts';
import { createEciService } from './service.ts';

export interface EciOptions {
  readonly behavior: () => Behavior;
  readonly quotas: Quotas;
  readonly regions: () => readonly string[];
}

/** Makes the ECI service of one emulator. */
export function connectEci(context: ServiceContext, options: EciOptions): Service {
  return createEciService({
    context: { ...context, behavior: options.behavior, regions: options.regions, pages: createPages() },
    gatekeeper: createGatekeeper({
      identities: context.identities,
      now: context.now,
      clockWindowMs: () => options.behavior().clockWindowMs,
    }),
    quotas: options.quotas,
    clientTokens: createClientTokens(() => options.behavior().clientTokenMs),
  });
}
