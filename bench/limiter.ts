import Table from 'cli-table3';
import { ALL_CONTROLLERS, type ControllerKind, FAIR_CONTROLLERS, several } from './limiter/controllers.ts';
import { SCENARIOS, type Scenario, SHARED_BY_INSTANCES } from './limiter/scenarios.ts';
import { type Score, simulate } from './limiter/simulate.ts';

/**
 * Compares ways to pace calls against a limit that is not told, by discrete-event simulation, over several seeds.
 *
 * First table: per cent of the admitted rate used / per cent of answers throttled, means. Second: what the
 * instance that got least had of an equal share: mean (worst seed), then the most that one had; per cent.
 */
const SEEDS = 10;

const percent = (part: number, digits = 1) => (part * 100).toFixed(digits);
const mean = (scores: readonly Score[], of: (score: Score) => number) =>
  scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
const play = (scenario: Scenario, kind: ControllerKind) =>
  Array.from({ length: SEEDS }, (_, seed) => simulate(scenario, kind, seed + 1));

const pace = new Table({
  head: ['controller', ...SCENARIOS.map((scenario) => scenario.name)],
  style: { head: [], border: [] },
});
for (const kind of ALL_CONTROLLERS) {
  const cells = SCENARIOS.map((scenario) => {
    const scores = play(scenario, kind);
    return `${percent(mean(scores, (score) => score.used))} / ${percent(mean(scores, (score) => score.throttled))}`;
  });
  pace.push([kind.name, ...cells]);
}
console.log(pace.toString());

const fairness = new Table({
  head: ['controller', 'instances', ...SHARED_BY_INSTANCES.map((scenario) => scenario.name)],
  style: { head: [], border: [] },
});
for (const kind of FAIR_CONTROLLERS) {
  for (const instances of [2, 3, 5]) {
    const cells = SHARED_BY_INSTANCES.map((scenario) => {
      const scores = play(scenario, several(kind, instances));
      const worst = Math.min(...scores.map((score) => score.least));
      const most = Math.max(...scores.map((score) => score.most));
      return `${percent(
        mean(scores, (score) => score.least),
        0,
      )} (${percent(worst, 0)}), ${percent(most, 0)}`;
    });
    fairness.push([kind.name, instances, ...cells]);
  }
}
console.log(fairness.toString());
