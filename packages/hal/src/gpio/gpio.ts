import type { Duration, Need } from '@hyphae/core';

/** Logical level. 1 means active, whatever the wiring: `activeLow` is part of the claim, not of the driver. */
export type Level = 0 | 1;

/** One change of a line. */
export interface Edge {
  readonly level: Level;
  /** Monotonic milliseconds at which it was seen, by the kernel where it says. */
  readonly atMs: number;
  /** Edges lost before this one because nobody read them in time, here or in the kernel. Absent: none. */
  readonly lost?: number;
}

/** An input line. */
export interface GpioInput {
  readonly name: string;
  read(): Promise<Level>;
  /** Every change, in order, until the signal aborts. At most 1024 edges wait; then the oldest are dropped and counted. */
  changes(options?: { readonly debounce?: Duration; readonly signal?: AbortSignal }): AsyncIterable<Edge>;
}

/** An output line. */
export interface GpioOutput {
  readonly name: string;
  write(level: Level): Promise<void>;
  /** The level driven, read back where the hardware can. */
  read(): Promise<Level>;
}

/** How a line is wired. */
export interface LineSpec {
  readonly activeLow?: boolean;
  readonly bias?: 'up' | 'down' | 'off';
}

/** Asks for an input line. The user names it: `gpiochip0/17`. */
export function gpioInput(spec: LineSpec = {}): Need<GpioInput> {
  return { kind: 'gpio', choices: [], spec: { direction: 'in', ...spec } };
}

/** Asks for an output line. The initial level is part of the request, so that claiming never glitches. */
export function gpioOutput(
  spec: LineSpec & { readonly initial: Level; readonly drive?: 'push-pull' | 'open-drain' | 'open-source' },
): Need<GpioOutput> {
  return { kind: 'gpio', choices: [], spec: { direction: 'out', ...spec } };
}
