import type { Random } from '@hyphae/core';

/** What the value does over time. */
export type Shape = 'constant' | 'sine' | 'random-walk' | 'noise';

/** A waveform's parameters. */
export interface Waveform {
  readonly shape: Shape;
  /** Middle of the waveform. */
  readonly mean: number;
  /** `sine`: half its height. `random-walk`: how far it may stray. `noise`: standard deviation. `constant`: unused. */
  readonly amplitude: number;
  /** `sine`: length of one wave, ms. `random-walk`: about how long it takes to stray by the amplitude, ms. */
  readonly periodMs: number;
}

/**
 * A source of values, called with the time since the start in ms, which never goes back. One seed and one sequence of times
 * give one sequence of values.
 */
export function waveform(
  { shape, mean, amplitude, periodMs }: Waveform,
  random: Random,
): (elapsedMs: number) => number {
  switch (shape) {
    case 'constant':
      return () => mean;
    case 'sine':
      return (elapsedMs) => mean + amplitude * Math.sin((2 * Math.PI * elapsedMs) / periodMs);
    case 'noise':
      return () => mean + amplitude * random.normal();
    case 'random-walk': {
      let offset = 0;
      let last = 0;
      return (elapsedMs) => {
        // The spread of a walk grows with the square root of time.
        offset = fold(offset + amplitude * Math.sqrt((elapsedMs - last) / periodMs) * random.normal(), amplitude);
        last = elapsedMs;
        return mean + offset;
      };
    }
  }
}

/** Reflects a value at ±limit until it lies between them. */
function fold(value: number, limit: number): number {
  if (limit === 0) return 0;
  const turns = (((value + limit) % (4 * limit)) + 4 * limit) % (4 * limit);
  return turns <= 2 * limit ? turns - limit : 3 * limit - turns;
}
