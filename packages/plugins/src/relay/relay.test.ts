import { bench, outputConformance, type OutputWorld } from '@hyphae/core/testing';
import { simBoard, SimGpioLine } from '@hyphae/hal/sim';
import test from 'ava';
import { relay } from './index.js';

/** A load behind a relay that is on while the wire has the level `onAt`. */
function world(onAt: 0 | 1): OutputWorld {
  const line = new SimGpioLine({ pull: onAt === 0 ? 1 : 0 }); // the relay board's own resistor keeps it off
  const seen = () => (line.level === onAt ? 1 : 0);
  const history = [seen()];
  line.onChange(() => history.push(seen()));
  return { board: simBoard({ gpio: { 'gpiochip0/17': line } }), seen, history: () => history };
}

const use = { line: 'gpiochip0/17' };

outputConformance(test, relay, { world: () => world(1), values: [1, 0, 1], bench: { use } });

outputConformance((title, body) => test(`active low: ${title}`, body), relay, {
  world: () => world(0),
  values: [1, 0, 1],
  bench: { use, options: { activeLow: true } },
});

outputConformance((title, body) => test(`active low, open drain: ${title}`, body), relay, {
  world: () => world(0),
  values: [1, 0, 1],
  bench: { use, options: { activeLow: true, openDrain: true } },
});

test('an active-low relay does not click when it is claimed, switched and released', async (t) => {
  const load = world(0);
  {
    await using rig = await bench(relay, { board: load.board, use, options: { activeLow: true } });
    await rig.set(1, { leaseMs: 60_000 });
  }
  t.deepEqual(load.history(), [0, 1, 0]);
});

test('a line that does not follow is a fault, and confirmed as it is', async (t) => {
  const line = new SimGpioLine();
  await using rig = await bench(relay, { board: simBoard({ gpio: { 'gpiochip0/17': line } }), use });
  line.stick(0);
  await t.throwsAsync(rig.set(1, { leaseMs: 60_000 }), { code: 'HYP_OUTPUT_STUCK' });
  t.is(rig.output.confirmed, 0);
});

test('an unknown option is refused by name', async (t) => {
  await using rig = await bench(relay, { board: simBoard(), use, options: { activelow: true } });
  t.is(rig.fault?.code, 'HYP_OPTIONS_INVALID');
  t.regex(rig.fault?.message ?? '', /activelow/);
});
