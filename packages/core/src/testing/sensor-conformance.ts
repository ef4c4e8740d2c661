import type { Plugin } from '../plugins/plugin.js';
import type { Channels, SensorDefinition } from '../plugins/sensor.js';
import type { HalProvider } from '../resources/board.js';
import { bench, type BenchOptions, type SensorRig } from './bench.js';
import type { TestFunction } from './test-function.js';

/** A fresh simulation for one sensor. */
export interface SensorWorld {
  readonly board: HalProvider;
  /** Makes the surroundings be so. */
  show(truth: Readonly<Record<string, number>>): void;
  /** Operations on the bus or port so far. */
  operations(): number;
}

/** What the suite is told of a sensor. */
export interface SensorCase {
  /**
   * Builds a simulation whose bus fails at the operation of this number and at all after it (`Infinity`: never), counted from 0.
   */
  readonly world: (failsFrom: number) => SensorWorld;
  /** Surroundings that the sensor has to follow from one sample to the next; at least two that differ in every channel. */
  readonly truths: readonly Readonly<Record<string, number>>[];
  /** How far a reading may be from the truth, per channel. */
  readonly accuracy: Readonly<Record<string, number>>;
  readonly bench?: Omit<BenchOptions, 'board'>;
}

/**
 * Declares the tests every sensor has to pass, whatever it measures: it follows its surroundings, reports a failure at any point
 * as a catalogued error, never publishes a value it has not got, works again afterwards, and leaves nothing behind.
 */
export function sensorConformance<C extends Channels>(
  test: TestFunction,
  plugin: Plugin<'sensor', SensorDefinition<C>>,
  sensor: SensorCase,
): void {
  const { truths, accuracy } = sensor;
  const options = { period: '1 min', ...sensor.bench } as const;
  const run = (world: SensorWorld): Promise<SensorRig<C>> => bench(plugin, { ...options, board: world.board });

  test(`${plugin.id}: each sample is of the surroundings as they are now`, async (t) => {
    const world = sensor.world(Infinity);
    const [first = {}] = truths;
    world.show(first);
    await using rig = await run(world);
    t.is(rig.fault, undefined);
    for (const truth of truths) {
      world.show(truth);
      await rig.periods(1);
      const latest = rig.latest(6);
      for (const [channel, value] of Object.entries(truth)) {
        const found = latest[channel];
        const allowed = accuracy[channel] ?? 0;
        t.true(
          typeof found === 'number' && Math.abs(found - value) <= allowed,
          `${channel}: ${found}, truth ${value} ± ${allowed}`,
        );
      }
    }
  });

  test(`${plugin.id}: a failure at any operation is a catalogued error, never a value, and leaks nothing`, async (t) => {
    const healthy = sensor.world(Infinity);
    healthy.show(truths[0] ?? {});
    {
      await using rig = await run(healthy);
      await rig.periods(2);
    }
    const operations = healthy.operations();
    t.true(operations > 0, 'the healthy run uses the bus');
    for (let failsFrom = 0; failsFrom < operations; failsFrom++) {
      const world = sensor.world(failsFrom);
      world.show(truths[0] ?? {});
      await using rig = await run(world);
      await rig.periods(2);
      t.truthy(rig.fault?.code.startsWith('HYP_'), `no fault although operation ${failsFrom} and all after it fail`);
      t.not(rig.fault?.code, 'HYP_PLUGIN_FAILURE', `operation ${failsFrom}: ${rig.fault?.message}`);
      for (const value of Object.values(rig.latest()))
        t.is(value, null, `a value in spite of the failure at ${failsFrom}`);
    }
  });

  test(`${plugin.id}: stops in the middle of a sample and leaks nothing`, async (t) => {
    const world = sensor.world(Infinity);
    world.show(truths[0] ?? {});
    await using rig = await run(world);
    // The first slot of the grid is somewhere in the first period; step into it in small steps until the bus is used again.
    const before = world.operations();
    for (let ms = 0; ms < 60_000 && world.operations() === before; ms += 5) await rig.advance(5);
    t.true(world.operations() > before);
  });

  test(`${plugin.id}: two starts in a row give two working sensors`, async (t) => {
    const world = sensor.world(Infinity);
    world.show(truths[0] ?? {});
    await using rig = await run(world);
    await rig.clock.run(rig.node.restart('bench'));
    t.is((await rig.periods(1)).length, 1);
    t.is(rig.fault, undefined);
  });

  test(`${plugin.id}: its readings are finite and in declared channels only`, async (t) => {
    const world = sensor.world(Infinity);
    await using rig = await run(world);
    for (const truth of truths) {
      world.show(truth);
      await rig.periods(1);
    }
    for (const { channel, value, quality } of rig.readings) {
      t.true(Object.hasOwn(plugin.channels, channel));
      t.true(value === null ? quality === 'bad' : Number.isFinite(value));
    }
  });
}
