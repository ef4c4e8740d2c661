/* The process on the far side of the adapter. Started with fork(); says the bus number, answers questions, and dies with its parent. */
import { SystemClock } from '@hyphae/core';
import { CountingChip, Memory } from './test-chips.mjs';
import { serveChips } from './usersim.mjs';

const counting = new CountingChip();
const { bus, transactions } = await serveChips({
  clock: new SystemClock(),
  chips: new Map([
    [0x48, counting],
    [0x50, new Memory()],
  ]),
  // ETIMEDOUT, EIO, EAGAIN, ENXIO, EPROTO, and a chip that holds the bus until the adapter gives up
  faults: new Map([
    [0x60, 110],
    [0x61, 5],
    [0x62, 11],
    [0x64, 6],
    [0x65, 71],
    [0x63, 'silent'],
  ]),
});
process.on('message', (message) => {
  if (message === 'transactions') process.send({ transactions: transactions.splice(0) });
  if (message === 'unplug') counting.unplug();
  if (message === 'plug in') counting.plugIn();
});
process.on('disconnect', () => process.exit());
process.send({ bus });
