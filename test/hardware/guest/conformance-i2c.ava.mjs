import { fork } from 'node:child_process';
import { once } from 'node:events';
import { SystemClock } from '@hyphae/core';
import { linuxBoard } from '@hyphae/hal/linux';
import { i2cConformance } from '@hyphae/hal/testing';
import test from 'ava';

const responder = fork(new URL('./responder.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const [{ bus }] = await once(responder, 'message');
test.after.always(() => responder.kill());

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
