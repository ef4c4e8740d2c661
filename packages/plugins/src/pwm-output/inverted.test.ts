import { bench, outputConformance, type OutputWorld } from '@hyphae/core/testing';
import { simBoard, SimPwmChannel } from '@hyphae/hal/sim';
import test from 'ava';
import { pwmOutput } from './index.js';

const use = { channel: 'pwmchip0/0' };
const options = { inverted: true };

/** A load that is on while the wire is low. */
function world(): OutputWorld & { readonly channel: SimPwmChannel } {
  const channel = new SimPwmChannel();
  const history: number[] = [];
  channel.onChange(({ dutyCycle }) => history.push(1 - dutyCycle));
  return {
    channel,
    board: simBoard({ pwm: { 'pwmchip0/0': channel } }),
    seen: () => 1 - channel.dutyCycle,
    history: () => history,
  };
}

outputConformance(test, pwmOutput, { world, values: [0.25, 1, 0, 0.5], bench: { use, options } });

test('an inverted channel is low as long as the load is to be on, and high once it is released', async (t) => {
  const { board, channel } = world();
  {
    await using rig = await bench(pwmOutput, { board, use, options });
    t.is(channel.dutyCycle, 1);
    const { confirmed } = await rig.set(0.25, { leaseMs: 60_000 });
    t.is(channel.dutyCycle, 0.75);
    t.is(confirmed, 0.25);
  }
  t.is(channel.dutyCycle, 1);
});
