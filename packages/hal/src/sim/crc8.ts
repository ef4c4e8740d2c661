/**
 * CRC-8 as Sensirion's chips compute it: polynomial 0x31, initial value 0xff, most significant bit first (SHT3x datasheet,
 * table 20: 0xbe 0xef gives 0x92).
 */
export function sensirionCrc(bytes: Iterable<number>): number {
  let crc = 0xff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x31) & 0xff : crc << 1;
  }
  return crc;
}
