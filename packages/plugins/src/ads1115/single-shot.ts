import {
  type Clock,
  DeviceIdentityError,
  DeviceNotReadyError,
  hex,
  OptionsInvalidError,
  type PluginContext,
  type Sensor,
} from '@hyphae/core';
import type { I2cDevice } from '@hyphae/hal';
import { conversionMs, encodeConfig, type Input, OS, type Part, type Range, volts } from './conversion.js';
import type { AdsOptions } from './options.js';

const CONVERSION = 0;
const CONFIG = 1;
const SETTINGS = 0x7fff;
/** Looks at the OS bit again this often; past that, the converter is not late but broken. */
const BUSY_POLLS = 4;

/** Channels of the family. One that is not configured is `undefined` in a sample, and nothing is published of it. */
type Voltages = { readonly a0: 'V'; readonly a1: 'V'; readonly a2: 'V'; readonly a3: 'V' };

interface Conversion {
  readonly input: Input;
  readonly config: number;
  readonly range: Range;
}

/**
 * Makes a sensor of a converter: each configured input in turn, one single-shot conversion each, the bus free meanwhile.
 *
 * @throws HYP_OPTIONS_INVALID, HYP_DEVICE_IDENTITY when the settings do not read back, errors of the bus
 */
export async function startConverter(
  part: Part,
  chip: I2cDevice,
  { clock, signal, options }: PluginContext<AdsOptions>,
): Promise<Sensor<Voltages>> {
  const conversions = options.inputs.map((input) => conversionOf(part, input, options));
  await recognise(part, chip, conversions);
  const waitMs = Math.ceil(conversionMs(options.rate));
  return {
    async sample() {
      const values: Record<Input, number | null | undefined> = {
        a0: undefined,
        a1: undefined,
        a2: undefined,
        a3: undefined,
      };
      for (const { input, config, range } of conversions) {
        await writeWord(chip, CONFIG, config);
        await conversionEnd(chip, config, waitMs, clock, signal);
        values[input] = volts(part, await readWord(chip, CONVERSION), range);
      }
      return values;
    },
  };
}

function conversionOf(part: Part, input: Input, { range, ranges, minus, rate }: AdsOptions): Conversion {
  const chosen = ranges[input] ?? range;
  const negative = input === 'a3' ? undefined : minus[input];
  const config = encodeConfig(part, { input, minus: negative, range: chosen, rate });
  if (config === undefined) {
    const problem = `${input} minus ${negative ?? 'ground'} at ${rate} samples/s is not something it can do`;
    throw new OptionsInvalidError({ plugin: part.name.toLowerCase(), problems: [problem] });
  }
  return { input, config, range: chosen };
}

/** The chip has no identity register: it is taken for one when it keeps settings that no register happens to have. */
async function recognise(part: Part, chip: I2cDevice, conversions: readonly Conversion[]): Promise<void> {
  const settings = (conversions[0]?.config ?? 0) & SETTINGS;
  await writeWord(chip, CONFIG, settings);
  const found = (await readWord(chip, CONFIG)) & SETTINGS;
  if (found === settings) return;
  throw new DeviceIdentityError({
    device: chip.name,
    expected: `${hex(settings)}, the settings just written to an ${part.name}`,
    found: hex(found),
  });
}

async function conversionEnd(
  chip: I2cDevice,
  config: number,
  waitMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(waitMs, { signal, name: `${chip.name} conversion` });
  for (let poll = 0; ; poll++) {
    const found = await readWord(chip, CONFIG);
    if (((found ^ config) & SETTINGS) !== 0) {
      // Then the result belongs to another input or another range.
      throw new DeviceNotReadyError({
        device: chip.name,
        why: 'its settings changed during a conversion: it has restarted',
      });
    }
    if ((found & OS) !== 0) return;
    if (poll === BUSY_POLLS) {
      throw new DeviceNotReadyError({ device: chip.name, why: `still converting after ${2 * waitMs} ms` });
    }
    await clock.sleep(waitMs / BUSY_POLLS, { signal, name: `${chip.name} conversion` });
  }
}

async function readWord(chip: I2cDevice, register: number): Promise<number> {
  const [high, low] = await chip.readRegister(register, 2);
  if (high === undefined || low === undefined) {
    throw new DeviceNotReadyError({ device: chip.name, why: `register ${register} came incomplete` });
  }
  return (high << 8) | low;
}

function writeWord(chip: I2cDevice, register: number, word: number): Promise<void> {
  return chip.writeRegister(register, word >> 8, word & 0xff);
}
