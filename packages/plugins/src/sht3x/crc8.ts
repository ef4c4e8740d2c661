/**
 * Sensirion's CRC-8: polynomial 0x31 (x⁸ + x⁵ + x⁴ + 1), initial value 0xff, nothing reflected, no final XOR
 * (Datasheet SHT3x-DIS §4.12, table 20; 0xBEEF gives 0x92).
 */
export function crc8(bytes: Uint8Array): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ 0x31 : crc << 1) & 0xff;
  }
  return crc;
}
