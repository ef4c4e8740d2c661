/* The process on the far side of the adapter: a simulated BME280 at 0x76, whose air the test moves. */
import { SystemClock } from '@hyphae/core';
import { Bme280Sim } from '@hyphae/plugins/bme280/sim';
import { serveChips } from './usersim.mjs';

const chip = new Bme280Sim({ temperature: 21.5, humidity: 48, pressure: 1013.2 });
const { bus } = await serveChips({ clock: new SystemClock(), chips: new Map([[0x76, chip]]) });
process.on('message', (message) => {
  if (message.air) chip.air = message.air;
  if (message.plugged === false) chip.unplug();
  if (message.plugged === true) chip.plugIn();
  process.send({ done: true });
});
process.on('disconnect', () => process.exit());
process.send({ bus });
