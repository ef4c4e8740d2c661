import { endianness } from 'node:os';

/*
 * The GPIO character device, version 2: include/uapi/linux/gpio.h of the kernel (since 5.10). Every structure has the same layout
 * on 32 and 64 bit, by design of that interface; only the byte order is the machine's. The request numbers are those of
 * asm-generic/ioctl.h, which every architecture Node runs on uses except PowerPC and MIPS.
 */

const LITTLE = endianness() === 'LE';
const NAME_BYTES = 32; // GPIO_MAX_NAME_SIZE
const READ = 2;
const READ_WRITE = 3;
const request = (direction: number, number: number, size: number) =>
  direction * 2 ** 30 + ((size << 16) | (0xb4 << 8) | number);

const CHIP_INFO_BYTES = 68; // struct gpiochip_info: name, label, lines
const LINE_INFO_BYTES = 256; // struct gpio_v2_line_info
const REQUEST_BYTES = 592; // struct gpio_v2_line_request
const VALUES_BYTES = 16; // struct gpio_v2_line_values: bits, mask

/** Size of `struct gpio_v2_line_event`. */
export const EVENT_BYTES = 48;

export const GPIO_GET_CHIPINFO_IOCTL = request(READ, 0x01, CHIP_INFO_BYTES);
export const GPIO_V2_GET_LINEINFO_IOCTL = request(READ_WRITE, 0x05, LINE_INFO_BYTES);
export const GPIO_V2_GET_LINE_IOCTL = request(READ_WRITE, 0x07, REQUEST_BYTES);
export const GPIO_V2_LINE_GET_VALUES_IOCTL = request(READ_WRITE, 0x0e, VALUES_BYTES);
export const GPIO_V2_LINE_SET_VALUES_IOCTL = request(READ_WRITE, 0x0f, VALUES_BYTES);

/** `enum gpio_v2_line_flag`. */
export const LINE_FLAG = {
  USED: 1 << 0,
  ACTIVE_LOW: 1 << 1,
  INPUT: 1 << 2,
  OUTPUT: 1 << 3,
  EDGE_RISING: 1 << 4,
  EDGE_FALLING: 1 << 5,
  OPEN_DRAIN: 1 << 6,
  OPEN_SOURCE: 1 << 7,
  BIAS_PULL_UP: 1 << 8,
  BIAS_PULL_DOWN: 1 << 9,
  BIAS_DISABLED: 1 << 10,
} as const;

const ATTR_OUTPUT_VALUES = 2; // GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES
const EVENT_RISING_EDGE = 1; // GPIO_V2_LINE_EVENT_RISING_EDGE

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes: Uint8Array, start: number): string {
  const field = Buffer.from(bytes.buffer, bytes.byteOffset + start, NAME_BYTES);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? NAME_BYTES : end);
}

/** `struct gpiochip_info`: what a chip says of itself. */
export const chipInfo = {
  allocate: () => new Uint8Array(CHIP_INFO_BYTES),
  parse: (bytes: Uint8Array) => ({
    name: text(bytes, 0),
    label: text(bytes, NAME_BYTES),
    lines: viewOf(bytes).getUint32(2 * NAME_BYTES, LITTLE),
  }),
};

/** `struct gpio_v2_line_info`: name, consumer and flags of one line. */
export const lineInfo = {
  allocate(offset: number): Uint8Array {
    const bytes = new Uint8Array(LINE_INFO_BYTES);
    viewOf(bytes).setUint32(64, offset, LITTLE);
    return bytes;
  },
  parse(bytes: Uint8Array) {
    const flags = viewOf(bytes).getBigUint64(72, LITTLE);
    return {
      name: text(bytes, 0),
      consumer: text(bytes, NAME_BYTES),
      used: (flags & BigInt(LINE_FLAG.USED)) !== 0n,
      flags,
    };
  },
};

/** What a request for one line says. */
export interface LineRequest {
  readonly offset: number;
  /** At most 31 bytes; shown by `gpioinfo`. */
  readonly consumer: string;
  /** Sum of {@link LINE_FLAG}. */
  readonly flags: number;
  /** The level an output starts with. */
  readonly initial?: 0 | 1;
  /** Edges the kernel keeps while nobody reads. */
  readonly eventBuffer?: number;
}

const CONFIG_AT = 288;

function writeConfig(view: DataView, at: number, flags: number, initial: 0 | 1 | undefined): void {
  view.setBigUint64(at, BigInt(flags), LITTLE);
  if (initial === undefined) return;
  view.setUint32(at + 8, 1, LITTLE); // num_attrs
  view.setUint32(at + 32, ATTR_OUTPUT_VALUES, LITTLE); // attrs[0].attr.id
  view.setBigUint64(at + 40, BigInt(initial), LITTLE); // attrs[0].attr.values
  view.setBigUint64(at + 48, 1n, LITTLE); // attrs[0].mask: the only line
}

/** `struct gpio_v2_line_request` for one line. */
export const lineRequest = {
  build({ offset, consumer, flags, initial, eventBuffer = 0 }: LineRequest): Uint8Array {
    const bytes = new Uint8Array(REQUEST_BYTES);
    const view = viewOf(bytes);
    view.setUint32(0, offset, LITTLE);
    bytes.set(Buffer.from(consumer, 'utf8').subarray(0, NAME_BYTES - 1), 256);
    writeConfig(view, CONFIG_AT, flags, initial);
    view.setUint32(560, 1, LITTLE); // num_lines
    view.setUint32(564, eventBuffer, LITTLE);
    return bytes;
  },
  /** The descriptor the kernel answered with. */
  fd: (bytes: Uint8Array) => viewOf(bytes).getInt32(588, LITTLE),
};

/** `struct gpio_v2_line_values` for one line. */
export const lineValues = {
  build(level: 0 | 1): Uint8Array {
    const bytes = new Uint8Array(VALUES_BYTES);
    const view = viewOf(bytes);
    view.setBigUint64(0, BigInt(level), LITTLE);
    view.setBigUint64(8, 1n, LITTLE);
    return bytes;
  },
  level: (bytes: Uint8Array): 0 | 1 => ((viewOf(bytes).getBigUint64(0, LITTLE) & 1n) === 1n ? 1 : 0),
};

/** One `struct gpio_v2_line_event`. */
export interface LineEvent {
  /** `CLOCK_MONOTONIC`, in nanoseconds. */
  readonly timestampNs: bigint;
  readonly level: 0 | 1;
  /** Counts the events of the line from 1; a gap is what the kernel had to drop. */
  readonly sequence: number;
}

/** The events in what a read of the line gave. */
export function lineEvents(bytes: Uint8Array): LineEvent[] {
  const view = viewOf(bytes);
  const events: LineEvent[] = [];
  for (let at = 0; at + EVENT_BYTES <= bytes.length; at += EVENT_BYTES) {
    events.push({
      timestampNs: view.getBigUint64(at, LITTLE),
      level: view.getUint32(at + 8, LITTLE) === EVENT_RISING_EDGE ? 1 : 0,
      sequence: view.getUint32(at + 20, LITTLE),
    });
  }
  return events;
}
