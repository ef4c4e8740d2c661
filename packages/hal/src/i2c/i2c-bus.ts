/** One part of an I²C transaction. */
export type I2cSegment = { readonly write: Uint8Array } | { readonly read: number };

/** A bus. Drivers never hold one: they hold an {@link I2cDevice}. Providers implement only this. */
export interface I2cBus {
  /** Such as `i2c-1`. */
  readonly name: string;
  /**
   * Runs the segments as one transaction: repeated starts between them, nobody else on the bus until it ends.
   *
   * @param address 7-bit, 0x03 to 0x77
   * @returns the bytes of each read segment, in order
   * @throws HYP_I2C_NO_ACK, HYP_I2C_ARBITRATION, HYP_I2C_TIMEOUT, HYP_I2C_BUS, HYP_I2C_BUSY, HYP_I2C_STUCK
   * (and, from a shared bus, HYP_I2C_HELD, HYP_I2C_QUEUE, HYP_I2C_ARGUMENT)
   */
  transfer(address: number, segments: readonly I2cSegment[]): Promise<Uint8Array[]>;
}
