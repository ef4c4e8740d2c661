import type { OutputDefinition } from '../plugins/output.js';
import type { Plugin } from '../plugins/plugin.js';
import type { HalProvider } from '../resources/board.js';
import { bench, type BenchOptions } from './bench.js';
import type { TestFunction } from './test-function.js';

/** A fresh simulation for one output. */
export interface OutputWorld {
  readonly board: HalProvider;
  /** The value the device has now, seen from outside, in the output's unit. `undefined`: it was never driven. */
  seen(): number | undefined;
  /** Every value the device has had, in order. */
  history(): readonly number[];
}

/** What the suite is told of an output. */
export interface OutputCase {
  readonly world: () => OutputWorld;
  /** Values to go through; the first is not the safe one. */
  readonly values: readonly number[];
  readonly accuracy?: number;
  readonly bench?: Omit<BenchOptions, 'board'>;
}

/** Declares the tests every output has to pass: it does what it is told, is safe at start and end, and leaves nothing behind. */
export function outputConformance(
  test: TestFunction,
  plugin: Plugin<'output', OutputDefinition>,
  output: OutputCase,
): void {
  const { values, accuracy = 1e-9 } = output;
  const near = (a: number | undefined, b: number) => a !== undefined && Math.abs(a - b) <= accuracy;

  test(`${plugin.id}: is safe once started, without having been anything else`, async (t) => {
    const world = output.world();
    await using rig = await bench(plugin, { ...output.bench, board: world.board });
    t.is(rig.fault, undefined);
    t.is(rig.output.confirmed, plugin.safe);
    t.true(near(world.seen(), plugin.safe), `the device is at ${world.seen()}`);
    t.true(
      world.history().every((value) => near(value, plugin.safe)),
      `it went through ${world.history().join(', ')}`,
    );
  });

  test(`${plugin.id}: reaches what it is told and confirms it`, async (t) => {
    const world = output.world();
    await using rig = await bench(plugin, { ...output.bench, board: world.board });
    for (const value of values) {
      const { confirmed } = await rig.set(value, { leaseMs: 60_000 });
      t.true(near(confirmed ?? undefined, value), `told ${value}, confirms ${confirmed}`);
      t.true(near(world.seen(), value), `told ${value}, the device is at ${world.seen()}`);
    }
  });

  test(`${plugin.id}: goes safe when the lease of its client ends`, async (t) => {
    const world = output.world();
    await using rig = await bench(plugin, { ...output.bench, board: world.board });
    await rig.set(values[0] ?? 1, { leaseMs: 5_000 });
    await rig.advance('4 s');
    t.false(near(world.seen(), plugin.safe));
    await rig.advance('2 s');
    t.true(near(world.seen(), plugin.safe), `the device is at ${world.seen()}`);
  });

  test(`${plugin.id}: is safe before its line is released`, async (t) => {
    const world = output.world();
    {
      await using rig = await bench(plugin, { ...output.bench, board: world.board });
      await rig.set(values[0] ?? 1, { leaseMs: 60_000 });
    }
    t.true(near(world.history().at(-1), plugin.safe), `it ended at ${world.history().at(-1)}`);
  });
}
