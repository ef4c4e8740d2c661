import { close } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LineSpec } from '../gpio/gpio.js';
import { ERRNO, errnoOf } from './errno.js';
import { gpioError } from './gpio-errors.js';
import {
  chipInfo,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINE_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  LINE_FLAG,
  lineInfo,
  lineRequest,
  type LineRequest,
} from './gpio-uapi.js';
import type { Libc } from './libc.js';

/** Closes a descriptor that the kernel handed out. */
export const closeDescriptor = promisify(close);

/** A line as the kernel describes it. */
export interface GpioLineInfo {
  readonly offset: number;
  /** Such as `GPIO17`; empty where the board names none. */
  readonly name: string;
  /** Who uses it; empty when nobody does or the user gave no name. */
  readonly consumer: string;
  readonly used: boolean;
}

/** A chip as the kernel describes it. */
export interface GpioChipInfo {
  /** Such as `gpiochip0`. The number may change from boot to boot; the label does not. */
  readonly name: string;
  readonly label: string;
  readonly lines: readonly GpioLineInfo[];
}

/** The chips that have a device file, in order. */
export async function listGpioChips(dev: string): Promise<readonly string[]> {
  const names = (await readdir(dev).catch(() => [])).filter((name) => /^gpiochip\d+$/.test(name));
  return names.sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)));
}

/** Asks a chip for its label and lines. Nothing is requested or changed. */
export async function describeGpioChip(libc: Libc, path: string): Promise<GpioChipInfo> {
  return withChip(path, async (fd) => {
    const info = chipInfo.allocate();
    await libc.ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, info);
    const { name, label, lines: count } = chipInfo.parse(info);
    const lines: GpioLineInfo[] = [];
    for (let offset = 0; offset < count; offset++) lines.push(await describeLine(libc, fd, offset));
    return { name, label, lines };
  });
}

/**
 * Requests one line.
 *
 * @returns the descriptor of the line; the line is ours until it is closed
 * @throws HYP_GPIO_BUSY naming the consumer, HYP_PERMISSION, HYP_GPIO_LINE, HYP_DEVICE_GONE
 */
export async function requestLine(libc: Libc, path: string, line: string, request: LineRequest): Promise<number> {
  try {
    return await withChip(path, async (fd) => {
      const bytes = lineRequest.build(request);
      try {
        await libc.ioctl(fd, GPIO_V2_GET_LINE_IOCTL, bytes);
      } catch (error) {
        if (errnoOf(error) !== ERRNO.EBUSY) throw error;
        const { consumer } = await describeLine(libc, fd, request.offset);
        throw gpioError(error, line, path, consumer);
      }
      return lineRequest.fd(bytes);
    });
  } catch (error) {
    throw errnoOf(error) === 0 ? error : gpioError(error, line, path);
  }
}

/** The flags that say how a line is wired. */
export function wiringFlags({ activeLow, bias }: LineSpec): number {
  const biasFlag = { up: LINE_FLAG.BIAS_PULL_UP, down: LINE_FLAG.BIAS_PULL_DOWN, off: LINE_FLAG.BIAS_DISABLED };
  return (activeLow === true ? LINE_FLAG.ACTIVE_LOW : 0) | (bias === undefined ? 0 : biasFlag[bias]);
}

async function withChip<T>(path: string, work: (fd: number) => Promise<T>): Promise<T> {
  const file = await open(path, 'r+');
  try {
    return await work(file.fd);
  } finally {
    await file.close();
  }
}

async function describeLine(libc: Libc, fd: number, offset: number): Promise<GpioLineInfo> {
  const bytes = lineInfo.allocate(offset);
  await libc.ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, bytes);
  const { name, consumer, used } = lineInfo.parse(bytes);
  return { offset, name, consumer, used };
}
