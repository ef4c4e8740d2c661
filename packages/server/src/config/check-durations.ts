import { formatMs, toMs } from '@hyphae/core';
import { type Check } from './check.js';
import type { ConfigPath } from './problem.js';

const DAY = 86_400_000;

/** Whether a text the schema accepted lies within bounds; reports it otherwise. */
function within({ source }: Check, path: ConfigPath, text: string | undefined, min: number, max: number): void {
  if (text === undefined) return;
  const ms = toMs(text);
  if (ms >= min && ms <= max) return;
  source.report(
    path,
    `"${text}" is too ${ms < min ? 'short' : 'long'}: from ${formatMs(min)} to ${formatMs(max)} is possible`,
  );
}

/** Periods, deadlines and limits stay in the bounds the scheduler and common sense set. */
export function checkDurations(check: Check): void {
  const { sensors = {}, outputs = {}, functions = {}, store } = check.config;
  for (const [name, { period, deadline }] of Object.entries(sensors)) {
    within(check, ['sensors', name, 'period'], period, 10, 366 * DAY);
    within(check, ['sensors', name, 'deadline'], deadline, 10, DAY);
  }
  for (const [name, { period }] of Object.entries(functions)) {
    within(check, ['functions', name, 'period'], period, 10, 366 * DAY);
  }
  for (const [name, { limits }] of Object.entries(outputs)) {
    for (const key of ['maxOn', 'minOn', 'minOff'] as const) {
      within(check, ['outputs', name, 'limits', key], limits?.[key], key === 'maxOn' ? 10 : 0, 366 * DAY);
    }
    const { minOn, maxOn } = limits ?? {};
    if (minOn !== undefined && maxOn !== undefined && toMs(minOn) > toMs(maxOn)) {
      check.source.report(['outputs', name, 'limits', 'minOn'], `minOn (${minOn}) is longer than maxOn (${maxOn})`);
    }
  }
  within(check, ['store', 'commit'], store?.commit, 5, 60_000);
  within(check, ['store', 'keep'], store?.keep, 60_000, 36_500 * DAY);
}
