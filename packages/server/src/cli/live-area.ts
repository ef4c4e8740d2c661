import { printable } from '../daemon/printable.js';
import type { Terminal } from './terminal.js';

/** A block of lines at the end of the terminal that is drawn over and over, with ordinary lines scrolling above it. */
export class LiveArea {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Replaces the block. */
  draw(lines: readonly string[]): void {
    this.#terminal.raw(`${this.#erase()}${lines.map((line) => `${printable(line, 'keep')}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  /** Prints a line above the block; the block comes back with the next {@link draw}. */
  above(line: string): void {
    this.#terminal.raw(`${this.#erase()}${printable(line, 'keep')}\n`);
    this.#drawn = 0;
  }

  /** Cursor up over the block, then erase to the end of the screen (ECMA-48: CUU, ED). */
  #erase(): string {
    const erase = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\u001b[J`;
    return erase;
  }
}
