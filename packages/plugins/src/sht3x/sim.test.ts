import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { Sht3xSim } from './sim.js';

function powered() {
  const chip = new Sht3xSim({ temperature: 25, humidity: 50 });
  const clock = new VirtualClock();
  chip.powerOn(clock);
  const command = (word: number) => chip.transfer([{ write: Uint8Array.of(word >> 8, word) }]) !== undefined;
  const read = (length: number) => chip.transfer([{ read: length }])?.map((bytes) => [...bytes])[0];
  const status = () => {
    const [high = 0, low = 0] = chip.transfer([{ write: Uint8Array.of(0xf3, 0x2d) }, { read: 3 }])?.[0] ?? [];
    return (high << 8) | low;
  };
  return { chip, clock, command, read, status };
}

test('acknowledges nothing while it measures, and gives each result once', async (t) => {
  const { clock, command, read } = powered();
  t.true(command(0x2400));
  await clock.advance(15.4);
  t.is(read(6), undefined);
  t.false(command(0x2400));
  await clock.advance(0.2);
  t.deepEqual(read(6), [0x66, 0x66, 0x93, 0x80, 0x00, 0xa2]); // 25 °C and 50 % with their checksums
  t.is(read(6), undefined);
});

test('takes no command within 1 ms of another', async (t) => {
  const { clock, command } = powered();
  t.true(command(0x3041));
  await clock.advance(0.9);
  t.false(command(0x3041));
  await clock.advance(0.2);
  t.true(command(0x3041));
});

test('the status tells of a reset until it is cleared, of the heater, and of a command it does not know', async (t) => {
  const { clock, command, status } = powered();
  const next = () => clock.advance(2);
  t.is(status(), 0x8010); // table 18, default values
  await next();
  command(0x3041);
  await next();
  t.is(status(), 0);
  await next();
  command(0x306d);
  await next();
  t.is(status(), 0x2000);
  await next();
  command(0x1234);
  await next();
  t.is(status(), 0x2002);
  await next();
  command(0x30a2);
  await next();
  t.is(status(), 0x8010);
});

test('in periodic mode it obeys nothing but a break', async (t) => {
  const { chip, clock, command, read } = powered();
  chip.measurePeriodically();
  command(0x2400);
  await clock.advance(20);
  t.is(read(6), undefined);
  command(0x3093);
  await clock.advance(2);
  command(0x2400);
  await clock.advance(20);
  t.is(read(6)?.length, 6);
});

test('the heater warms it', async (t) => {
  const { chip, clock, command, read } = powered();
  chip.heat();
  command(0x2400);
  await clock.advance(20);
  const [high = 0, low = 0] = read(6) ?? [];
  t.is(Math.round(-45 + (175 * ((high << 8) | low)) / 65535), 28);
});
