/**
 * The 1-Wire CRC: polynomial x⁸ + x⁵ + x⁴ + 1, least significant bit first (0x8C), initial value 0.
 *
 * Source: Maxim application note 27, "Understanding and Using Cyclic Redundancy Checks with 1-Wire and iButton Products".
 */
export function dallasCrc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}
