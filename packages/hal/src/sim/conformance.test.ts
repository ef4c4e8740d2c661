import type { Clock } from '@hyphae/core';
import { VirtualClock } from '@hyphae/core/testing';
import { gpioConformance, i2cConformance, serialConformance } from '../testing/index.js';
import type { SimSerialDevice } from './chip.js';
import { RegisterChip } from './register-chip.js';
import { simBoard, type SimBoard } from './sim-board.js';

async function opened(sim: SimBoard) {
  const clock = new VirtualClock();
  const board = await sim.open({ clock });
  return {
    board,
    clock,
    run: <T>(work: Promise<T>) => clock.run(work),
    async [Symbol.asyncDispose]() {
      await board[Symbol.asyncDispose]();
      if (clock.waiting.length > 0) throw new Error(`timers left: ${clock.waiting.join(', ')}`);
    },
  };
}

for (const busTime of [false, true]) {
  i2cConformance(busTime ? 'sim with bus time' : 'sim', async () => ({
    ...(await opened(simBoard({ i2c: { 0x50: new RegisterChip() }, busTime }))),
    bus: 'i2c-1',
    chip: 0x50,
    absent: 0x51,
  }));
}

gpioConformance('sim', async () => {
  const sim = simBoard();
  return {
    ...(await opened(sim)),
    output: 'gpiochip0/17',
    input: 'gpiochip0/5',
    level: async () => sim.line('gpiochip0/17').level,
    drive: async (level) => sim.line('gpiochip0/5').drive(level),
  };
});

class FarEnd implements SimSerialDevice {
  onReceive: (bytes: Uint8Array) => void = () => {};
  send: (bytes: Uint8Array) => void = () => {};

  powerOn(_clock: Clock, send: (bytes: Uint8Array) => void): void {
    this.send = send;
  }

  receive(bytes: Uint8Array): void {
    this.onReceive(bytes);
  }
}

serialConformance('sim', async () => {
  const far = new FarEnd();
  const sim = simBoard({ serial: { '/dev/ttyS0': far } });
  return {
    ...(await opened(sim)),
    port: '/dev/ttyS0',
    get onReceive() {
      return far.onReceive;
    },
    set onReceive(listener) {
      far.onReceive = listener;
    },
    send: async (bytes) => far.send(bytes),
    hangUp: async () => sim.serialFaults('/dev/ttyS0').unplug(),
  };
});
