import type { ThermalBody } from './thermal-body.js';

/** 2π per day, 1/s. */
const OMEGA = (2 * Math.PI) / 86_400;

/** How body and element swing, relative to surroundings that swing as cos(phase): a·cos(phase) + b·sin(phase). */
export interface DailyResponse {
  readonly body: readonly [cos: number, sin: number];
  readonly element: readonly [cos: number, sin: number];
}

type Complex = readonly [real: number, imaginary: number];

function divide([a, b]: Complex, [c, d]: Complex): Complex {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
}

/**
 * The lasting answer to surroundings whose temperature goes through a sine each day: frequency response at one cycle a day, 1 K
 * around 0 Cel.
 */
export function dailyResponse({ capacity, loss, elementCapacity, coupling }: ThermalBody): DailyResponse {
  // i·ω·T₁ = (loss/C₁)·(1 − T₁) + (K/C₁)·(T₂ − T₁) and i·ω·T₂ = (K/C₂)·(T₁ − T₂), with T₂ = share·T₁.
  const share: Complex = divide([coupling, 0], [coupling, OMEGA * elementCapacity]);
  const [a, b] = divide(
    [loss / capacity, 0],
    [(loss + coupling * (1 - share[0])) / capacity, OMEGA - (coupling * share[1]) / capacity],
  );
  // Re((a + b·i)·e^(i·phase)) = a·cos(phase) − b·sin(phase)
  return { body: [a, -b], element: [a * share[0] - b * share[1], -(a * share[1] + b * share[0])] };
}
