import Table from 'cli-table3';
import { ALL_CONTROLLERS } from './limiter/controllers.ts';
import { SCENARIOS } from './limiter/scenarios.ts';
import { simulate } from './limiter/simulate.ts';

/**
 * Compares ways to pace calls against a limit that is not told, by discrete-event simulation.
 *
 * Each cell: per cent of the admitted rate used / per cent of answers throttled. Run: npx tsx bench/limiter.ts
 */
const table = new Table({
  head: ['controller', ...SCENARIOS.map((scenario) => scenario.name)],
  style: { head: [], border: [] },
});
for (const controller of ALL_CONTROLLERS) {
  const cells = SCENARIOS.map((scenario) => {
    const { used, throttled, least } = simulate(scenario, controller);
    const fair = controller.clients > 1 ? ` (least ${(least * 100).toFixed(0)})` : '';
    return `${(used * 100).toFixed(1)} / ${(throttled * 100).toFixed(1)}${fair}`;
  });
  table.push([controller.name, ...cells]);
}
console.log(table.toString());
