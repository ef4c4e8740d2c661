/** The least a provider gives for a serial port; {@link FramedPort} makes a port of it. */
export interface ByteTransport {
  readonly name: string;
  /** Resolves when the bytes have left the machine. The port does not overlap writes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Calls `listener` with bytes as they arrive. The port copies them. Called once, by the port. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Calls `listener` once when the other end is gone: unplugged, hung up. Called once, by the port. */
  onClose(listener: (why: string) => void): void;
  /** Throws away what the operating system holds for the port. */
  discard?(): Promise<void>;
}
