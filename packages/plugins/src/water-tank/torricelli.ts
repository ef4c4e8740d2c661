/** y − (1 − e^(−y)), also where the two are nearly the same. */
function excess(y: number): number {
  if (y > 0.02) return y + Math.expm1(-y);
  return y * y * (1 / 2 - y * (1 / 6 - y * (1 / 24 - y * (1 / 120 - y / 720))));
}

/** What flows into a tank at a constant rate, and out of it by gravity: V′ = inflow − drain·√V. */
export interface GravityTank {
  /** L/s; below 0 where more is drawn than comes. */
  readonly inflow: number;
  /** √L/s, at least 0. */
  readonly drain: number;
}

/** A tank on its way: for a given moment the volume, and when a volume will be reached. */
export interface Course {
  /** Seconds until the volume is `end` L, which lies ahead; infinite where it is never reached. */
  until(end: number): number;
  /** Volume after `seconds`, during which it neither gets above `full` nor to 0, L. */
  after(seconds: number, full: number): number;
}

/**
 * The exact course of a tank with Torricelli's outflow (E. Torricelli, Opera geometrica, 1644: speed goes with the root of the
 * level), from `start` L on.
 *
 * With s = √V and r = inflow/drain, where s comes to rest, s goes from s₀ to r as s = s₀ + (r − s₀)·(1 − e^(−y)), and
 * the time for it is 2/drain·(s₀·(1 − e^(−y)) + r·(y − (1 − e^(−y)))). The first is solved for y directly, the second by Newton.
 */
export function gravityCourse({ inflow, drain }: GravityTank, start: number): Course {
  if (drain === 0) {
    return {
      until: (end) => (inflow === 0 ? Infinity : (end - start) / inflow),
      after: (seconds) => start + inflow * seconds,
    };
  }
  const s0 = Math.sqrt(start);
  const rest = inflow / drain;
  const timeAt = (y: number) => (2 / drain) * (s0 * -Math.expm1(-y) + rest * excess(y));
  const progressAt = (end: number) => -Math.log1p(-(Math.sqrt(end) - s0) / (rest - s0));
  return {
    until: (end) => {
      if (rest === 0 && end === 0) return (2 / drain) * s0;
      const ahead = (Math.sqrt(end) - s0) / (rest - s0);
      return ahead >= 0 && ahead < 1 ? timeAt(progressAt(end)) : Infinity;
    },
    after: (seconds, full) => {
      if (rest === 0) return (s0 - (drain * seconds) / 2) ** 2;
      if (rest === s0) return start;
      // Of the two sides the one from which Newton runs straight in: time bends upwards in y where the tank fills.
      let y = rest > s0 ? latest(s0, rest, drain * seconds, full) : 0;
      for (let n = 0; n < 100; n++) {
        const speed = (2 / drain) * (s0 * Math.exp(-y) - rest * Math.expm1(-y));
        const next = speed > 0 ? Math.max(0, y - (timeAt(y) - seconds) / speed) : y;
        const settled = Math.abs(next - y) <= 1e-14 * next;
        y = next;
        if (settled) break;
      }
      return (s0 - (rest - s0) * Math.expm1(-y)) ** 2;
    },
  };
}

/** A y that is not before the one looked for, of a tank that fills: `passed` is drain·seconds. */
function latest(s0: number, rest: number, passed: number, full: number): number {
  const bound = passed / (2 * rest); // at least the excess of y
  const byTime = bound < 1 / 3 ? Math.sqrt(3 * bound) : 1 + bound;
  const share = (Math.sqrt(full) - s0) / (rest - s0);
  return share < 1 ? Math.min(byTime, -Math.log1p(-share)) : byTime;
}
