import { formatMs } from '@hyphae/core';
import type { BandSummary, ChannelSummary, OutputSummary } from './run-summary.js';
import type { Paint } from './terminal.js';
import { formatValue, symbol } from './value-table.js';

/** What a simulation gave. */
export interface SimulationResult {
  readonly simulatedMs: number;
  readonly channels: readonly ChannelSummary[];
  readonly outputs: readonly OutputSummary[];
  readonly bands: readonly BandSummary[];
  readonly notRunning: readonly { readonly id: string; readonly state: string; readonly why: string }[];
}

/** A simulation's result for people. */
export function summaryLines(result: SimulationResult, paint: Paint): readonly string[] {
  const { channels, outputs, bands, notRunning, simulatedMs } = result;
  const width = Math.max(10, ...channels.map(({ path }) => path.length), ...outputs.map(({ path }) => path.length));
  const number = (value: number | null) => formatValue(value).padStart(9);
  const head = ['min', 'mean', 'max'].map((word) => word.padStart(9)).join(' ');
  const lines = [paint('bold', `${'channel'.padEnd(width)} ${head} ${'unit'.padEnd(6)} ${'readings'.padStart(9)}`)];
  for (const { path, min, mean, max, unit, readings, notGood } of channels) {
    const bad = notGood > 0 ? paint('yellow', `  ${notGood} not good`) : '';
    const counts = `${symbol(unit).padEnd(6)} ${String(readings).padStart(9)}`;
    lines.push(`${path.padEnd(width)} ${number(min)} ${number(mean)} ${number(max)} ${counts}${bad}`);
  }
  if (outputs.length > 0)
    lines.push('', paint('bold', `${'output'.padEnd(width)} ${'on'.padStart(12)} ${'share'.padStart(8)} switches`));
  for (const { path, onMs, switches } of outputs) {
    const share = `${((100 * onMs) / simulatedMs).toFixed(1)} %`;
    lines.push(
      `${path.padEnd(width)} ${formatMs(onMs).padStart(12)} ${share.padStart(8)} ${String(switches).padStart(8)}`,
    );
  }
  if (bands.length > 0) lines.push('', paint('bold', 'controllers'));
  for (const band of bands) lines.push(bandLine(band));
  if (notRunning.length > 0) lines.push('', paint('bold', 'not running at the end'));
  for (const { id, state, why } of notRunning)
    lines.push(paint('yellow', `${id} is ${state}${why === '' ? '' : `: ${why}`}`));
  return lines;
}

function bandLine(band: BandSummary): string {
  const { mode, channel, insideMs, belowMs, aboveMs, reachedAfterMs } = band;
  const edge = mode === 'heat' ? `above ${formatValue(band.low)}` : `below ${formatValue(band.high)}`;
  if (reachedAfterMs === null) return `${band.function}: ${channel} never was ${edge}`;
  const total = insideMs + belowMs + aboveMs;
  const share = (ms: number) => `${total === 0 ? '0' : ((100 * ms) / total).toFixed(1)} %`;
  const reached = `${channel} ${edge} after ${formatMs(reachedAfterMs)}`;
  const range = `${formatValue(band.low)} to ${formatValue(band.high)}`;
  const held = `then ${share(insideMs)} within ${range}, ${share(belowMs)} below, ${share(aboveMs)} above`;
  return `${band.function}: ${reached}, ${held}; extremes ${formatValue(band.lowest)} and ${formatValue(band.highest)}`;
}
