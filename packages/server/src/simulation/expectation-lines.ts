import type { Paint } from '../cli/terminal.js';
import type { Verdict } from './expectations/expectation.js';

/** What came of the expectations, for people. */
export function expectationLines(verdicts: readonly Verdict[], again: string, paint: Paint): readonly string[] {
  if (verdicts.length === 0) return [];
  const lines = ['', paint('bold', 'expectations')];
  for (const { name, outcome, why, around } of verdicts) {
    if (outcome === 'passed') {
      lines.push(`${paint('green', 'ok')}      ${name}`);
      continue;
    }
    lines.push(`${paint('red', 'FAILED')}  ${name}`, `        ${why}`);
    for (const { at, path, value, quality } of around)
      lines.push(paint('dim', `        ${new Date(at).toISOString()} ${path} ${value ?? 'no value'} ${quality}`));
  }
  if (verdicts.some(({ outcome }) => outcome === 'failed')) lines.push('', `again:  ${again}`);
  return lines;
}
