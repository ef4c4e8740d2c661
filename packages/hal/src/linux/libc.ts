import { errnoName } from './errno.js';
import { type Importer, importModule, type KoffiModule, loadNative, type NativePoll } from './native.js';

const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000; // asm-generic/fcntl.h

/** A system call that failed, in the shape of Node's own system errors. */
export class SystemCallError extends Error {
  constructor(
    readonly syscall: string,
    readonly errno: number,
  ) {
    super(`${syscall}: ${errnoName(errno)}`);
  }

  get code(): string {
    return errnoName(this.errno);
  }
}

/** The few C functions the character devices need and Node lacks. Calls that may wait run on the thread pool. */
export interface Libc {
  /** An ioctl whose argument is a structure, read and written in place. Gives what the call returned, which some count with. */
  ioctl(fd: number, request: number, argument: Uint8Array): Promise<number>;
  /** An ioctl whose argument is a number. */
  ioctlValue(fd: number, request: number, argument: number): Promise<number>;
  /** Makes reads return EAGAIN instead of waiting. */
  setNonBlocking(fd: number): void;
  /** Calls `ready` from the event loop whenever the descriptor has something to read, without a thread of its own. */
  watch(fd: number, ready: () => void): NativePoll;
  /** Where a buffer's bytes are, for structures that hold pointers. The buffer must be kept until the call has ended. */
  address(buffer: Uint8Array): bigint;
  readonly pointerBytes: number;
}

/**
 * Binds the C library through koffi.
 *
 * @throws HYP_MODULE_MISSING when koffi is not installed
 */
export async function loadLibc(load: Importer = importModule): Promise<Libc> {
  const koffi = await loadNative<KoffiModule>('koffi', load);
  const library = koffi.load(null); // what is already in the process: works for glibc and musl alike
  // ioctl and fcntl are variadic in C. Linux ABIs pass integers and pointers to variadic functions as to any other, and
  // koffi calls variadic functions only synchronously, so they are bound with the one argument they are given.
  const ioctl = library.func('ioctl', 'int', ['int', 'unsigned long', 'void *']);
  const ioctlValue = library.func('ioctl', 'int', ['int', 'unsigned long', 'long']);
  const fcntl = library.func('fcntl', 'int', ['int', 'int', 'long']);

  const call = (name: string, bound: typeof ioctl, ...parameters: readonly unknown[]) =>
    new Promise<number>((resolve, reject) => {
      bound.async(...parameters, (failure: Error | null, result: number) => {
        if (failure) reject(failure);
        else if (result < 0) reject(new SystemCallError(name, koffi.errno()));
        else resolve(result);
      });
    });

  return {
    ioctl: (fd, request, argument) => call('ioctl', ioctl, fd, request, argument),
    ioctlValue: (fd, request, argument) => call('ioctl', ioctlValue, fd, request, argument),
    setNonBlocking(fd) {
      const flags = fcntl(fd, F_GETFL, 0);
      if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) throw new SystemCallError('fcntl', koffi.errno());
    },
    watch: (fd, ready) => koffi.node.poll(fd, { readable: true }, ready),
    address: (buffer) => koffi.address(buffer),
    pointerBytes: koffi.sizeof('void *'),
  };
}
