import { platform } from 'node:os';
import { type Clock, defineProvider, type HalProvider, type Presence, SystemClock } from '@hyphae/core';
import { type GpioInterface, LinuxBoard } from './linux-board.js';

/** How a {@link linuxBoard} looks at the machine. */
export interface LinuxBoardOptions {
  /** Default `auto`: the character device, and the legacy sysfs only on a kernel without it. */
  readonly gpio?: GpioInterface;
  /** Where sysfs is mounted. Default `/sys`. */
  readonly sysfs?: string;
  /** Where device files are. Default `/dev`. */
  readonly dev?: string;
}

/** This machine's own buses, lines and ports. */
export function linuxBoard(options: LinuxBoardOptions = {}): HalProvider {
  return {
    name: 'linux',
    probe: ({ clock } = { clock: new SystemClock() }) => probe(clock, options),
    open: ({ clock }) => LinuxBoard.open(clock, options),
  };
}

async function probe(clock: Clock, options: LinuxBoardOptions): Promise<Presence> {
  if (platform() !== 'linux') return { present: false, why: `this is ${platform()}, not Linux` };
  await using board = await LinuxBoard.open(clock, options);
  if ((await board.list()).length > 0) return { present: true };
  return {
    present: false,
    why: 'this machine has no I²C bus, GPIO chip, serial port, 1-Wire thermometer or PWM chip that this user can see',
  };
}

const text = { type: 'string', minLength: 1 } as const;

/** Boards of a configuration: `- provider: linux`. */
export const linuxProvider = defineProvider({
  id: 'linux',
  description: 'The I²C buses, GPIO lines, serial ports, 1-Wire thermometers and PWM channels of this machine',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      gpio: { enum: ['auto', 'character-device', 'sysfs'], default: 'auto' },
      sysfs: { ...text, default: '/sys' },
      dev: { ...text, default: '/dev' },
    },
  },
  create: ({ options }) => linuxBoard(options as LinuxBoardOptions), // validated against the schema above
});
