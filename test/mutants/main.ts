import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MISTAKES, type Mistake } from './mistakes.ts';
import { openWorkshop, type Verdict } from './workshop.ts';

/** Copies of the code that are worked on at once. */
const COPIES = 2;

const { values } = parseArgs({
  options: { known: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const chosen = MISTAKES.filter(
  ({ name, known }) =>
    (!values.known || known === true) && (values.only === undefined || values.only.includes(name)),
);
const unknown = (values.only ?? []).filter((name) => !MISTAKES.some((mistake) => mistake.name === name));
if (unknown.length > 0) {
  print(
    `There is no mistake ${unknown.join(', ')}. There are ${MISTAKES.map(({ name }) => name).join(', ')}.`,
  );
  process.exitCode = 1;
} else {
  process.exitCode = (await areTestsSound(chosen)) && (await areAllCaught(chosen)) ? 0 : 1;
}

/** Tests that fail without a mistake would catch every one. */
async function areTestsSound(mistakes: readonly Mistake[]): Promise<boolean> {
  const workshop = openWorkshop(root);
  try {
    const sound = await workshop.runTests([...new Set(mistakes.flatMap(({ tests }) => tests))]);
    if (sound.kind !== 'passed') print(`The tests do not pass without a mistake: ${describe(sound)}`);
    return sound.kind === 'passed';
  } finally {
    workshop.close();
  }
}

async function areAllCaught(mistakes: readonly Mistake[]): Promise<boolean> {
  const waiting = [...mistakes];
  let caught = 0;
  const work = async (): Promise<void> => {
    const workshop = openWorkshop(root);
    try {
      for (let mistake = waiting.shift(); mistake !== undefined; mistake = waiting.shift()) {
        const verdict = await workshop.tryMistake(mistake);
        print(`| ${mistake.name}: ${mistake.sentence} | ${mistake.file} | ${describe(verdict)} |`);
        if (verdict.kind === 'failed') caught += 1;
      }
    } finally {
      workshop.close();
    }
  };
  print('| mistake | file | caught by |\n| --- | --- | --- |');
  await Promise.all(Array.from({ length: Math.min(COPIES, mistakes.length) }, work));
  print(`\n${caught} of ${mistakes.length} mistakes caught.`);
  return caught > 0 && caught === mistakes.length;
}

function describe(verdict: Verdict): string {
  if (verdict.kind === 'failed') return `${verdict.file}: ${verdict.test}`;
  return verdict.kind === 'passed' ? `NOTHING: ${verdict.tests} tests pass` : `NOT TRIED: ${verdict.why}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
