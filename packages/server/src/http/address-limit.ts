import type { Socket } from 'node:net';

/** Bounds the connections of one address: whoever opens all he can must not keep everybody else out. */
export class AddressLimit {
  readonly #open = new Map<string, number>();

  constructor(readonly most: number) {}

  /** Counts a connection until it closes; one too many is closed at once. */
  readonly admit = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    const open = this.#open.get(address) ?? 0;
    if (open >= this.most) return void socket.destroy();
    this.#open.set(address, open + 1);
    socket.once('close', () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left > 0) this.#open.set(address, left);
      else this.#open.delete(address);
    });
  };
}
