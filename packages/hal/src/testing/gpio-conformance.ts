import test, { type ExecutionContext } from 'ava';
import { type Edge, gpioInput, gpioOutput, type Level } from '../gpio/gpio.js';
import { Bench, codeOf, type HalFixture } from './fixture.js';

/** Two lines whose far ends the test holds. Levels there are physical. */
export interface GpioFixture extends HalFixture {
  /** Full address of a line that the suite drives, such as `gpiochip0/17`. It is pulled low, or floats, when nobody does. */
  readonly output: string;
  /** Full address of a line that the far end drives. */
  readonly input: string;
  /** The level on the wire of the output line. */
  level(): Promise<Level>;
  /** Puts a level on the wire of the input line. */
  drive(level: Level): Promise<void>;
}

/** Real lines are toggled no faster than a slow machine can follow. */
const STEP_MS = 20;

/** Declares the tests that every provider of GPIO lines has to pass. @param open makes a fresh fixture for each test */
export function gpioConformance(provider: string, open: () => Promise<GpioFixture>): void {
  const declare = (title: string, run: (t: ExecutionContext, fixture: GpioFixture, bench: Bench) => Promise<void>) =>
    test.serial(`${provider} gpio: ${title}`, async (t) => {
      const fixture = await open();
      await using bench = new Bench(fixture);
      await run(t, fixture, bench);
    });

  for (const initial of [0, 1] as const) {
    declare(`an output starts at its initial level ${initial}`, async (t, fixture, bench) => {
      const line = await bench.claim(gpioOutput({ initial }), fixture.output);
      t.is(await fixture.level(), initial);
      t.is(await fixture.run(line.read()), initial);
      t.is(line.name, fixture.output);
    });
  }

  declare('an output puts on the wire what is written', async (t, fixture, bench) => {
    const line = await bench.claim(gpioOutput({ initial: 0 }), fixture.output);
    for (const level of [1, 0, 0, 1, 1, 0] as const) {
      await fixture.run(line.write(level));
      t.is(await fixture.level(), level);
      t.is(await fixture.run(line.read()), level);
    }
  });

  declare('active low turns the levels of an output around', async (t, fixture, bench) => {
    const line = await bench.claim(gpioOutput({ initial: 0, activeLow: true }), fixture.output);
    t.is(await fixture.level(), 1);
    await fixture.run(line.write(1));
    t.is(await fixture.level(), 0);
    t.is(await fixture.run(line.read()), 1);
  });

  declare('an input reads the wire', async (t, fixture, bench) => {
    await fixture.drive(0);
    const line = await bench.claim(gpioInput(), fixture.input);
    for (const level of [1, 0, 1] as const) {
      await fixture.drive(level);
      t.is(await fixture.run(line.read()), level);
    }
  });

  declare('active low turns the levels of an input around', async (t, fixture, bench) => {
    await fixture.drive(0);
    const line = await bench.claim(gpioInput({ activeLow: true }), fixture.input);
    t.is(await fixture.run(line.read()), 1);
    const edges = line.changes()[Symbol.asyncIterator]();
    await fixture.drive(1);
    t.like((await fixture.run(edges.next())).value, { level: 0 });
    await edges.return?.();
  });

  declare('every change of an input arrives, in order, with times that grow', async (t, fixture, bench) => {
    await fixture.drive(0);
    const line = await bench.claim(gpioInput(), fixture.input);
    const edges = line.changes()[Symbol.asyncIterator]();
    const levels = [1, 0, 1, 0, 1] as const;
    for (const level of levels) {
      await fixture.drive(level);
      await bench.wait(STEP_MS);
    }
    const seen: Edge[] = [];
    while (seen.length < levels.length) seen.push((await fixture.run(edges.next())).value as Edge);
    t.deepEqual(
      seen.map(({ level }) => level),
      [...levels],
    );
    t.true(seen.every(({ atMs }, i) => i === 0 || atMs > (seen[i - 1]?.atMs ?? Infinity)));
    t.true(seen.every(({ lost }) => lost === undefined));
    const now = fixture.clock.monotonic();
    t.true(
      seen.every(({ atMs }) => atMs <= now + 1),
      'times are of the clock',
    );
    await edges.return?.();
  });

  declare('debouncing passes on only levels that last', async (t, fixture, bench) => {
    await fixture.drive(0);
    const line = await bench.claim(gpioInput(), fixture.input);
    const edges = line.changes({ debounce: 250 })[Symbol.asyncIterator]();
    for (const level of [1, 0, 1] as const) {
      await fixture.drive(level);
      await bench.wait(STEP_MS);
    }
    await bench.wait(400);
    for (const level of [0, 1, 0] as const) {
      await fixture.drive(level);
      await bench.wait(STEP_MS);
    }
    await bench.wait(400);
    const seen = [(await fixture.run(edges.next())).value, (await fixture.run(edges.next())).value] as Edge[];
    t.deepEqual(
      seen.map(({ level }) => level),
      [1, 0],
    );
    await edges.return?.();
  });

  declare('waiting for changes ends with the signal', async (t, fixture, bench) => {
    const line = await bench.claim(gpioInput(), fixture.input);
    const stop = new AbortController();
    const next = line.changes({ signal: stop.signal })[Symbol.asyncIterator]().next();
    stop.abort();
    t.true((await fixture.run(next)).done);
    t.true((await fixture.run(line.changes({ signal: stop.signal })[Symbol.asyncIterator]().next())).done);
  });

  declare('handles end with their claims, and lines can be claimed again', async (t, fixture, bench) => {
    const life = bench.life.child('first');
    const output = await bench.claim(gpioOutput({ initial: 1 }), fixture.output, life);
    const input = await bench.claim(gpioInput(), fixture.input, life);
    const next = input.changes()[Symbol.asyncIterator]().next();
    await fixture.run(life[Symbol.asyncDispose]());
    t.true((await fixture.run(next)).done);
    t.is(codeOf(await bench.failure(output.write(0))), 'HYP_DISPOSED');
    t.is(codeOf(await bench.failure(input.read())), 'HYP_DISPOSED');
    const again = await bench.claim(gpioOutput({ initial: 0 }), fixture.output);
    t.is(await fixture.level(), 0);
    await fixture.run(again.write(1));
    t.is(await fixture.level(), 1);
  });
}
