/** What a quantity is after a step, and what it was on average during it. */
export interface FirstOrder {
  readonly end: number;
  readonly mean: number;
}

/**
 * Solves x′ = gain − rate·x exactly over `seconds`, however long. The mean makes balances close: what left a store at `rate`
 * is `rate · mean · seconds`.
 *
 * @param rate 1/s, at least 0
 */
export function firstOrder(start: number, gain: number, rate: number, seconds: number): FirstOrder {
  const x = rate * seconds;
  // Mean of e^(−x·u) over u from 0 to 1, and of 1 minus it from 0 to u; the series where the quotient would lose its digits.
  const kept = x > 0 ? -Math.expm1(-x) / x : 1;
  const grown = x > 1e-4 ? (1 - kept) / x : 1 / 2 - x / 6 + (x * x) / 24;
  const given = gain * seconds;
  return { end: start * Math.exp(-x) + given * kept, mean: start * kept + given * grown };
}
