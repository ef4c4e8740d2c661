import { UNITS, isUnit } from '@hyphae/core';
import { printable } from '../daemon/printable.js';
import type { Paint } from './terminal.js';

/** One value as the table shows it. */
export interface ValueRow {
  readonly path: string;
  readonly value: number | null;
  readonly unit: string;
  readonly quality: string;
  readonly simulated: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A value with as many digits as can matter. */
export function formatValue(value: number | null): string {
  if (value === null) return '–';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e9)) return value.toExponential(2);
  return value.toFixed(size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

const STATES = ['stopped', 'waiting', 'running', 'faulty'] as const;

/** States of instances are numbers on the wire and words to people. */
function stateWord({ path, value }: ValueRow): string | undefined {
  return path.endsWith('/$state') && value !== null ? STATES[value] : undefined;
}

/** The unit's symbol, as people write it. */
export function symbol(unit: string): string {
  return isUnit(unit) ? UNITS[unit].symbol : unit;
}

/** An age in the smallest unit that says something. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

/** Rows as aligned lines, at most `height` of them and none longer than `width`. */
export function valueTable(
  rows: readonly ValueRow[],
  {
    now,
    width,
    height,
    paint,
  }: { readonly now: number; readonly width: number; readonly height: number; readonly paint: Paint },
): readonly string[] {
  // Here already, for what is shown instead of a control character takes more room.
  const safe = rows.map((row) => ({ ...row, path: printable(row.path), unit: printable(row.unit) }));
  const sorted = safe.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const shown = sorted.slice(0, Math.max(1, height));
  const columns = Math.min(Math.max(12, width - 38), Math.max(8, ...shown.map((row) => row.path.length)));
  const lines = shown.map((row) => {
    const path = row.path.length > columns ? `${row.path.slice(0, columns - 1)}…` : row.path.padEnd(columns);
    const value = (stateWord(row) ?? formatValue(row.value)).padStart(10);
    const marks = [row.quality === 'good' ? '' : row.quality, row.simulated ? 'sim' : ''].filter((mark) => mark !== '');
    const tail = `${marks.join(' ').padEnd(11)} ${formatAge(now - row.at).padStart(6)}`;
    const line = `${path} ${value} ${symbol(row.unit).padEnd(6)} ${tail}`.slice(0, width);
    return row.quality === 'good' ? line : paint('yellow', line);
  });
  const left = sorted.length - shown.length;
  if (left > 0) lines[lines.length - 1] = paint('dim', `… ${left + 1} more; a taller window shows them`);
  return lines;
}
