import type { I2cSegment } from '../i2c/i2c-bus.js';
import type { I2cFunctions } from './native.js';

/** The most data bytes an SMBus block transfer carries (SMBus 2.0 §5.5.7, `I2C_SMBUS_BLOCK_MAX`). */
export const SMBUS_BLOCK = 32;

/** One way of carrying out a transaction. */
export type I2cPlan =
  | { readonly how: 'write'; readonly bytes: Uint8Array }
  | { readonly how: 'read'; readonly length: number }
  | { readonly how: 'combined' }
  | { readonly how: 'quick' }
  | { readonly how: 'receive-byte' }
  | { readonly how: 'send-byte'; readonly byte: number }
  | { readonly how: 'read-byte'; readonly register: number }
  | { readonly how: 'read-word'; readonly register: number }
  | { readonly how: 'read-block'; readonly register: number; readonly length: number }
  | { readonly how: 'write-byte'; readonly register: number; readonly byte: number }
  | { readonly how: 'write-word'; readonly register: number; readonly word: number }
  | { readonly how: 'write-block'; readonly register: number; readonly bytes: Uint8Array }
  | { readonly how: 'impossible'; readonly why: string };

const impossible = (why: string): I2cPlan => ({ how: 'impossible', why });

/**
 * Chooses how to carry out a transaction on an adapter. A write followed by a read keeps its repeated start: as an SMBus block
 * read where that has the same bits on the wire, else as one combined transfer. Adapters without plain I²C get the SMBus
 * command with the same bits on the wire; what SMBus cannot say is impossible there, with the reason.
 */
export function planTransfer(segments: readonly I2cSegment[], can: I2cFunctions): I2cPlan {
  const [first, second] = segments;
  if (!first) return impossible('there is nothing to transfer');
  if (segments.some((segment) => 'read' in segment && segment.read < 1)) return impossible('a read of no bytes');
  if (segments.length === 1) return 'write' in first ? planWrite(first.write, can) : planRead(first.read, can);
  if (segments.length === 2 && second && 'write' in first && 'read' in second) {
    const [register] = first.write;
    if (first.write.length === 1 && register !== undefined) {
      const plan = planRegisterRead(register, second.read, can);
      if (plan) return plan;
    }
  }
  if (can.i2c) return { how: 'combined' };
  return impossible('this adapter knows only SMBus commands: a register number and at most 32 bytes');
}

function planWrite(bytes: Uint8Array, can: I2cFunctions): I2cPlan {
  const [register, data, high] = bytes;
  if (register === undefined) {
    return can.smbusQuick ? { how: 'quick' } : impossible('this adapter cannot address a chip without data');
  }
  if (can.i2c) return { how: 'write', bytes };
  if (data === undefined && can.smbusSendByte) return { how: 'send-byte', byte: register };
  if (data !== undefined && bytes.length === 2 && can.smbusWriteByte)
    return { how: 'write-byte', register, byte: data };
  if (data !== undefined && bytes.length <= SMBUS_BLOCK + 1 && can.smbusWriteI2cBlock) {
    return { how: 'write-block', register, bytes: bytes.subarray(1) };
  }
  if (data !== undefined && high !== undefined && bytes.length === 3 && can.smbusWriteWord) {
    return { how: 'write-word', register, word: data | (high << 8) };
  }
  return impossible(`this adapter knows only SMBus commands, and none of them writes ${bytes.length} bytes`);
}

function planRead(length: number, can: I2cFunctions): I2cPlan {
  if (can.i2c) return { how: 'read', length };
  if (length === 1 && can.smbusReceiveByte) return { how: 'receive-byte' };
  return impossible(
    `this adapter knows only SMBus commands, and none of them reads ${length} bytes without a register`,
  );
}

function planRegisterRead(register: number, length: number, can: I2cFunctions): I2cPlan | undefined {
  if (length <= SMBUS_BLOCK && can.smbusReadI2cBlock) return { how: 'read-block', register, length };
  if (can.i2c) return undefined;
  if (length === 1 && can.smbusReadByte) return { how: 'read-byte', register };
  if (length === 2 && can.smbusReadWord) return { how: 'read-word', register };
  return undefined;
}
