import { defineOutput, type JsonSchema } from '@hyphae/core';
import { pwmChannel } from '@hyphae/hal';

/** Options of {@link pwmOutput}. */
export const pwmOutputOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    frequency: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1_000_000,
      default: 1000,
      description: 'Hz. 25 kHz for PC fans, about 1 kHz for LEDs, 1 Hz or less for solid-state relays.',
    },
    inverted: {
      type: 'boolean',
      default: false,
      description: 'The load is on while the channel is low, as behind a transistor that inverts.',
    },
  },
} as const satisfies JsonSchema;

/**
 * A fan, lamp or heater behind a hardware PWM channel: 0 is off, 1 is always on, between them the share of time it is on.
 * The confirmed value is the duty cycle read back, rounded to what the hardware can do.
 */
export const pwmOutput = defineOutput({
  id: 'pwm-output',
  description: 'Fan, lamp or heater behind a hardware PWM channel',
  mode: 'level',
  range: [0, 1],
  safe: 0,
  options: pwmOutputOptions,
  needs: ({ inverted }) => ({ channel: pwmChannel({ inverted }) }),

  start({ channel }, { options }) {
    const read = async () => (await channel.read()).dutyCycle;
    return {
      async apply(value) {
        await channel.set(options.frequency, value);
        return read();
      },
      read,
    };
  },
});
