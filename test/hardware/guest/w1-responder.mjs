/* The process on the far side of the adapter with the 1-Wire bridge. */
import { SystemClock } from '@hyphae/core';
import { Ds2482, WireThermometer } from './ds2482.mjs';
import { serveChips } from './usersim.mjs';

const warm = new WireThermometer([1, 2, 3, 4, 5, 6], 21.5);
const cold = new WireThermometer([0x0a, 2, 3, 4, 5, 0x7f], -10.125);
const { bus } = await serveChips({ clock: new SystemClock(), chips: new Map([[0x18, new Ds2482([warm, cold])]]) });
process.on('message', (message) => {
  if ('celsius' in message) warm.celsius = message.celsius;
  if ('unplug' in message) cold.plugged = false;
  process.send({ done: true });
});
process.on('disconnect', () => process.exit());
process.send({ bus });
