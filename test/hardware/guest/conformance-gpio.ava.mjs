import { SystemClock } from '@hyphae/core';
import { linuxBoard } from '@hyphae/hal/linux';
import { gpioConformance } from '@hyphae/hal/testing';
import { makeGpioChip } from './gpio-sim.mjs';

const sim = await makeGpioChip('pi');

gpioConformance('linux', async () => {
  const clock = new SystemClock();
  const board = await linuxBoard().open({ clock });
  await sim.pull(17, 0);
  return {
    board,
    clock,
    run: (work) => work,
    output: `${sim.chip}/17`,
    input: `${sim.chip}/27`,
    level: () => sim.level(17),
    drive: async (level) => {
      await sim.pull(27, level);
      await clock.sleep('20 ms'); // the simulator's interrupt comes a little after the level
    },
    [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
  };
});
