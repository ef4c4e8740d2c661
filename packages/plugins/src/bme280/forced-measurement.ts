import { type Clock, DeviceIdentityError, DeviceNotReadyError, hex } from '@hyphae/core';
import type { I2cDevice } from '@hyphae/hal';
import type { Settings } from './settings.js';

const ID = 0xd0;
const RESET = 0xe0;
const RESET_WORD = 0xb6;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;
const IM_UPDATE = 0b0001;
const MEASURING = 0b1000;
const OSRS_H = 0b0000_0111;
const FILTER = 0b0001_1100;

/** Start-up after a reset takes 2 ms at most (BST-BME280-DS002 §1.1, table 1). */
const STARTUP_MS = 2;
const STARTUP_POLLS = 10;
/** Looks at the busy flag again this often; past that, the chip is not late but broken. */
const BUSY_POLLS = 4;

/** What tells the members of the family apart. */
export interface Part {
  readonly name: string;
  /** Identities this part answers with. */
  readonly ids: readonly number[];
  /** Bytes of one result: temperature and pressure, and humidity where there is one. */
  readonly dataLength: 6 | 8;
}

/** Bosch BME280 (BST-BME280-DS002 §5.4.1). */
export const BME280: Part = { name: 'BME280', ids: [0x60], dataLength: 8 };
/** Bosch BMP280; 0x56 and 0x57 are samples (BST-BMP280-DS001 §4.3.1). */
export const BMP280: Part = { name: 'BMP280', ids: [0x58, 0x57, 0x56], dataLength: 6 };

/** What a driver of the family works with. */
export interface DriverContext {
  readonly chip: I2cDevice;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Makes sure that the chip is the one expected, and resets it.
 *
 * @throws HYP_DEVICE_IDENTITY, HYP_DEVICE_NOT_READY when it does not come out of its reset, errors of the bus
 */
export async function identify(part: Part, { chip, clock, signal }: DriverContext): Promise<void> {
  const [id] = await chip.readRegister(ID);
  if (id === undefined || !part.ids.includes(id)) {
    throw new DeviceIdentityError({
      device: chip.name,
      expected: `${part.ids.map(hex).join(' or ')} (${part.name})`,
      found: `${hex(id)}${describe(id)}`,
    });
  }
  await chip.writeRegister(RESET, RESET_WORD);
  for (let poll = 0; poll < STARTUP_POLLS; poll++) {
    await clock.sleep(STARTUP_MS, { signal, name: `${chip.name} start-up` });
    const [status = IM_UPDATE] = await chip.readRegister(STATUS);
    if ((status & IM_UPDATE) === 0) return;
  }
  throw new DeviceNotReadyError({ device: chip.name, why: 'it never finished loading its calibration after a reset' });
}

/** Names a relative, so that the owner of a mislabelled breakout board learns which plugin it wants. */
function describe(id: number | undefined): string {
  const relative = [BME280, BMP280].find(({ ids }) => id !== undefined && ids.includes(id));
  return relative ? `, a ${relative.name}: use plugin ${relative.name.toLowerCase()}` : '';
}

/**
 * Takes one measurement in forced mode, after which the chip sleeps (BST-BME280-DS002 §3.3.3), and returns the data registers.
 * The bus is free during the conversion.
 *
 * @throws HYP_DEVICE_NOT_READY when the chip is still busy long after, or has lost its settings; errors of the bus
 */
export async function measure(
  part: Part,
  settings: Settings,
  { chip, clock, signal }: DriverContext,
): Promise<Uint8Array> {
  // Written every time, for a chip that lost its supply for a moment would otherwise skip humidity from then on. It is taken
  // over by the next write of ctrl_meas (§5.4.3), and a register is its own transaction: §6.2.1 does not increment writes.
  if (part.dataLength === 8) await chip.writeRegister(CTRL_HUM, settings.ctrlHum);
  await chip.writeRegister(CTRL_MEAS, settings.ctrlMeas);
  const waitMs = Math.ceil(settings.measurementMs); // whole milliseconds: timers have no finer ones, and none may be early
  await clock.sleep(waitMs, { signal, name: `${chip.name} conversion` });
  for (let poll = 0; ; poll++) {
    const [humidity = 0, status = MEASURING, , config = 0] = await chip.readRegister(CTRL_HUM, CONFIG - CTRL_HUM + 1);
    if ((status & MEASURING) === 0) {
      const humidityKept = part.dataLength === 6 || (humidity & OSRS_H) === settings.ctrlHum; // 0xf2 is reserved on a BMP280
      if (humidityKept && (config & FILTER) === settings.config) break;
      await configure(settings, chip);
      throw new DeviceNotReadyError({ device: chip.name, why: 'it has restarted and lost its settings' });
    }
    if (poll === BUSY_POLLS) {
      throw new DeviceNotReadyError({ device: chip.name, why: `still measuring after ${2 * waitMs} ms` });
    }
    await clock.sleep(waitMs / BUSY_POLLS, { signal, name: `${chip.name} conversion` });
  }
  return chip.readRegister(DATA, part.dataLength);
}

/** Writes what lasts from one measurement to the next. The chip sleeps meanwhile, as §5.4.6 wants. */
export async function configure(settings: Settings, chip: I2cDevice): Promise<void> {
  await chip.writeRegister(CONFIG, settings.config);
}
