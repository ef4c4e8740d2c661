import { DeviceNotReadyError } from '@hyphae/core';

/**
 * The concentration in an answer to 0x86: data byte 0 × 256 + data byte 1 (datasheet, "Read CO2 concentration").
 *
 * @param data six bytes
 * @param rangeMax the largest value the sensor's range allows, ppm
 * @returns ppm
 * @throws HYP_DEVICE_NOT_READY for 0 or a value beyond the range, which the sensor gives when its optics have failed or before
 *   its first measurement
 */
export function decodeCo2(data: Uint8Array, rangeMax: number, device: string): number {
  const ppm = (data[0] ?? 0) * 256 + (data[1] ?? 0);
  if (ppm === 0) throw new DeviceNotReadyError({ device, why: 'it reports 0 ppm, as before its first measurement' });
  if (ppm > rangeMax)
    throw new DeviceNotReadyError({ device, why: `${ppm} ppm is beyond its range of ${rangeMax} ppm` });
  return ppm;
}
