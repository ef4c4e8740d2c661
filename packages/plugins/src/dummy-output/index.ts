import { defineOutput, type JsonSchema, toMs } from '@hyphae/core';

/** Options of {@link dummyOutput}. */
export const dummyOutputOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    latency: {
      type: ['string', 'number'],
      pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$',
      minimum: 0,
      default: 0,
      description: 'How long each change takes.',
    },
  },
} as const satisfies JsonSchema;

/** An output without a device, for trying things out: it keeps what it is told, 0 to 1. */
export const dummyOutput = defineOutput({
  id: 'dummy-output',
  description: 'An output without a device, which keeps what it is told',
  mode: 'level',
  range: [0, 1],
  safe: 0,
  needs: {},
  options: dummyOutputOptions,

  start(_, { clock, options }) {
    const latencyMs = toMs(options.latency);
    let state = 0;
    return {
      async apply(value, { signal }) {
        if (latencyMs > 0) await clock.sleep(latencyMs, { signal, name: 'dummy-output latency' });
        state = value;
        return state;
      },
      read: () => state,
    };
  },
});
