import type { Clock, Random } from '@hyphae/core';
import type { ChipOf } from './chip.js';
import { PlantRunner } from './plant-runner.js';
import { simBoard, type SimBoard } from './sim-board.js';
import type { LineEntry } from './sim-options.js';
import type { PlannedChip, SimPlan } from './sim-plan.js';
import { i2cName } from './i2c-part.js';
import { Senses } from './senses.js';
import { SimGpioLine } from './sim-gpio-line.js';
import { SimPwmChannel } from './sim-pwm-channel.js';
import { liveSurroundings } from './surroundings.js';

/** What a plan becomes once there is a clock: a board, and the plant that moves it. */
export interface SimWorld {
  readonly clock: Clock;
  readonly board: SimBoard;
  readonly plant: PlantRunner | undefined;
  readonly senses: Senses;
}

/** Makes plant, chips, lines and channels, and connects them. */
export function createWorld(plan: SimPlan, clock: Clock, random: Random): SimWorld {
  const plant = createPlant(plan, clock, random);
  const chips: Record<PlannedChip['bus'], Record<string, unknown>> = { i2c: {}, onewire: {}, serial: {} };
  const labels = new Map<object, string>();
  const senses = new Senses(
    new Map(plan.chips.map((chip) => [nameOf(chip), Object.keys(chip.definition.feels)] as const)),
  );
  for (const chip of plan.chips) {
    const device = nameOf(chip);
    const made = chip.definition.create({
      surroundings: liveSurroundings(chip.definition.feels, chip.sources, plant, (quantity, value) =>
        senses.feel(device, quantity, value),
      ),
      options: chip.options,
      random: random.fork(`chip ${chip.address}`),
    });
    chips[chip.bus][chip.address] = made;
    labels.set(made, chip.definition.id);
  }
  const gpio = Object.entries(plan.lines).map(([address, entry]) => {
    const line = createLine(entry, plant);
    if (entry.drives !== undefined) labels.set(line, `drives ${entry.drives}`);
    if (entry.reads !== undefined) labels.set(line, `reads ${entry.reads}`);
    return [address, line] as const;
  });
  const pwm = Object.entries(plan.channels).map(([address, { drives }]) => {
    const channel = new SimPwmChannel();
    if (drives !== undefined) {
      labels.set(channel, `drives ${drives}`);
      channel.onChange(({ dutyCycle }) => plant?.drive(drives, dutyCycle));
    }
    return [address, channel] as const;
  });
  const board = simBoard({
    // A definition's `bus` says which of these its chip is; the plan has compared them.
    i2c: chips.i2c as Record<string, ChipOf['i2c']>,
    onewire: chips.onewire as Record<string, ChipOf['onewire']>,
    serial: chips.serial as Record<string, ChipOf['serial']>,
    gpio: Object.fromEntries(gpio),
    pwm: Object.fromEntries(pwm),
    busTime: plan.busTime,
    labels,
    random: random.fork('faults'),
    ...(plan.speedHz !== undefined && { speedHz: plan.speedHz }),
  });
  return { clock, board, plant, senses };
}

/** A chip's name as listings of the board have it. */
function nameOf({ bus, address }: PlannedChip): string {
  return bus === 'i2c' ? i2cName(address) : address;
}

function createPlant({ plant }: SimPlan, clock: Clock, random: Random): PlantRunner | undefined {
  if (!plant) return undefined;
  const { definition } = plant;
  const options = plant.options as Readonly<Record<string, unknown>>; // checked against the plant's own schema
  const model = definition.create({ options, random: random.fork(`plant ${definition.id}`), start: clock.now() });
  return new PlantRunner(model, { clock });
}

function createLine(entry: LineEntry, plant: PlantRunner | undefined): SimGpioLine {
  const { drives, reads, level, activeLow = false } = entry;
  // A relay that switches on at low is kept off by a resistor while nobody drives it.
  const line = new SimGpioLine(activeLow ? { pull: 1 } : {});
  if (level !== undefined) line.drive(level);
  if (drives !== undefined) line.onChange((now) => plant?.drive(drives, (now === 1) !== activeLow ? 1 : 0));
  if (reads !== undefined && plant) {
    const { above = Infinity, below = -Infinity } = entry;
    line.follow(() => {
      const value = plant.read(reads);
      return value > above || value < below ? 1 : 0;
    });
    // Edges are seen when anything looks at the plant: nobody has to wake up for them.
    plant.onAdvance(() => line.refresh());
  }
  return line;
}
