import { createRequire } from 'node:module';
// eslint-disable-next-line no-restricted-syntax -- no measure of time: the event loop's own way of starting a fresh callback
import { setImmediate } from 'node:timers';

type PollListener = (error: Error | null) => void;
interface PollerPrototype {
  once: (event: string, listener: PollListener) => unknown;
}

const mended = new WeakSet<object>();

/** True for the Node versions on which serialport reads stall (serialport/node-serialport#3148). */
export function stallsSerialport(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 26 || (major === 26 && minor >= 4);
}

/**
 * Makes each event of a serialport poller start from a fresh callback of the event loop. The binding calls its listeners from
 * where newer Nodes no longer run promise reactions afterwards, so the read that the event announces never began.
 */
export function deferPollEvents(prototype: PollerPrototype): void {
  if (mended.has(prototype)) return;
  mended.add(prototype);
  const { once } = prototype; // lent to each poller when it calls
  prototype.once = function (this: unknown, event: string, listener: PollListener) {
    return once.call(this, event, (error) => void setImmediate(listener, error));
  };
}

/** Mends the installed serialport where this Node needs it. A binding of another shape is left as it is. */
export function mendSerialport(version = process.versions.node): void {
  if (!stallsSerialport(version)) return;
  try {
    const here = createRequire(import.meta.url);
    const beside = createRequire(here.resolve('serialport')); // the binding is serialport's dependency, wherever npm put it
    const { Poller } = beside('@serialport/bindings-cpp/dist/poller.js') as { Poller: { prototype: PollerPrototype } };
    deferPollEvents(Poller.prototype);
  } catch {
    // Without that file the binding is one we do not know; it may need no mending.
  }
}
