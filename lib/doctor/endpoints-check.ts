import type { Region } from '../resource.ts';
import type { Finding } from './finding.ts';

export interface EndpointsCheckOptions {
  readonly regions: readonly Region[];
  readonly hostOf: (region: Region, network: 'public' | 'vpc') => string;
  /** The network that the settings ask for. */
  readonly network: 'public' | 'vpc';
  /** Whether a name resolves. */
  readonly resolves: (host: string) => Promise<boolean>;
}

/**
 * Looks up the hosts of each region, both of its networks: a name that does not resolve is the first thing to
 * go wrong, and says the least.
 */
export async function checkEndpoints(options: EndpointsCheckOptions): Promise<readonly Finding[]> {
  const { regions, hostOf, network, resolves } = options;
  return await Promise.all(
    regions.map(async (region): Promise<Finding> => {
      const other = network === 'vpc' ? 'public' : 'vpc';
      const [used, spare] = [hostOf(region, network), hostOf(region, other)];
      const [isFound, isSpareFound] = await Promise.all([resolves(used), resolves(spare)]);
      const about = { check: 'endpoints', region } as const;
      const spareText = isSpareFound ? `${spare} resolves, too` : `${spare} does not resolve from here`;
      if (isFound) return { ...about, status: 'passed', text: `${used} resolves; ${spareText}` };
      return {
        ...about,
        status: 'failed',
        text: `${used} does not resolve; ${spareText}`,
        todo: isSpareFound
          ? `Set TAGSWEEP_ECI_NETWORK=${other}, or mend the DNS of this network.`
          : `Is ${region} a region of ECI, and is there a way out of this network? TAGSWEEP_ECI_ENDPOINT names another host.`,
      };
    }),
  );
}
