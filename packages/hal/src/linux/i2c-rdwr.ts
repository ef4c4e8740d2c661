import { endianness } from 'node:os';
import type { I2cSegment } from '../i2c/i2c-bus.js';
import type { Libc } from './libc.js';

// linux/i2c-dev.h and linux/i2c.h
const I2C_SLAVE = 0x0703;
const I2C_RDWR = 0x0707;
const I2C_M_RD = 0x0001;
const LITTLE = endianness() === 'LE';

/** The most segments one combined transfer takes (`I2C_RDWR_IOCTL_MAX_MSGS`). */
export const MAX_SEGMENTS = 42;
/** The most bytes of one segment (`i2cdev_ioctl_rdwr` in drivers/i2c/i2c-dev.c). */
export const MAX_SEGMENT_BYTES = 8192;

/** Refuses a transfer that the kernel ended early: what is missing would read as zeros. */
export type Whole = (
  done: number,
  asked: number,
  what: 'bytes were read' | 'bytes were written' | 'segments were transferred',
) => void;

/**
 * Runs a transaction as one combined transfer: repeated starts between the segments, one stop at the end.
 *
 * `struct i2c_rdwr_ioctl_data { struct i2c_msg *msgs; __u32 nmsgs; }`, then `nmsgs` times
 * `struct i2c_msg { __u16 addr; __u16 flags; __u16 len; __u8 *buf; }`, then the data, all in one buffer.
 *
 * @throws the system error; EBUSY when a kernel driver holds the address
 */
export async function combinedTransfer(
  libc: Libc,
  fd: number,
  address: number,
  segments: readonly I2cSegment[],
  whole: Whole,
): Promise<Uint8Array[]> {
  // I2C_RDWR itself does not ask whether a kernel driver owns the address.
  await libc.ioctlValue(fd, I2C_SLAVE, address);
  const { pointerBytes } = libc;
  const head = 2 * pointerBytes;
  const messageBytes = 8 + pointerBytes;
  const dataStart = head + messageBytes * segments.length;
  const lengths = segments.map((segment) => ('write' in segment ? segment.write.length : segment.read));
  const memory = new Uint8Array(dataStart + lengths.reduce((sum, length) => sum + length, 0));
  const view = new DataView(memory.buffer);
  const base = libc.address(memory);
  const pointer = (offset: number, value: bigint) =>
    pointerBytes === 8 ? view.setBigUint64(offset, value, LITTLE) : view.setUint32(offset, Number(value), LITTLE);

  pointer(0, base + BigInt(head));
  view.setUint32(pointerBytes, segments.length, LITTLE);
  const starts: number[] = [];
  let data = dataStart;
  segments.forEach((segment, index) => {
    const at = head + messageBytes * index;
    const length = lengths[index] ?? 0;
    view.setUint16(at, address, LITTLE);
    view.setUint16(at + 2, 'read' in segment ? I2C_M_RD : 0, LITTLE);
    view.setUint16(at + 4, length, LITTLE);
    pointer(at + 8, base + BigInt(data));
    if ('write' in segment) memory.set(segment.write, data);
    starts.push(data);
    data += length;
  });
  whole(await libc.ioctl(fd, I2C_RDWR, memory), segments.length, 'segments were transferred');
  return segments.flatMap((segment, index) => {
    const start = starts[index] ?? 0;
    return 'read' in segment ? [memory.slice(start, start + segment.read)] : [];
  });
}
