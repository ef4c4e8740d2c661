import type { Need, OpenContext, ResourceInfo } from '@hyphae/core';
import type { BoardPart, PartContext } from './board-part.js';
import { type LineClaim, openLine } from './gpio-handles.js';
import { SimGpioLine } from './sim-gpio-line.js';

/** Lines of `gpiochip0` that every simulated board has: as many as a Raspberry Pi's controller. */
const DEFAULT_LINES = 54;

/** Brings the ways of naming a line to one: `17` and `GPIO17` are `gpiochip0/17`. */
export function lineAddress(text: string): string {
  const short = /^(?:gpio)?(\d+)$/i.exec(text);
  return short ? `gpiochip0/${Number(short[1])}` : text;
}

/** All lines of a board: those given, and the default ones. */
export function allLines(given: Readonly<Record<string, SimGpioLine>>): Map<string, SimGpioLine> {
  const lines = new Map(Object.entries(given).map(([name, line]) => [lineAddress(name), line]));
  for (let n = 0; n < DEFAULT_LINES; n++) {
    const name = `gpiochip0/${n}`;
    if (!lines.has(name)) lines.set(name, new SimGpioLine());
  }
  return lines;
}

/** The GPIO lines of a simulated board. */
export class GpioPart implements BoardPart {
  readonly kind = 'gpio';

  constructor(
    private readonly lines: ReadonlyMap<string, SimGpioLine>,
    private readonly context: PartContext,
  ) {
    for (const line of lines.values()) line.powerOn(context.clock);
  }

  list(): ResourceInfo[] {
    return [...this.lines].map(([address, line]) => ({
      kind: this.kind,
      address,
      label: this.context.label(line),
    }));
  }

  match(need: Need, use: string | undefined): readonly string[] {
    if (use !== undefined) {
      const address = lineAddress(use);
      if (this.lines.has(address)) return [address];
    }
    const chip = use ?? 'gpiochip0';
    return need.choices
      .map((choice) => (choice.includes('/') ? choice : `${chip}/${choice}`))
      .filter((address) => this.lines.has(address));
  }

  open(need: Need, address: string, { lifetime }: OpenContext): unknown {
    const line = this.lines.get(address);
    const claim: LineClaim = need.spec ?? {}; // written by gpioInput or gpioOutput
    return line && openLine(line, address, claim, { clock: this.context.clock, lifetime });
  }

  [Symbol.dispose](): void {}
}
