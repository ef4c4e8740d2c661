/*
 * Serves simulated chips behind a real kernel adapter, by the protocol of the rig's i2c-usersim module: each transfer arrives as
 * { u32 id, u32 messages } { u16 address, u16 flags, u16 length, u16 0 }… and the bytes written; the answer is { u32 id, s32 status }
 * and the bytes read. The adapter lives as long as the file is open.
 */
import { open } from 'node:fs/promises';

const I2C_M_RD = 1;
const EREMOTEIO = 121;
const ESTALE = 116;

/**
 * @param chips our simulated chips (`SimI2cChip`) by address
 * @param faults by address: an error number to fail with, or 'silent' for a chip that never answers
 */
export async function serveChips({ chips, faults = new Map(), clock }) {
  for (const chip of chips.values()) chip.powerOn?.(clock);
  const file = await open('/dev/i2c-usersim', 'r+');
  const buffer = Buffer.alloc(65_536);
  await file.read(buffer, 0, buffer.length, null);
  const bus = buffer.readUInt32LE(4);
  const transactions = [];

  const answer = async (id, status, reads = []) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(id, 0);
    head.writeInt32LE(status, 4);
    try {
      await file.write(Buffer.concat([head, ...(status < 0 ? [] : reads)]));
    } catch (error) {
      if (Math.abs(error.errno) !== ESTALE) throw error; // the transfer had timed out meanwhile
    }
  };

  const serve = async () => {
    for (;;) {
      await file.read(buffer, 0, buffer.length, null);
      const id = buffer.readUInt32LE(0);
      const count = buffer.readUInt32LE(4);
      const messages = Array.from({ length: count }, (_, index) => ({
        address: buffer.readUInt16LE(8 + 8 * index),
        reads: (buffer.readUInt16LE(10 + 8 * index) & I2C_M_RD) !== 0,
        length: buffer.readUInt16LE(12 + 8 * index),
      }));
      let at = 8 + 8 * count;
      const segments = messages.map(({ reads, length }) => {
        if (reads) return { read: length };
        const write = Uint8Array.from(buffer.subarray(at, at + length));
        at += length;
        return { write };
      });
      const address = messages[0].address;
      transactions.push({ address, segments: segments.map((segment) => ('read' in segment ? 'r' : 'w')).join('') });
      const fault = faults.get(address);
      if (fault === 'silent') continue;
      const reads = fault === undefined ? chips.get(address)?.transfer(segments) : undefined;
      await answer(id, reads ? 0 : -(fault ?? EREMOTEIO), reads);
    }
  };
  const ended = serve().catch((error) => console.error('usersim:', error));
  return { bus, transactions, ended };
}
