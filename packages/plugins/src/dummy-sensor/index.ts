import { defineSensor, type JsonSchema, toMs } from '@hyphae/core';
import { waveform } from './waveform.js';

const duration = {
  type: ['string', 'number'],
  pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$',
} as const satisfies JsonSchema;

/** Options of {@link dummySensor}. */
export const dummySensorOptions = {
  type: 'object',
  additionalProperties: false,
  properties: {
    shape: { enum: ['constant', 'sine', 'random-walk', 'noise'], default: 'sine' },
    mean: { type: 'number', default: 0, description: 'Middle of the values.' },
    amplitude: { type: 'number', minimum: 0, default: 1, description: 'How far the values go from the mean.' },
    wave: {
      ...duration,
      exclusiveMinimum: 0,
      default: '1 h',
      description: 'Length of a sine wave, or the pace of a random walk.',
    },
    latency: {
      ...duration,
      minimum: 0,
      default: 0,
      description: 'How long each reading takes.',
    },
  },
} as const satisfies JsonSchema;

/** Values without a device, for trying things out and for measuring the host. One channel, `value`, unit `1`. */
export const dummySensor = defineSensor({
  id: 'dummy-sensor',
  description: 'Invented values without a device: constant, sine, random walk or noise',
  channels: { value: '1' },
  needs: {},
  options: dummySensorOptions,
  period: '10 s',

  start(_, { clock, options, random, signal }) {
    const startedAt = clock.monotonic();
    // FromSchema does not read a list of types; the schema has checked both.
    const latencyMs = toMs(options.latency);
    const periodMs = Math.max(1, toMs(options.wave));
    const value = waveform({ ...options, periodMs }, random);
    return {
      async sample() {
        if (latencyMs > 0) await clock.sleep(latencyMs, { signal, name: 'dummy-sensor latency' });
        return { value: value(clock.monotonic() - startedAt) };
      },
    };
  },
});
