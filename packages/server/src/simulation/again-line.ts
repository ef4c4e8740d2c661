/** What a run went by. */
export interface RunSettings {
  readonly configFile: string | undefined;
  readonly scenarioFile: string | undefined;
  readonly forMs: number;
  readonly seed: number;
  readonly from: string | undefined;
  readonly withReal: boolean;
}

/** One command that does the same again. */
export function againLine({ configFile, scenarioFile, forMs, seed, from, withReal }: RunSettings): string {
  const words = ['hyphae simulate'];
  if (configFile !== undefined) words.push('-c', quoted(configFile));
  if (scenarioFile !== undefined) words.push('--scenario', quoted(scenarioFile));
  words.push('--for', shortDuration(forMs), '--seed', String(seed));
  if (from !== undefined) words.push('--from', quoted(from));
  if (withReal) words.push('--with-real');
  return words.join(' ');
}

/** A duration without a space, exact: `40min`, `90s`. */
function shortDuration(ms: number): string {
  for (const [unit, length] of LENGTHS) if (ms % length === 0) return `${ms / length}${unit}`;
  return `${ms}ms`;
}

const LENGTHS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** As a shell takes it for one word. */
const quoted = (text: string) => (/^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
