import type { Board, HalProvider } from '../resources/board.js';
import type { Need } from '../resources/need.js';

/** A cell on a shelf: the simplest resource there is, for tests of the kernel. */
export interface Cell {
  value: number;
  broken?: Error;
}

/** Asks for a cell. */
export const cell = (...choices: string[]): Need<Cell> => ({ kind: 'cell', choices });

/** A board of cells. */
export function shelf(cells: Readonly<Record<string, Cell>>, log: string[] = []): HalProvider {
  return {
    name: 'shelf',
    probe: () => Promise.resolve({ present: true }),
    open: () => {
      const board: Board = {
        name: 'shelf',
        simulated: true,
        list: () => Promise.resolve(Object.keys(cells).map((address) => ({ kind: 'cell', address, label: 'cell' }))),
        match: (need, use) =>
          need.kind === 'cell' ? (use === undefined ? need.choices : [use]).filter((address) => address in cells) : [],
        open: (_need, address, { lifetime }) => {
          lifetime.defer(() => log.push(`released ${address}`));
          return Promise.resolve(cells[address]);
        },
        [Symbol.asyncDispose]: () => {
          log.push('board closed');
          return Promise.resolve();
        },
      };
      return Promise.resolve(board);
    },
  };
}
