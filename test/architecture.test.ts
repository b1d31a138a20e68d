import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

it('keeps every wall between the rooms, over all of the code', async () => {
  const options = await extractOptions(`${root}.dependency-cruiser.cjs`);

  const { output } = await cruise(['functions', 'lib', 'cli', 'emulator', 'pages'], {
    ...options,
    baseDir: root,
    validate: true,
  });

  const { summary } = output as ICruiseResult;
  expect(summary.violations).toEqual([]);
  // A cruiser that does not understand the compiler visits nothing, and finds nothing wrong.
  expect(summary.totalCruised).toBeGreaterThan(200);
});
