/** A body that loses heat to its surroundings, and a heating element that gives heat to the body alone. */
export interface ThermalBody {
  /** Heat capacity of the body, J/K, above 0. */
  readonly capacity: number;
  /** From the body to the surroundings, W/K, at least 0. */
  readonly loss: number;
  /** Heat capacity of the element, J/K; 0 for an element that follows at once. */
  readonly elementCapacity: number;
  /** From the element to the body, W/K, above 0. */
  readonly coupling: number;
}

/** Temperature of body and element. */
export type Temperatures = readonly [body: number, element: number];

/** The mean of e^(−x·u) over u from 0 to 1. */
function meanDecay(x: number): number {
  return x > 0 ? -Math.expm1(-x) / x : 1;
}

/**
 * Temperatures after `seconds`, above surroundings of 0, with constant powers: the exact solution, for steps of any length.
 *
 * C₁·T₁′ = −loss·T₁ + coupling·(T₂ − T₁) + bodyPower and C₂·T₂′ = coupling·(T₁ − T₂) + elementPower
 *
 * @param bodyPower heat put into the body, W; below 0 where it is taken
 * @param elementPower heat put into the element, W
 */
export function stepThermalBody(
  { capacity, loss, elementCapacity, coupling }: ThermalBody,
  [body, element]: Temperatures,
  bodyPower: number,
  elementPower: number,
  seconds: number,
): Temperatures {
  if (elementCapacity === 0) {
    const x = (loss / capacity) * seconds;
    const end = body * Math.exp(-x) + ((bodyPower + elementPower) / capacity) * seconds * meanDecay(x);
    return [end, end + elementPower / coupling];
  }
  // T′ = M·T + g with M = −[[a, −b], [−c, c]]; its eigenvalues −slow and −fast are real, for b·c is above 0.
  const a = (loss + coupling) / capacity;
  const b = coupling / capacity;
  const c = coupling / elementCapacity;
  const middle = (a + c) / 2;
  const spread = Math.hypot((a - c) / 2, Math.sqrt(b) * Math.sqrt(c));
  const fast = middle + spread;
  const slow = ((loss / capacity) * c) / fast; // middle − spread, without its cancellation

  // A function f of the matrix is even·1 + odd·(M + middle·1): e^(M·t) for where it was, its integral for what is put in.
  const [g1, g2] = [bodyPower / capacity, elementPower / elementCapacity];
  const [keepSlow, keepFast] = [Math.exp(-slow * seconds), Math.exp(-fast * seconds)];
  const [gainSlow, gainFast] = [seconds * meanDecay(slow * seconds), seconds * meanDecay(fast * seconds)];
  const keep = { even: (keepSlow + keepFast) / 2, odd: (keepSlow - keepFast) / (2 * spread) };
  const gain = { even: (gainSlow + gainFast) / 2, odd: (gainSlow - gainFast) / (2 * spread) };
  const half = (c - a) / 2; // middle − a; and c − middle is the same
  return [
    keep.even * body + keep.odd * (half * body + b * element) + gain.even * g1 + gain.odd * (half * g1 + b * g2),
    keep.even * element + keep.odd * (c * body - half * element) + gain.even * g2 + gain.odd * (c * g1 - half * g2),
  ];
}
