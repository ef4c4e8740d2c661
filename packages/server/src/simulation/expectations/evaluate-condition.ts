import type { Expression, Operator, Truth } from './condition.js';
import type { Observation } from './expectation.js';

/** The last reading of each channel. */
export interface Readings {
  get(path: string): Observation | undefined;
}

/**
 * Whether a condition holds, in Kleene's three-valued logic: a comparison of a channel without a usable value (none yet,
 * `null`, or of quality `bad`) is unknown, and so is the quality of a channel without a reading. Unknown parts do not matter
 * where the known ones decide.
 */
export function evaluate(expression: Expression, readings: Readings): Truth {
  switch (expression.kind) {
    case 'compare': {
      const value = usable(readings.get(expression.path));
      return value === undefined ? undefined : compare(value, expression.operator, expression.value);
    }
    case 'range': {
      const value = usable(readings.get(expression.path));
      return value === undefined ? undefined : value >= expression.low && value <= expression.high;
    }
    case 'quality': {
      const reading = readings.get(expression.path);
      return reading && reading.quality === expression.quality;
    }
    case 'presence':
      return (readings.get(expression.path) !== undefined) === expression.present;
    case 'not': {
      const of = evaluate(expression.of, readings);
      return of === undefined ? undefined : !of;
    }
    case 'all':
      return decide(expression.of, false, readings);
    case 'any':
      return decide(expression.of, true, readings);
  }
}

/** One part that is `deciding` decides; otherwise it is unknown when one part is. */
function decide(parts: readonly Expression[], deciding: boolean, readings: Readings): Truth {
  let result: Truth = !deciding;
  for (const part of parts) {
    const truth = evaluate(part, readings);
    if (truth === deciding) return deciding;
    if (truth === undefined) result = undefined;
  }
  return result;
}

function usable(reading: Observation | undefined): number | undefined {
  if (reading === undefined || reading.quality === 'bad' || reading.value === null) return undefined;
  return Number.isNaN(reading.value) ? undefined : reading.value;
}

function compare(value: number, operator: Operator, other: number): boolean {
  switch (operator) {
    case '<':
      return value < other;
    case '<=':
      return value <= other;
    case '>':
      return value > other;
    case '>=':
      return value >= other;
    case '==':
      return value === other;
    case '!=':
      return value !== other;
  }
}
