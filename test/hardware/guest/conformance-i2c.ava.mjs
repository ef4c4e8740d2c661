import { fork } from 'node:child_process';
import { once } from 'node:events';
import { SystemClock } from '@hyphae/core';
import { linuxBoard } from '@hyphae/hal/linux';
import { i2cConformance } from '@hyphae/hal/testing';

const responder = fork(new URL('./responder.mjs', import.meta.url));
const [{ bus }] = await once(responder, 'message');
responder.unref();
responder.channel.unref();

i2cConformance('linux', async () => {
  const clock = new SystemClock();
  const board = await linuxBoard().open({ clock });
  return {
    board,
    clock,
    run: (work) => work,
    bus: `i2c-${bus}`,
    chip: 0x48,
    absent: 0x51,
    [Symbol.asyncDispose]: () => board[Symbol.asyncDispose](),
  };
});
