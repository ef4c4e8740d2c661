import test from 'ava';
import { VirtualClock } from '@hyphae/core/testing';
import { decodeScratchpad } from './scratchpad.js';
import { Ds18b20Sim, type Ds18b20SimOptions } from './sim.js';

function powered(temperature: number, options?: Ds18b20SimOptions) {
  const clock = new VirtualClock();
  const chip = new Ds18b20Sim({ temperature }, options);
  chip.powerOn(clock);
  return { clock, chip };
}

test('shows the power-on state until a conversion has taken its time', async (t) => {
  const { clock, chip } = powered(25.0625);
  const fresh = Uint8Array.of(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x1c);
  t.deepEqual(chip.scratchpad(), fresh);
  chip.convert();
  await clock.advance('699 ms');
  t.deepEqual(chip.scratchpad(), fresh);
  await clock.advance('1 ms');
  t.deepEqual(chip.scratchpad()?.subarray(0, 2), Uint8Array.of(0x91, 0x01));
});

test('a lower resolution converts sooner and shows fewer bits', async (t) => {
  const { clock, chip } = powered(25.4, { resolution: 9 });
  chip.convert();
  await clock.advance(87.5);
  t.is(decodeScratchpad(chip.scratchpad() ?? new Uint8Array(), 0x28, 'chip'), 25);
});

test('the DS18S20 shows the half degrees of its datasheet', async (t) => {
  for (const [celsius, low, high] of [
    [25, 0x32, 0x00],
    [0.5, 0x01, 0x00],
    [-0.5, 0xff, 0xff],
    [-25, 0xce, 0xff],
  ] as const) {
    const { clock, chip } = powered(celsius, { part: 'ds18s20' });
    chip.convert();
    await clock.advance('750 ms');
    t.deepEqual(chip.scratchpad()?.subarray(0, 2), Uint8Array.of(low, high));
    t.is(decodeScratchpad(chip.scratchpad() ?? new Uint8Array(), 0x10, 'chip'), celsius);
  }
});

test('a weak supply resets it in the middle of the conversion', async (t) => {
  const { clock, chip } = powered(20);
  chip.weakSupply = true;
  chip.convert();
  await clock.advance('1 s');
  t.throws(() => decodeScratchpad(chip.scratchpad() ?? new Uint8Array(), 0x28, 'chip'), {
    code: 'HYP_DEVICE_NOT_READY',
  });
});

test('unplugged it does not answer, and plugged in again it has forgotten', async (t) => {
  const { clock, chip } = powered(20);
  chip.convert();
  await clock.advance('1 s');
  chip.unplug();
  t.is(chip.scratchpad(), undefined);
  chip.plug();
  t.is(chip.scratchpad()?.[0], 0x50);
});

test('each scratchpad to be corrupted differs in one bit from the next clean one', async (t) => {
  const { clock, chip } = powered(20);
  chip.convert();
  await clock.advance('1 s');
  chip.corrupt = 5;
  const spoilt = Array.from({ length: 5 }, () => chip.scratchpad() ?? new Uint8Array());
  const clean = chip.scratchpad() ?? new Uint8Array();
  for (const bytes of spoilt) {
    const bits = bytes.reduce(
      (sum, byte, i) => sum + ((byte ^ (clean[i] ?? 0)).toString(2).match(/1/g)?.length ?? 0),
      0,
    );
    t.is(bits, 1);
  }
});
