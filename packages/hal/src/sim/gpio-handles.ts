import type { Clock, Duration, Lifetime } from '@hyphae/core';
import { DisposedError } from '@hyphae/core';
import { EdgeQueue } from '../gpio/edge-queue.js';
import type { Edge, GpioInput, GpioOutput, Level } from '../gpio/gpio.js';
import type { SimGpioLine } from './sim-gpio-line.js';

/** What a claim of a line says, as {@link gpioInput} and {@link gpioOutput} write it. */
export interface LineClaim {
  readonly direction?: 'in' | 'out';
  readonly activeLow?: boolean;
  readonly bias?: 'up' | 'down' | 'off';
  readonly initial?: Level;
  readonly drive?: 'push-pull' | 'open-drain' | 'open-source';
}

const invert = (level: Level): Level => (level === 1 ? 0 : 1);

/** Takes a simulated line for the host, as claimed. It is released with the lifetime. */
export function openLine(
  line: SimGpioLine,
  name: string,
  claim: LineClaim,
  { clock, lifetime }: { readonly clock: Clock; readonly lifetime: Lifetime },
): GpioInput | GpioOutput {
  const { direction = 'in', activeLow = false, bias, drive, initial = 0 } = claim;
  const logical = (level: Level): Level => (activeLow ? invert(level) : level);
  const level = direction === 'out' ? logical(initial) : undefined;
  line.request({ direction, bias, drive, level });
  lifetime.defer(() => line.release(), `line ${name}`);
  return direction === 'out'
    ? new SimOutput(line, name, logical, lifetime)
    : new SimInput(line, name, logical, lifetime, clock);
}

class SimOutput implements GpioOutput {
  constructor(
    private readonly line: SimGpioLine,
    readonly name: string,
    private readonly logical: (level: Level) => Level,
    private readonly lifetime: Lifetime,
  ) {}

  async write(level: Level): Promise<void> {
    refuseAfter(this.lifetime, this.name);
    this.line.set(this.logical(level));
  }

  async read(): Promise<Level> {
    refuseAfter(this.lifetime, this.name);
    return this.logical(this.line.level);
  }
}

class SimInput implements GpioInput {
  constructor(
    private readonly line: SimGpioLine,
    readonly name: string,
    private readonly logical: (level: Level) => Level,
    private readonly lifetime: Lifetime,
    private readonly clock: Clock,
  ) {}

  async read(): Promise<Level> {
    refuseAfter(this.lifetime, this.name);
    return this.logical(this.line.level);
  }

  changes(options: { readonly debounce?: Duration; readonly signal?: AbortSignal } = {}): AsyncIterable<Edge> {
    refuseAfter(this.lifetime, this.name);
    const { clock, line, lifetime } = this;
    let ending: Disposable | undefined; // a signal that has aborted already ends the queue while it is being made
    const listening = line.onChange((level, atMs) => queue.push(this.logical(level), atMs));
    const queue = new EdgeQueue({
      clock,
      level: this.logical(line.level),
      debounce: options.debounce,
      signal: options.signal,
      onEnd: () => {
        listening[Symbol.dispose]();
        ending?.[Symbol.dispose]();
      },
    });
    if (!options.signal?.aborted) ending = lifetime.defer(() => queue.end(), `edges of ${this.name}`);
    return queue;
  }
}

function refuseAfter(lifetime: Lifetime, what: string): void {
  if (lifetime.signal.aborted) throw new DisposedError({ what });
}
