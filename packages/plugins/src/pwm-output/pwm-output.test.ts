import { bench, outputConformance, type OutputWorld } from '@hyphae/core/testing';
import { simBoard, SimPwmChannel } from '@hyphae/hal/sim';
import test from 'ava';
import { pwmOutput } from './index.js';

const use = { channel: 'pwmchip0/0' };

/** A load that is on while the wire is high. */
function world(): OutputWorld & { readonly channel: SimPwmChannel } {
  const channel = new SimPwmChannel();
  const history: number[] = [];
  channel.onChange(({ dutyCycle }) => history.push(dutyCycle));
  return {
    channel,
    board: simBoard({ pwm: { 'pwmchip0/0': channel } }),
    seen: () => channel.dutyCycle,
    history: () => history,
  };
}

outputConformance(test, pwmOutput, { world, values: [0.25, 1, 0, 0.5], bench: { use } });

test('drives the channel at the frequency asked for', async (t) => {
  const { board, channel } = world();
  await using rig = await bench(pwmOutput, { board, use, options: { frequency: 25_000 } });
  await rig.set(0.4, { leaseMs: 60_000 });
  t.is(channel.frequencyHz, 25_000);
  t.is(channel.dutyCycle, 0.4);
});

test('a duty cycle or frequency that makes no sense is refused', async (t) => {
  const { board } = world();
  await using rig = await bench(pwmOutput, { board, use });
  for (const value of [-0.1, 1.1, Number.NaN]) {
    await t.throwsAsync(() => rig.set(value, { leaseMs: 60_000 }), { code: 'HYP_OUTPUT_RANGE' }, String(value));
  }
  for (const frequency of [0, -1, 2_000_000]) {
    await using refused = await bench(pwmOutput, { board: world().board, use, options: { frequency } });
    t.is(refused.fault?.code, 'HYP_OPTIONS_INVALID', String(frequency));
  }
});
