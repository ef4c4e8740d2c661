import { defineOutput, type JsonSchema } from '@hyphae/core';
import { gpioOutput } from '@hyphae/hal';

/** Options of {@link relay}. */
export const relayOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    activeLow: {
      type: 'boolean',
      default: false,
      description: 'The relay is on while the line is low, as on most relay boards with opto-couplers.',
    },
    openDrain: {
      type: 'boolean',
      default: false,
      description: 'The line is only pulled low and never driven high: for boards that run on a higher voltage.',
    },
  },
} as const satisfies JsonSchema;

/**
 * A relay, MOSFET or solid-state switch on one GPIO line: 0 is off, 1 is on, however it is wired. The line is claimed at its
 * off level, so starting never switches the load, and the level is read back where the hardware can.
 *
 * Errors: HYP_GPIO_BUSY, HYP_GPIO_LINE.
 */
export const relay = defineOutput({
  id: 'relay',
  description: 'Relay, MOSFET or solid-state switch on a GPIO line',
  mode: 'switch',
  safe: 0,
  options: relayOptions,
  needs: ({ activeLow, openDrain }) => ({
    line: gpioOutput({ initial: 0, activeLow, drive: openDrain ? 'open-drain' : 'push-pull' }),
  }),

  start({ line }) {
    return {
      async apply(value) {
        await line.write(value > 0 ? 1 : 0);
        return line.read();
      },
      read: () => line.read(),
    };
  },
});
