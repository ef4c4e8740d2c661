import { DeviceNotReadyError } from '@hyphae/core';

/** Trimming values of the humidity channel, which a BMP280 has not (BST-BME280-DS002 §4.2.2, table 16). */
export interface HumidityCalibration {
  readonly h1: number;
  readonly h2: number;
  readonly h3: number;
  readonly h4: number;
  readonly h5: number;
  readonly h6: number;
}

/** Trimming values burnt into one chip, named as in the datasheet (BST-BME280-DS002 §4.2.2, table 16). */
export interface Calibration {
  readonly t1: number;
  readonly t2: number;
  readonly t3: number;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: number;
  readonly p5: number;
  readonly p6: number;
  readonly p7: number;
  readonly p8: number;
  readonly p9: number;
  readonly humidity: HumidityCalibration | undefined;
}

/** Registers 0x88 to 0xa1; a BMP280 ends at 0x9f. */
const LOW_LENGTH = 26;
const LOW_LENGTH_BMP = 24;
/** Registers 0xe1 to 0xe7. */
const HIGH_LENGTH = 7;

/**
 * Unpacks the trimming registers.
 *
 * @param low registers 0x88 to 0xa1 (26 bytes), or to 0x9f (24 bytes) of a BMP280
 * @param high registers 0xe1 to 0xe7 (7 bytes); a BMP280 has none
 * @param device named in the error
 * @throws HYP_DEVICE_NOT_READY when they cannot be trimming values: too few, 0x00 or 0xff throughout, or a P1 of zero,
 *   by which the pressure formula divides
 */
export function decodeCalibration(low: Uint8Array, high?: Uint8Array, device = 'the chip'): Calibration {
  const refuse = (why: string) => new DeviceNotReadyError({ device, why });
  if (low.length < (high ? LOW_LENGTH : LOW_LENGTH_BMP) || (high && high.length < HIGH_LENGTH)) {
    throw refuse(`only ${low.length} and ${high?.length ?? 0} bytes of calibration arrived`);
  }
  for (const blank of [0x00, 0xff]) {
    // A floating bus reads 0xff; memory not copied yet reads 0x00. An empty high block alone is as unusable.
    if (low.every((byte) => byte === blank) || high?.every((byte) => byte === blank)) {
      throw refuse(`its calibration reads ${blank === 0 ? '0x00' : '0xff'} throughout`);
    }
  }
  const a = new DataView(low.buffer, low.byteOffset, low.byteLength);
  const calibration = {
    t1: a.getUint16(0, true),
    t2: a.getInt16(2, true),
    t3: a.getInt16(4, true),
    p1: a.getUint16(6, true),
    p2: a.getInt16(8, true),
    p3: a.getInt16(10, true),
    p4: a.getInt16(12, true),
    p5: a.getInt16(14, true),
    p6: a.getInt16(16, true),
    p7: a.getInt16(18, true),
    p8: a.getInt16(20, true),
    p9: a.getInt16(22, true),
    humidity: high && decodeHumidity(a.getUint8(25), high),
  };
  if (calibration.p1 === 0) throw refuse('its calibration has P1 = 0, by which pressure would be divided');
  return calibration;
}

function decodeHumidity(h1: number, high: Uint8Array): HumidityCalibration {
  const b = new DataView(high.buffer, high.byteOffset, high.byteLength);
  // H4 and H5 are signed 12-bit values which share 0xe5: its low nibble belongs to H4, its high nibble to H5. The sign sits
  // in the byte each of them has for itself, so that byte is read as signed and the nibble is put below it.
  const shared = b.getUint8(4);
  return {
    h1,
    h2: b.getInt16(0, true),
    h3: b.getUint8(2),
    h4: (b.getInt8(3) << 4) | (shared & 0x0f),
    h5: (b.getInt8(5) << 4) | (shared >> 4),
    h6: b.getInt8(6),
  };
}
