import type { PointStatistics } from './bucket-fold.js';
import type { Point } from './point.js';

/** Points of one channel as columns, in order of commit. NaN stands for `null`. */
export interface PointColumns {
  readonly q: readonly number[];
  readonly at: readonly number[];
  readonly value: readonly number[];
  readonly code: readonly number[];
}

/** Points of one channel, encoded for the disk, with what a query wants to know before reading them. */
export interface Block extends PointStatistics {
  readonly qFrom: number;
  readonly qTo: number;
  /** Oldest and newest time. */
  readonly fromAt: number;
  readonly toAt: number;
  readonly n: number;
  /** The usual distance of sequence numbers and of times from point to point; `data` holds what deviates from it. */
  readonly qStep: number;
  readonly atStep: number;
  /** Divisor of the values, which are whole numbers then; `null` where they are stored as they are. */
  readonly scale: number | null;
  /** The quality all points share, or `null`. */
  readonly quality: number | null;
  readonly data: string;
}

const MAX_SCALE = 1e6;
/** Differences of whole numbers up to this are exact. */
const MAX_WHOLE = 2 ** 51;

/** The whole number that gives `value` back when divided by `scale`, or NaN if none does. */
function wholeOf(value: number, scale: number): number {
  const whole = Math.round(value * scale);
  return Math.abs(whole) <= MAX_WHOLE && whole / scale === value ? whole : NaN;
}

/** The smallest power of ten that makes every value a whole number. */
function findScale(values: readonly number[], from: number, to: number): number | null {
  for (let scale = 1, i = from; ; i++) {
    // What is whole at one scale is whole at the next, unless it grows too large: so look back once, at the end.
    if (i === to) return everyWhole(values, from, to, scale) ? scale : null;
    const value = values[i]!; // i is within the column
    while (!Number.isNaN(value) && Number.isNaN(wholeOf(value, scale))) {
      scale *= 10;
      if (scale > MAX_SCALE) return null;
    }
  }
}

function everyWhole(values: readonly number[], from: number, to: number, scale: number): boolean {
  for (let i = from; i < to; i++) {
    const value = values[i]!; // i is within the column
    if (!Number.isNaN(value) && Number.isNaN(wholeOf(value, scale))) return false;
  }
  return true;
}

/** The mean distance, whole, of a column from its first to its last point. */
function meanStep(column: readonly number[], from: number, to: number): number {
  // both are within the column
  return to - from < 2 ? 0 : Math.round((column[to - 1]! - column[from]!) / (to - from - 1));
}

/** Encodes the points `from ≤ i < to`, at least one, whose times lie less than 2^52 ms apart. The format is described with the table, in `schema.ts`. */
export function encodeBlock({ q, at, value, code }: PointColumns, from: number, to: number): Block {
  // Every index below is within the columns, which have one length.
  const scale = findScale(value, from, to);
  const [qStep, atStep] = [meanStep(q, from, to), meanStep(at, from, to)];
  let quality: number | null = code[from]!;
  let [fromAt, toAt] = [at[from]!, at[from]!];
  let [valid, min, max, sum] = [0, Infinity, -Infinity, 0];
  for (let i = from; i < to; i++) {
    const [time, v, c] = [at[i]!, value[i]!, code[i]!];
    if (c !== quality) quality = null;
    if (time < fromAt) fromAt = time;
    if (time > toAt) toAt = time;
    if (Number.isNaN(v) || (c & 3) === 3) continue;
    valid++;
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  let [lastQ, lastAt, lastWhole] = [0, 0, 0];
  let data = '[';
  for (let i = from; i < to; i++) {
    const v = value[i]!;
    let shown: number | null = v;
    if (Number.isNaN(v)) shown = null;
    else if (scale !== null) {
      const whole = Math.round(v * scale);
      shown = whole - lastWhole;
      lastWhole = whole;
    }
    if (i > from) data += ',';
    data += `${q[i]! - lastQ},${at[i]! - lastAt},${shown}`;
    if (quality === null) data += `,${code[i]!}`;
    lastQ = q[i]! + qStep;
    lastAt = at[i]! + atStep;
  }
  data += ']';
  const none = valid === 0;
  return {
    qFrom: q[from]!,
    qTo: q[to - 1]!,
    fromAt,
    toAt,
    n: to - from,
    qStep,
    atStep,
    valid,
    min: none ? null : min,
    max: none ? null : max,
    sum: Number.isFinite(sum) ? sum : Math.sign(sum) * Number.MAX_VALUE,
    scale,
    quality,
    data,
  };
}

/** Reads a block back, in order of commit. */
export function decodeBlock({ qStep, atStep, scale, quality, data }: Omit<Block, keyof PointStatistics>): Point[] {
  const flat = JSON.parse(data) as (number | null)[]; // encodeBlock wrote it
  const stride = quality === null ? 4 : 3;
  const points: Point[] = [];
  let [q, at, whole] = [0, 0, 0];
  for (let i = 0; i + stride <= flat.length; i += stride) {
    q += flat[i]!; // numbers all but the value, by the format
    at += flat[i + 1]!;
    let value = flat[i + 2]!;
    if (value !== null && scale !== null) {
      whole += value;
      value = whole / scale;
    }
    points.push({ q, at, value, code: quality ?? flat[i + 3]! });
    q += qStep;
    at += atStep;
  }
  return points;
}
