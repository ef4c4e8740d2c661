import { SystemClock } from '@hyphae/core';
import { linuxBoard, listI2cAdapters } from '@hyphae/hal/linux';
import { i2cConformance } from '@hyphae/hal/testing';

const { number } = (await listI2cAdapters()).find(({ label }) => label.includes('stub'));

i2cConformance('linux (SMBus)', async () => {
  const clock = new SystemClock();
  const board = await linuxBoard().open({ clock });
  return {
    board,
    clock,
    run: (work) => work,
    bus: `i2c-${number}`,
    chip: 0x48,
    absent: 0x51,
    plainReads: false,
    [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
  };
});
