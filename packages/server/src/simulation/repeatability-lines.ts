import type { ClockGuard } from './clock-guard.js';

/** What a guard has found, one warning a line. */
export function repeatabilityLines({ findings, dropped }: Pick<ClockGuard, 'findings' | 'dropped'>): readonly string[] {
  const lines = findings.map(({ what, package: name, file, line, count, use }) => {
    const times = count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
    return `not repeatable: package ${name} calls ${what} at ${file}:${line} (${times}); use ${use}`;
  });
  if (dropped > 0) lines.push(`not repeatable: ${dropped.toLocaleString('en')} calls from further places`);
  return lines;
}
