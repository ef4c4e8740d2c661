/** Two heat stores that exchange heat with each other and with surroundings of given temperature. */
export interface TwoMasses {
  /** Heat capacity of each, J/K. */
  readonly capacity: readonly [first: number, second: number];
  /** Between the two, W/K, at least 0. */
  readonly coupling: number;
  /** To the surroundings of each, W/K, above 0. */
  readonly loss: readonly [first: number, second: number];
}

/** Heat input of each mass: what its surroundings would give at 0 °C and 0 K of loss, so loss × temperature + power, W. */
export type Drives = readonly [first: number, second: number];

/**
 * Temperatures after `seconds` with constant drives: the exact solution of the two coupled equations, so stable for steps of
 * any length.
 *
 * C₁·T₁′ = drive₁ − loss₁·T₁ + coupling·(T₂ − T₁), and the same with 1 and 2 exchanged.
 */
export function stepTwoMasses(
  { capacity: [c1, c2], coupling, loss: [loss1, loss2] }: TwoMasses,
  [t1, t2]: readonly [number, number],
  [drive1, drive2]: Drives,
  seconds: number,
): [number, number] {
  // T′ = −[[a, −b], [−c, d]]·T + [p, q], with both eigenvalues real and negative because the losses are above 0.
  const a = (loss1 + coupling) / c1;
  const b = coupling / c1;
  const c = coupling / c2;
  const d = (loss2 + coupling) / c2;
  const p = drive1 / c1;
  const q = drive2 / c2;
  const determinant = a * d - b * c;
  const rest1 = (d * p + b * q) / determinant;
  const rest2 = (c * p + a * q) / determinant;

  const middle = (a + d) / 2;
  const spread = Math.sqrt(((a - d) / 2) ** 2 + b * c);
  const fast = Math.exp(-(middle + spread) * seconds);
  const slow = Math.exp((-determinant / (middle + spread)) * seconds); // middle − spread, without its cancellation
  const even = (slow + fast) / 2;
  const odd = spread * seconds > 1e-9 ? (slow - fast) / (2 * spread) : seconds * fast;

  const from1 = t1 - rest1;
  const from2 = t2 - rest2;
  return [
    rest1 + even * from1 + odd * ((middle - a) * from1 + b * from2),
    rest2 + even * from2 + odd * (c * from1 + (middle - d) * from2),
  ];
}
