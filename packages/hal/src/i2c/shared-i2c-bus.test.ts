import { Lifetime } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import test from 'ava';
import { codeOf } from '../testing/fixture.js';
import type { I2cBus, I2cSegment } from './i2c-bus.js';
import { SharedI2cBus, type SharedI2cBusOptions } from './shared-i2c-bus.js';

/** A raw bus whose transfers take as long as the test says, and that notices two at a time. */
class SlowBus implements I2cBus {
  readonly name = 'i2c-1';
  readonly log: string[] = [];
  overlaps = 0;
  busy = false;
  #times: number[] = [];

  constructor(
    readonly clock: VirtualClock,
    readonly usualMs = 1,
  ) {}

  /** How long the next transfers take. */
  takes(...ms: number[]): void {
    this.#times = ms;
  }

  async transfer(address: number, segments: readonly I2cSegment[]): Promise<Uint8Array[]> {
    if (this.busy) this.overlaps++;
    this.busy = true;
    this.log.push(`${address.toString(16)} at ${this.clock.monotonic()}`);
    await this.clock.sleep(this.#times.shift() ?? this.usualMs, { name: 'wires' });
    this.busy = false;
    return segments.flatMap((segment) => ('read' in segment ? [new Uint8Array(segment.read).fill(address)] : []));
  }
}

function rig(options: Partial<SharedI2cBusOptions> = {}) {
  const clock = new VirtualClock();
  const raw = new SlowBus(clock);
  const bus = new SharedI2cBus(raw, { clock, ...options });
  const answers: string[] = [];
  /** Notes when and how a call was answered. */
  const note = (name: string, work: Promise<unknown>) =>
    void work.then(
      () => answers.push(`${name} ok at ${clock.monotonic()}`),
      (error: unknown) => answers.push(`${name} ${codeOf(error)} at ${clock.monotonic()}`),
    );
  return { clock, raw, bus, answers, note };
}

test('a handle is named after bus and address', (t) => {
  t.is(rig().bus.device(0x0a).name, 'i2c-1/0x0a');
});

test('addresses no device can have are refused, with the reason', (t) => {
  const { bus } = rig();
  for (const [address, why] of [
    [0x02, /reserved/],
    [0x78, /reserved/],
    [0x150, /10-bit/],
    [0x90, /written 0x48/],
    [-1, /7-bit/],
    [1.5, /whole/],
    [NaN, /whole/],
  ] as const) {
    const error = t.throws(() => bus.device(address), { message: why });
    t.is(codeOf(error), 'HYP_I2C_ARGUMENT');
  }
  t.notThrows(() => [bus.device(0x03), bus.device(0x77)]);
});

test('transfers never overlap on the wires, and the bus is idle and free of timers afterwards', async (t) => {
  const { clock, raw, bus } = rig();
  const devices = [0x10, 0x11, 0x12].map((address) => bus.device(address));
  await clock.run(
    Promise.all(devices.flatMap((device) => [device.read(1), device.writeRegister(1, 2), device.read(3)])),
  );
  t.is(raw.overlaps, 0);
  t.is(bus.stats.transfers, 9);
  t.is(bus.stats.maxWaiting, 8);
  t.is(bus.stats.waiting, 0);
  t.deepEqual(clock.waiting, []);
});

test('between the transfers of one driver the others have their turn', async (t) => {
  const { clock, raw, bus } = rig();
  const [a, b] = [bus.device(0x10), bus.device(0x11)];
  const driver = async (device: typeof a) => {
    await device.write(Uint8Array.of(1));
    await clock.sleep(10);
    await device.read(1);
  };
  await clock.run(Promise.all([driver(a), driver(b)]));
  // Both conversions ran at the same time: 13 ms in all, not 24.
  t.is(clock.monotonic(), 13);
  t.deepEqual(raw.log, ['10 at 0', '11 at 1', '10 at 11', '11 at 12']);
});

test('transfers of higher priority go first, and a low one waits for no more than eight of them', async (t) => {
  const { clock, raw, bus } = rig();
  const [low, high] = [bus.device(0x10), bus.device(0x20, { priority: 1 })];
  const busy = high.read(1);
  const waiting = [low.read(1), ...Array.from({ length: 20 }, () => high.read(1))];
  await clock.run(Promise.all([busy, ...waiting]));
  t.is(
    raw.log.findIndex((line) => line.startsWith('10')),
    9,
  );
});

test('a hung transfer is answered at its deadline, and the bus stays locked until it has ended', async (t) => {
  const { clock, raw, bus, answers, note } = rig();
  const [hung, other] = [bus.device(0x10), bus.device(0x20)];
  raw.takes(130);
  note('hung', hung.read(1));
  note('other', other.read(1));
  await clock.advance(200);
  t.deepEqual(answers, ['hung HYP_I2C_TIMEOUT at 100', 'other ok at 131']);
  t.is(raw.overlaps, 0);
  t.like(bus.stats, { transfers: 2, failures: 1, timeouts: 1 });
  t.deepEqual(clock.waiting, []);
});

test('behind a transfer that never ends each waits one more deadline, and is told who is in the way', async (t) => {
  const { clock, raw, bus, answers, note } = rig();
  const [hung, other, late] = [bus.device(0x10), bus.device(0x20), bus.device(0x30)];
  raw.takes(5000);
  note('hung', hung.read(1));
  note('other', other.read(1));
  await clock.advance(150);
  note('late', late.read(1));
  const reason = t.throwsAsync(bus.device(0x31).read(1));
  await clock.advance(1000);
  t.deepEqual(answers, ['hung HYP_I2C_TIMEOUT at 100', 'other HYP_I2C_HELD at 200', 'late HYP_I2C_HELD at 250']);
  t.like(await reason, { context: { bus: 'i2c-1', address: '0x31', holder: '0x10' } });
  await clock.advance(5000);
  note('after', other.read(1));
  await clock.advance(10);
  t.is(answers.at(-1), 'after ok at 6151');
  t.deepEqual(clock.waiting, []);
});

test('a deadline counts from the start on the wires, not from the call', async (t) => {
  const { clock, raw, bus } = rig();
  const device = bus.device(0x10);
  raw.takes(90, 90, 90);
  await clock.run(Promise.all([device.read(1), device.read(1), device.read(1)]));
  t.is(bus.stats.failures, 0);
});

test('an exclusive section that goes on too long keeps the bus, but the others are answered', async (t) => {
  const { clock, bus, answers, note } = rig();
  const [greedy, other] = [bus.device(0x10), bus.device(0x20)];
  note(
    'greedy',
    greedy.exclusively(() => clock.sleep(3000)),
  );
  note('other', other.read(1));
  await clock.advance(1500);
  note('late', other.read(1));
  await clock.advance(2500);
  t.deepEqual(answers, ['other HYP_I2C_HELD at 1100', 'late HYP_I2C_HELD at 1600', 'greedy ok at 3000']);
  t.deepEqual(clock.waiting, []);
});

test('a transfer inside a section has its own deadline', async (t) => {
  const { clock, raw, bus, answers, note } = rig();
  raw.takes(1, 500);
  const device = bus.device(0x10);
  note(
    'section',
    device.exclusively(async (alone) => {
      await alone.read(1);
      await clock.sleep(20);
      await alone.read(1);
    }),
  );
  await clock.advance(1000);
  t.deepEqual(answers, ['section HYP_I2C_TIMEOUT at 121']);
});

test('a driver that waits for its own outer handle inside a section is answered instead of waiting for ever', async (t) => {
  const { clock, bus } = rig();
  const device = bus.device(0x10);
  const error = await t.throwsAsync(clock.run(device.exclusively(() => device.read(1))));
  t.is(codeOf(error), 'HYP_I2C_HELD');
  t.is((await clock.run(device.read(1))).length, 1);
});

test('a section within a section is the same section', async (t) => {
  const { clock, bus } = rig();
  const device = bus.device(0x10);
  t.is(
    await clock.run(device.exclusively((alone) => alone.exclusively((still) => still.read(2)))).then((r) => r.length),
    2,
  );
});

test('the handle of a section is dead after it', async (t) => {
  const { clock, bus } = rig();
  const device = bus.device(0x10);
  const kept = await clock.run(device.exclusively(async (alone) => alone));
  t.is(codeOf(await t.throwsAsync(kept.read(1))), 'HYP_DISPOSED');
});

test('the end of a claim answers what it waits for, and frees the bus it held', async (t) => {
  const { clock, bus, answers, note } = rig();
  const life = new Lifetime('greedy');
  const greedy = bus.device(0x10, { lifetime: life });
  const other = bus.device(0x20);
  note(
    'section',
    greedy.exclusively(() => clock.sleep('1 h')),
  );
  note('queued', greedy.read(1));
  note('other', other.read(1));
  await clock.advance(10);
  await life[Symbol.asyncDispose]();
  await clock.advance(10);
  t.deepEqual(answers, ['queued HYP_DISPOSED at 10', 'other ok at 11']);
});

test('the end of a claim during a transfer answers it and waits for the wires', async (t) => {
  const { clock, raw, bus, answers, note } = rig();
  const life = new Lifetime('one');
  raw.takes(50);
  note('cut', bus.device(0x10, { lifetime: life }).read(1));
  note('other', bus.device(0x20).read(1));
  await clock.advance(10);
  await life[Symbol.asyncDispose]();
  await clock.advance(100);
  t.deepEqual(answers, ['cut HYP_DISPOSED at 10', 'other ok at 51']);
  t.is(raw.overlaps, 0);
});

test('the queue is bounded', async (t) => {
  const { clock, bus } = rig({ limit: 3 });
  const device = bus.device(0x10);
  const calls = Array.from({ length: 5 }, () => device.read(1).then(() => 'ok', codeOf));
  t.deepEqual(await clock.run(Promise.all(calls)), ['ok', 'ok', 'ok', 'ok', 'HYP_I2C_QUEUE']);
});

test('a closed bus answers everybody and leaves no timer', async (t) => {
  const { clock, raw, bus, answers, note } = rig();
  raw.takes(30);
  const device = bus.device(0x10);
  note('running', device.read(1));
  note('waiting', device.read(1));
  await clock.advance(1);
  bus[Symbol.dispose]();
  note('new', device.read(1));
  await clock.advance(100);
  t.deepEqual(answers.sort(), ['new HYP_DISPOSED at 1', 'running HYP_DISPOSED at 1', 'waiting HYP_DISPOSED at 1']);
  t.deepEqual(clock.waiting, []);
});

test('a provider that gives too few bytes is found out', async (t) => {
  const clock = new VirtualClock();
  const bus = new SharedI2cBus({ name: 'i2c-9', transfer: async () => [new Uint8Array(1)] }, { clock });
  const device = bus.device(0x10);
  t.is(codeOf(await t.throwsAsync(device.readRegister(0, 4))), 'HYP_I2C_BUS');
  t.is((await device.read(1)).length, 1);
});

test('a provider that throws instead of rejecting does not lock the bus', async (t) => {
  const clock = new VirtualClock();
  let calls = 0;
  const raw: I2cBus = {
    name: 'i2c-9',
    transfer: () => {
      if (calls++ === 0) throw new Error('at once');
      return Promise.resolve([new Uint8Array(1)]);
    },
  };
  const device = new SharedI2cBus(raw, { clock }).device(0x10);
  t.is((await t.throwsAsync(device.read(1)))?.message, 'at once');
  t.is((await device.read(1)).length, 1);
});
