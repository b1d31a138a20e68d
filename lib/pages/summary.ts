import { speaker } from '../words/words.ts';
import type { PageHead } from './document.ts';
import type { Page } from './model.ts';

/** A page in a few sentences: its title in a browser's tab, and what is read where no script runs. */
export function pageSummary(page: Page): PageHead {
  const say = speaker(page.language);
  if (page.kind === 'plan') {
    return {
      title: say('planTitle', { policy: page.policy.name }),
      facts: [
        page.digest,
        `${say('nTags', { n: page.tags })}, ${say('nResources', { n: page.resources })}, ${say('nCalls', { n: page.calls.untag })}`,
        `${say('madeAt')}: ${page.createdAt}`,
        ...(page.refusal === undefined ? [] : [`${say('statusRefused')}: ${page.refusal}`]),
      ],
    };
  }
  if (page.kind === 'run') {
    return {
      title: say('runTitle', { run: page.runId }),
      facts: [
        say(`outcome_${page.outcome}`),
        page.reason,
        ...page.ends.map(({ end, tags }) => `${say(`end_${end}`)}: ${tags}`),
      ].filter((fact) => fact !== ''),
    };
  }
  return {
    title: say('fleetTitle'),
    facts: [
      `${say('nResources', { n: page.resources })}, ${say('nTags', { n: page.tags })}`,
      `${say('asOf')}: ${page.asOf}`,
    ],
  };
}
