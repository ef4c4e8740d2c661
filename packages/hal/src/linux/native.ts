import { ModuleMissingError } from '@hyphae/core';

// The shapes used of each native module, declared here so that this package compiles where the module is not installed.

/** Node-style callback. */
export type Done<T = void> = (error: Error | null, value?: T) => void;

/** What an adapter can do, as i2c-bus reports it. */
export interface I2cFunctions {
  readonly i2c: boolean;
  readonly smbusQuick: boolean;
  readonly smbusReceiveByte: boolean;
  readonly smbusSendByte: boolean;
  readonly smbusReadByte: boolean;
  readonly smbusWriteByte: boolean;
  readonly smbusReadWord: boolean;
  readonly smbusWriteWord: boolean;
  readonly smbusReadI2cBlock: boolean;
  readonly smbusWriteI2cBlock: boolean;
}

/** An open bus of i2c-bus 5. */
export interface NativeI2cBus {
  i2cFuncs(done: Done<I2cFunctions>): void;
  i2cRead(address: number, length: number, into: Buffer, done: Done<number>): void;
  i2cWrite(address: number, length: number, from: Buffer, done: Done<number>): void;
  readI2cBlock(address: number, command: number, length: number, into: Buffer, done: Done<number>): void;
  writeI2cBlock(address: number, command: number, length: number, from: Buffer, done: Done<number>): void;
  readByte(address: number, command: number, done: Done<number>): void;
  writeByte(address: number, command: number, byte: number, done: Done): void;
  readWord(address: number, command: number, done: Done<number>): void;
  writeWord(address: number, command: number, word: number, done: Done): void;
  receiveByte(address: number, done: Done<number>): void;
  sendByte(address: number, byte: number, done: Done): void;
  writeQuick(address: number, bit: 0 | 1, done: Done): void;
  close(done: Done): void;
}

/** The module i2c-bus. Opening is lazy there: it touches no file. */
export interface I2cBusModule {
  openSync(bus: number): NativeI2cBus;
}

/** A C function bound by koffi: called at once, or on the thread pool. */
export interface NativeFunction {
  (...parameters: readonly unknown[]): number;
  async(...parameters: readonly unknown[]): void;
}

/** A descriptor watched by Node's own event loop. */
export interface NativePoll {
  close(): void;
}

/** The module koffi 3.3. */
export interface KoffiModule {
  load(library: null): { func(name: string, result: string, parameters: readonly string[]): NativeFunction };
  errno(): number;
  address(buffer: Uint8Array): bigint;
  sizeof(type: string): number;
  readonly node: {
    poll(fd: number, interest: { readonly readable: true }, ready: () => void): NativePoll;
  };
}

/** A line of onoff 6, over sysfs. */
export interface NativeSysfsLine {
  read(done: (error: Error | null | undefined, value: 0 | 1) => void): void;
  write(value: 0 | 1, done: Done): void;
  watch(seen: (error: Error | null | undefined, value: 0 | 1) => void): void;
  unexport(): void;
}

/** The module onoff. */
export interface OnoffModule {
  readonly Gpio: new (
    line: number,
    direction: 'in' | 'high' | 'low',
    edge: 'none' | 'both',
    options: { readonly activeLow: boolean },
  ) => NativeSysfsLine;
}

/** An open port of serialport 13. */
export interface NativeSerialPort {
  readonly isOpen: boolean;
  open(done: (error: Error | null) => void): void;
  close(done: (error: Error | null) => void): void;
  write(bytes: Buffer, done: (error: Error | null | undefined) => void): boolean;
  drain(done: (error: Error | null) => void): void;
  flush(done: (error: Error | null) => void): void;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'close' | 'error', listener: (error: Error | null) => void): unknown;
}

/** The module serialport. */
export interface SerialportModule {
  readonly SerialPort: new (options: {
    readonly path: string;
    readonly baudRate: number;
    readonly dataBits: 7 | 8;
    readonly parity: 'none' | 'even' | 'odd';
    readonly stopBits: 1 | 2;
    readonly autoOpen: false;
  }) => NativeSerialPort;
}

const BUILT =
  'run `npm install {module}` where Hyphae is installed; it compiles, so a C++ compiler, make and python3 are needed';
const PREBUILT = 'run `npm install {module}` where Hyphae is installed; it brings its binary with it';

/** What each optional module is for, and how to get it. */
const MODULES = {
  'i2c-bus': { purpose: 'I²C on Linux', remedy: BUILT },
  koffi: { purpose: 'GPIO and long I²C transactions on Linux', remedy: PREBUILT },
  onoff: { purpose: 'GPIO over sysfs', remedy: BUILT },
  serialport: { purpose: 'Serial ports on Linux', remedy: PREBUILT },
} as const;

/** The optional native modules of this provider. */
export type NativeModule = keyof typeof MODULES;

/** Loads a module by name; the seam where tests and exotic hosts step in. */
export type Importer = (name: string) => Promise<unknown>;

/** The language's own dynamic import: nothing native is loaded before the first use. */
export const importModule: Importer = (name) => import(name);

/**
 * Loads an optional native module on first use. CommonJS modules arrive under `default`, which is unwrapped.
 *
 * @throws HYP_MODULE_MISSING naming the npm package and what to do
 */
export async function loadNative<T>(name: NativeModule, load: Importer = importModule): Promise<T> {
  try {
    const loaded = await load(name);
    const inner = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : undefined;
    return (inner ?? loaded) as T; // the shapes above describe what these packages export
  } catch (cause) {
    const { purpose, remedy } = MODULES[name];
    throw new ModuleMissingError({ module: name, purpose, remedy: remedy.replace('{module}', name) }, { cause });
  }
}
