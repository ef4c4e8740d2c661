import { defineSensor, type JsonSchema, toMs } from '@hyphae/core';
import { serialPort } from '@hyphae/hal';
import { decodeCo2 } from './co2.js';
import { answerTo, COMMANDS, decodeAnswer, encodeRequest } from './frame.js';
import { ANSWER_TIMEOUT, applySettings } from './settings.js';
import { WarmUp } from './warm-up.js';

export { decodeCo2 } from './co2.js';
export { mhz19Checksum } from './frame.js';

/** Options of {@link mhz19}. */
export const mhz19Options = {
  type: 'object',
  additionalProperties: false,
  properties: {
    warmUp: {
      type: ['string', 'number'],
      pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|min|h|d)$',
      minimum: 0,
      default: '3 min',
      description:
        'Readings this soon after the start, or after a silence, are dropped: after power-on the sensor repeats a fixed value.',
    },
    selfCalibration: {
      enum: ['on', 'off'],
      description:
        'Automatic baseline correction. Written to the sensor where it differs. `off` in places that never see fresh air, greenhouses with CO2 dosing for one.',
    },
    range: {
      enum: [2000, 5000, 10000],
      description: 'Measuring range, ppm. Written to the sensor where it differs.',
    },
  },
} as const satisfies JsonSchema;

/**
 * Winsen MH-Z19, MH-Z19B or MH-Z19C carbon dioxide sensor on a serial port (MH-Z19B user's manual, version 1.0).
 *
 * One channel, `co2` in [ppm]. During warm-up it is `null`. Errors: HYP_CHECKSUM, HYP_DEVICE_NOT_READY, HYP_SERIAL_TIMEOUT,
 * HYP_SERIAL_CLOSED, HYP_SERIAL_OVERFLOW.
 */
export const mhz19 = defineSensor({
  id: 'mhz19',
  description: 'Winsen MH-Z19, MH-Z19B or MH-Z19C CO2 sensor on a serial port',
  channels: { co2: '[ppm]' },
  needs: { port: serialPort({ baudRate: 9600 }) },
  options: mhz19Options,
  period: '10 s',

  async start({ port }, { clock, options, signal, log }) {
    const warmUp = WarmUp.of(port);
    try {
      await applySettings(port, options, signal);
    } catch (error) {
      warmUp.failed(error);
      throw error;
    }
    // FromSchema does not read a list of types; the schema has checked it.
    const warmUpMs = toMs(options.warmUp);
    warmUp.begin(clock.monotonic(), warmUpMs);
    const request = encodeRequest(COMMANDS.readCo2);
    const framing = answerTo(COMMANDS.readCo2);
    const rangeMax = options.range ?? 10_000;
    return {
      async sample({ dueMs }) {
        let frame: Uint8Array;
        try {
          frame = await port.exchange(request, framing, { timeout: ANSWER_TIMEOUT, signal });
        } catch (error) {
          warmUp.failed(error, dueMs);
          throw error;
        }
        if (warmUp.answered()) {
          log.warn('the sensor was silent and may have been without power: its values wait for it to warm up', {
            warmUpMs,
          });
        }
        const data = decodeAnswer(frame, port.name);
        if (warmUp.warming(clock.monotonic())) return { co2: null };
        return { co2: decodeCo2(data, rangeMax, port.name) };
      },
    };
  },
});
