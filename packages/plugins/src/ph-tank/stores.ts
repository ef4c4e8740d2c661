/** Amounts of one dissolved kind, mmol. */
export interface Amount {
  /** In the tank, mixed or not. */
  readonly total: number;
  /** Of it, what has not spread yet. */
  readonly unmixed: number;
  /** Gone over the edge since the start. */
  readonly spilled: number;
}

/** The mean of e^(−x·u) over u from 0 to 1. */
function meanDecay(x: number): number {
  return x > 0 ? -Math.expm1(-x) / x : 1;
}

/**
 * Amounts after `seconds` of constant dosing: the exact solution of total′ = dose − wash·total and
 * unmixed′ = dose − (1/mixing + wash)·unmixed, for steps of any length.
 *
 * @param dose mmol/s
 * @param wash share of the tank that runs over, 1/s
 * @param mixing time constant, s; 0 for at once
 */
export function stepAmount(
  { total, unmixed, spilled }: Amount,
  { dose, wash, mixing }: { readonly dose: number; readonly wash: number; readonly mixing: number },
  seconds: number,
): Amount {
  const x = wash * seconds;
  const given = dose * seconds;
  const end = total * Math.exp(-x) + given * meanDecay(x);
  const y = mixing > 0 ? seconds / mixing + x : Infinity;
  return {
    total: end,
    unmixed: y < Infinity ? Math.min(end, unmixed * Math.exp(-y) + given * meanDecay(y)) : 0,
    spilled: spilled + (wash > 0 ? Math.max(0, total + given - end) : 0),
  };
}
