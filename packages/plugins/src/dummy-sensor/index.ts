import { defineSensor, type Duration, toMs } from '@hyphae/core';
import { Type } from '@sinclair/typebox';
import { waveform } from './waveform.js';

const duration = {
  type: ['string', 'number'],
  pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$',
};

/** Options of {@link dummySensor}. */
export const dummySensorOptions = Type.Object(
  {
    shape: Type.Union(
      [Type.Literal('constant'), Type.Literal('sine'), Type.Literal('random-walk'), Type.Literal('noise')],
      { default: 'sine' },
    ),
    mean: Type.Number({ default: 0, description: 'Middle of the values.' }),
    amplitude: Type.Number({ minimum: 0, default: 1, description: 'How far the values go from the mean.' }),
    wave: Type.Unsafe<Duration>({
      ...duration,
      exclusiveMinimum: 0,
      default: '1 h',
      description: 'Length of a sine wave, or the pace of a random walk.',
    }),
    latency: Type.Unsafe<Duration>({
      ...duration,
      minimum: 0,
      default: 0,
      description: 'How long each reading takes.',
    }),
  },
  { additionalProperties: false },
);

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
    const latencyMs = toMs(options.latency);
    const value = waveform({ ...options, periodMs: Math.max(1, toMs(options.wave)) }, random);
    return {
      async sample() {
        if (latencyMs > 0) await clock.sleep(latencyMs, { signal, name: 'dummy-sensor latency' });
        return { value: value(clock.monotonic() - startedAt) };
      },
    };
  },
});
