// What the benches measure with: CPU time (wall time is noise on a shared machine), quantiles, heap.
import { setTimeout as pause } from 'node:timers/promises';

/** Starts measuring CPU time of this process; the function returned gives the microseconds used since. */
export function startCpu() {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
}

/** Quantiles by nearest rank: `quantiles(values, [0.5, 0.99])`. NaN when there are no values. */
export function quantiles(values, parts) {
  const sorted = Float64Array.from(values).sort();
  return parts.map((part) => (sorted.length === 0 ? NaN : sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]));
}

/** The median of a few numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Field by field median of objects of numbers. */
export function medians(records) {
  return Object.fromEntries(
    Object.keys(records[0] ?? {}).map((key) => [key, median(records.map((record) => record[key]))]),
  );
}

/** Bytes of the heap in use, after collecting garbage where the process was started with --expose-gc. */
export async function heapBytes() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await pause(5);
  }
  return process.memoryUsage().heapUsed;
}
